import HearthTesting
import TestTraits
import Testing

/// CSV sheets as they really come.
@Suite(.waitsForServers) struct SheetTests {
    // MARK: Shifted columns

    struct Shift: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var bad: String
    }

    static let shifts = [
        Shift(testDescription: "a lost separator before a quoted field", bad: "00000002,Wang\"2 Road, Town\",y"),
        Shift(testDescription: "in Chinese", bad: "00000002,王五\"和平路2号, 3单元\",y"),
        Shift(
            testDescription: "the field holds two separators, another one is gone",
            bad: "00000002,Wang\"2 Road, Town, C\"y"),
        Shift(testDescription: "the quotes stand in the first field", bad: "00000002\"Wang, x\",2 Road,y"),
    ]

    private static let people: [String: String] = [
        "unified":
            "facts:\n  holder.name: {from: [p.f]}\n  address: {from: [p.f]}\n  remark: {from: [p.f]}\nlists: {}\n",
        "p.f": """
        entity: account
        from: p.f
        key: [id]
        account: {column: id, as: accountNumber, introduces: true}
        fields:
          holder.name: {column: name, as: text}
          address: {column: address, as: text}
          remark: {column: remark, as: text}

        """,
    ]

    @Test(arguments: shifts) func aStrayQuoteBesideAShift(_ shift: Shift) async throws {
        let site = try FieldSite(
            sources: """
                  p:
                    csv: {folder: ../in}
                    streams: {f: {pattern: "*.csv", semantics: delta, key: [id]}}

                """, mappings: Self.people)
        try site.drop(
            "a.csv", "id,name,address,remark", "00000001,Li,\"1 Road, Town\",x", shift.bad, "00000003,Zhao,3 Road,z")
        let sync = try await site.sync()
        #expect(sync.ending.status == 1, "\(sync.ending.errors)")
        let entries = try await site.quarantine()
        #expect(entries.count == 1 && entries[0].place.contains("a.csv:3"), "\(entries)")
        #expect(try await site.facts("00000001")["address"] == "1 Road, Town")
        #expect(try await site.facts("00000003")["address"] == "3 Road")
        #expect(try await site.account("00000002").isEmpty)
    }

    // MARK: Control sums

    struct Sum: Sendable, CustomTestStringConvertible {
        var testDescription: String { "[\(amount)] [\(sum)]" }
        var amount: String
        var sum: String
        var fen: Int
    }

    static let sums = [
        Sum(amount: "10.00", sum: "10.00", fen: 1000), Sum(amount: "10.00\u{A0}", sum: "10.00", fen: 1000),
        Sum(amount: " 10.00", sum: "10.00", fen: 1000), Sum(amount: "１０.00", sum: "10.00", fen: 1000),
        Sum(amount: "1,000.00", sum: "1000.00", fen: 100_000), Sum(amount: "+10.00", sum: "10.00", fen: 1000),
        Sum(amount: "¥10.00", sum: "10.00", fen: 1000),
        // The trailer itself, spelled as a spreadsheet spells it.
        Sum(amount: "10.00", sum: "\u{A0}10.00\u{A0}", fen: 1000), Sum(amount: "10.00", sum: "１０．００", fen: 1000),
        Sum(amount: "1，000.00", sum: "\"1,000.00\"", fen: 100_000), Sum(amount: "10.00元", sum: "￥10.00", fen: 1000),
    ]

    @Test(arguments: sums) func controlSumsAreReadAsAmountsAre(_ it: Sum) async throws {
        let site = try FieldSite(
            sources: """
                  a:
                    csv: {folder: ../in}
                    streams: {r: {pattern: "*.csv", semantics: delta, key: [id], trailer: {prefix: "合计", sumField: 3, sumColumn: amount}}}

                """,
            mappings: [
                "unified": "facts: {}\nlists: {payments: {from: [a.r], order: [paidAt]}}\n",
                "a.r": """
                entity: payment
                from: a.r
                key: [id]
                account: {column: no, as: accountNumber, introduces: true}
                fields:
                  amount: {column: amount, as: money(yuan), required: true}
                  paidAt: {value: "2026-01-01T00:00:00+08:00"}

                """,
            ])
        try site.drop("a.csv", "id,no,amount", "1,00000001,\"\(it.amount)\"", "合计,1,\(it.sum)")
        let sync = try await site.sync()
        #expect(sync.ending.status == 0, "\(sync.ending.output) \(sync.ending.errors)")
        #expect(try await site.values("amount_fen", of: "payments", in: "00000001", as: Int.self) == [it.fen])
    }

    // MARK: Equal rows

    struct Equal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var rows: [String]
        var semantics = "snapshot"
        /// Count and sum that the trailer states, where there is one.
        var trailer: String?
        var fen: Int
    }

    private static let twice = "xhq-013-03-0101,2012年07月02日,1200.00"
    static let equals = [
        Equal(testDescription: "paid twice on one day", rows: [twice, twice], trailer: "合计,2,2400.00", fen: 240_000),
        Equal(testDescription: "without a trailer", rows: [twice, twice], fen: 240_000),
        Equal(testDescription: "three times", rows: [twice, twice, twice], trailer: "合计,3,3600.00", fen: 360_000),
        Equal(testDescription: "as changes", rows: [twice, twice], semantics: "delta", fen: 240_000),
    ]

    private func payments(_ it: Equal, key: String) throws -> FieldSite {
        let trailer =
            it.trailer == nil ? "" : ", trailer: {prefix: \"合计\", countField: 2, sumField: 3, sumColumn: amount}"
        let site = try FieldSite(
            sources: """
                  a:
                    csv: {folder: ../in}
                    streams: {r: {pattern: "*.csv", semantics: \(it.semantics), key: [no, day, amount]\(trailer)}}

                """,
            mappings: [
                "unified": "facts: {}\nlists: {payments: {from: [a.r], order: [paidAt]}}\n",
                "a.r": """
                entity: payment
                from: a.r
                key: \(key)
                account: {column: no, as: text, introduces: true}
                fields:
                  amount: {column: amount, as: money(yuan), required: true}
                  paidAt: {column: day, as: instant, required: true}

                """,
            ])
        try site.drop(
            "a.csv", text: (["no,day,amount"] + it.rows + [it.trailer].compactMap { $0 }).map { $0 + "\n" }.joined())
        return site
    }

    /// Without a key that tells the rows apart, one payment is in the account, and the others wait and are findings of their money.
    @Test(arguments: equals) func equalPaymentsAreNotDroppedInSilence(_ it: Equal) async throws {
        let site = try payments(it, key: "[no, day, amount]")
        let sync = try await site.sync()
        let stored = try await site.values("amount_fen", of: "payments", in: "xhq-013-03-0101", as: Int.self).reduce(
            0, +)
        #expect(stored == 120_000 && sync.ending.status == 1, "\(stored): \(sync.ending.output)")
        try site.price(Mappings.tariff(area: "building"))
        let findings = try await site.findings().map(\.rule).filter { $0.hasPrefix("presence.repeated") }
        #expect(findings == ["presence.repeatedMoney"])
    }

    @Test(arguments: equals.filter { $0.semantics == "snapshot" }, ["[no, day, amount, occurrence]", "[line]"])
    func aKeyOfWhereTheRowStands(_ it: Equal, _ key: String) async throws {
        let site = try payments(it, key: key)
        let sync = try await site.sync()
        #expect(sync.ending.status == 0, "\(sync.ending.output) \(sync.ending.errors)")
        #expect(
            try await site.values("amount_fen", of: "payments", in: "xhq-013-03-0101", as: Int.self).reduce(0, +)
                == it.fen)
    }
}
