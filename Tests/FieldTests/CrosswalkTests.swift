import HearthTesting
import TestTraits
import Testing

/// Another system's id that leads to no account, or to several: told as what it is, never guessed.
@Suite(.waitsForServers) struct CrosswalkTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Account and id as the users' sheet has them, in its order.
        var users: [(String, String)]
        var id: String
        var candidates: [String]
        /// Further users, in a second drop.
        var later: [(String, String)] = []
    }

    static let ambiguous = [
        Case(
            testDescription: "a door in two communities", users: [("00000001", "601-4"), ("00000002", "601-4")],
            id: "601-4", candidates: ["00000001", "00000002"]),
        Case(
            testDescription: "the other order", users: [("00000002", "601-4"), ("00000001", "601-4")], id: "601-4",
            candidates: ["00000001", "00000002"]),
        Case(
            testDescription: "three",
            users: [("00000001", "7"), ("00000002", "7"), ("00000003", "7"), ("00000004", "8")],
            id: "7", candidates: ["00000001", "00000002", "00000003"]),
        Case(
            testDescription: "the second comes later", users: [("00000001", "甲-1")], id: "甲-1",
            candidates: ["00000001", "00000002"], later: [("00000001", "甲-1"), ("00000002", "甲-1")]),
    ]

    private func site(_ users: [(String, String)]) throws -> FieldSite {
        let site = try FieldSite(
            sources: Mappings.doorSources,
            mappings: Mappings.doors(payments: "{crosswalk: {system: erp, column: door}}"))
        try site.drop("u1.csv", text: sheet(users))
        return site
    }

    private func sheet(_ users: [(String, String)]) -> String {
        "no,community,door\n" + users.map { "\($0.0),小区\($0.0.suffix(1)),\($0.1)\n" }.joined()
    }

    @Test(arguments: ambiguous) func anIdThatSeveralAccountsRegister(_ it: Case) async throws {
        let site = try site(it.users)
        if !it.later.isEmpty {
            #expect(try await site.sync().ending.status == 0)
            try site.drop("u2.csv", text: sheet(it.later))
        }
        try site.drop("p.csv", "id,door,amount", "P1,\(it.id),500.00")
        let sync = try await site.sync()
        #expect(sync.ending.status == 1, "\(sync.ending.errors)")
        let entries = try await site.quarantine()
        #expect(entries.map(\.key) == ["P1"] && entries[0].code == "match.ambiguousId", "\(entries)")
        #expect(entries.first?.candidates.sorted() == it.candidates, "\(entries)")
        let text = try await site.hearth("quarantine", "list")
        #expect(
            text.output.contains("could be ") && it.candidates.allSatisfy { text.output.contains($0) }, "\(text.output)"
        )
        for (number, _) in it.users + it.later {
            #expect(try await site.values("amount_fen", of: "payments", in: number, as: Int.self) == [])
        }
    }

    @Test(arguments: ["999", "601", "601-4 东", "６０１－５"]) func anIdThatNobodyRegistered(_ id: String) async throws {
        let site = try site([("00000001", "601-4")])
        try site.drop("p.csv", "id,door,amount", "P1,\(id),500.00")
        #expect(try await site.sync().ending.status == 1)
        let entry = try #require(try await site.quarantine().first)
        #expect(entry.code != "match.notStated" && entry.code.hasPrefix("match."), "\(entry)")
        #expect(entry.message.contains("erp") && !entry.message.contains("names neither"), "\(entry)")
    }

    /// The id moves to another household: what comes from then on is the other's.
    @Test func anIdThatMoves() async throws {
        let site = try site([("00000001", "601-4")])
        try site.drop("p1.csv", "id,door,amount", "P1,601-4,500.00")
        #expect(try await site.sync().ending.status == 0)
        try site.drop("u2.csv", text: sheet([("00000001", "601-5"), ("00000002", "601-4")]))
        try site.drop("p2.csv", "id,door,amount", "P2,601-4,30.00", "P3,601-5,1.00")
        #expect(try await site.sync().ending.status == 0)
        #expect(try await site.values("amount_fen", of: "payments", in: "00000002", as: Int.self).contains(3000))
        #expect(try await site.values("amount_fen", of: "payments", in: "00000001", as: Int.self).contains(100))
    }
}
