import HearthTesting
import TestTraits
import Testing

/// Lists stand in the order of moments, not of the letters that moments are written with.
@Suite(.waitsForServers) struct OrderTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// As dropped.
        var instants: [String]
        /// Positions in `instants`, in the right order.
        var order: [Int]
    }

    static let cases = [
        Case(
            testDescription: "a day before by its offset",
            instants: ["2026-01-01T23:00:00-05:00", "2026-01-02T01:00:00+08:00"], order: [1, 0]),
        Case(
            testDescription: "UTC beside China",
            instants: ["2026-01-01T18:00:00Z", "2026-01-01T23:00:00+08:00", "2026-01-02T01:00:00+08:00"],
            order: [1, 2, 0]),
        Case(
            testDescription: "fractions", instants: ["2026-01-01T08:00:00.250+08:00", "2026-01-01T08:00:00+08:00"],
            order: [1, 0]),
        Case(
            testDescription: "one year and the next",
            instants: ["2026-01-01T00:30:00+08:00", "2025-12-31T23:00:00+08:00", "2025-12-31T17:00:00Z"],
            order: [1, 0, 2]),
    ]

    @Test(arguments: cases) func momentsWithMixedOffsets(_ it: Case) async throws {
        let site = try FieldSite(
            sources: """
                  d: {csv: {folder: ../in}, streams: {o: {pattern: "*.csv", key: [id]}}}

                """,
            mappings: [
                "unified": "facts: {}\nlists: {work_orders: {from: [d.o], order: [createdAt]}}\n",
                "d.o": """
                entity: workOrder
                from: d.o
                key: [id]
                account: {column: a, as: text, introduces: true}
                fields:
                  number: {column: id, as: text}
                  kind: {value: other}
                  state: {value: dispatched}
                  createdAt: {column: t, as: instant}

                """,
            ])
        try site.drop("a.csv", text: "id,a,t\n" + it.instants.enumerated().map { "\($0),A1,\($1)\n" }.joined())
        #expect(try await site.sync().ending.status == 0)
        #expect(
            try await site.values("number", of: "work_orders", in: "A1", as: String.self) == it.order.map { "\($0)" })
    }
}
