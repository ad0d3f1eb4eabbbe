import HearthTesting
import TestTraits
import Testing

/// `plan` counts what `sync` will count.
@Suite(.waitsForServers) struct PlanTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var account = "{column: no, as: accountNumber}"
        var users: [String]
        var payments: [String]
        /// Dropped and synced before.
        var before: [String] = []
    }

    static let cases = [
        Case(
            testDescription: "a customer and its payment come together", users: ["00000001,甲小区,601-4"],
            payments: ["P1,00000001,500.00"]),
        Case(
            testDescription: "found by another system's id", account: "{crosswalk: {system: erp, column: no}}",
            users: ["00000001,甲小区,601-4"], payments: ["P1,601-4,500.00", "P2,601-9,1.00"]),
        Case(
            testDescription: "some unknown, some unreadable", users: ["00000001,甲小区,1", "00000002,甲小区,2"],
            payments: ["P1,00000001,500.00", "P2,00000009,1.00", "P3,00000002,abc", "P1,00000001,500.00"]),
        Case(
            testDescription: "those that waited find their account", users: ["00000001,甲小区,1", "00000002,甲小区,2"],
            payments: ["P9,00000002,5.00"], before: ["P1,00000002,500.00"]),
    ]

    @Test(arguments: cases) func planTellsWhatSyncDoes(_ it: Case) async throws {
        let site = try FieldSite(sources: Mappings.doorSources, mappings: Mappings.doors(payments: it.account))
        if !it.before.isEmpty {
            try site.drop("p0.csv", text: "id,no,amount\n" + it.before.map { $0 + "\n" }.joined())
            _ = try await site.sync()
        }
        try site.drop("u.csv", text: "no,community,door\n" + it.users.map { $0 + "\n" }.joined())
        try site.drop("p1.csv", text: "id,no,amount\n" + it.payments.map { $0 + "\n" }.joined())
        let plan = try await site.plan()
        #expect(plan.ending.status == 1, "\(plan.ending.errors)")
        let sync = try await site.sync()
        #expect(plan.counts == sync.counts && !sync.counts.isEmpty, "\(plan.counts) against \(sync.counts)")
        // And there is nothing left to do.
        #expect(try await site.plan().ending.status == 0)
    }
}
