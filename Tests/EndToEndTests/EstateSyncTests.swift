import LegacyEstate
import Testing

@Suite struct EstateSyncTests {
    @Test func theEstateHasPlantedFaults() {
        #expect(!Estate(EstateOptions(accounts: 400)).planted.isEmpty)
    }
}
