import Mapping
import Records
import Sync
import Testing

@Suite struct SelectionTests {
    @Test func streamNamesAreReadAndWritten() {
        #expect(StreamName("billing.charges")?.description == "billing.charges")
        #expect(StreamName("billing") == nil)
    }
}
