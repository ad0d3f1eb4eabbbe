import HeatModel
import Store
import Testing

/// A body that cannot be read is an error, not one that states nothing.
@Suite struct StoredObjectTests {
    @Test func membersOfABody() throws {
        let members = try StoredObject.members(of: Array(#"{"due_fen":5,"season":"2025-2026"}"#.utf8))
        #expect(members.count == 2 && members["due_fen"] as? Int == 5)
        #expect(try StoredObject.members(of: Array("{}".utf8)).isEmpty)
    }

    @Test(arguments: ["", "x", #"{"due_fen":"#, "[1]", "null", "\u{0}"]) func whatIsNoObjectIsRefused(_ text: String) {
        let error = #expect(throws: HearthError.self) { try StoredObject.members(of: Array(text.utf8)) }
        #expect(error?.code == .storeCorrupt)
    }
}
