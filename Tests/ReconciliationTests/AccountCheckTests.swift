import Billing
import Foundation
import HeatModel
import Store
import Testing

@testable import Reconciliation

/// What is told of one account's view.
@Suite struct AccountCheckTests {
    private static let season = "2025-2026"

    /// The findings of a view by the shipped rules, each as `rule subject money`.
    private func told(_ view: String, _ change: (inout RuleSet) -> Void = { _ in }) throws -> [String] {
        var rules = try RuleSet.load(path: repository.appendingPathComponent("Config/reconciliation.yaml").path)
        change(&rules)
        let kinds: [(String, EntityKind)] = [
            ("customer.residents", .premises), ("billing.accounts", .account), ("billing.charges", .charge),
            ("billing.payments", .payment), ("billing.bills", .charge), ("billing.old", .charge),
        ]
        let streams = kinds.enumerated().map { StoredStream(id: StreamID(Int64($0 + 1)), name: $1.0, entity: $1.1) }
        let plan = CheckPlan(
            rules: rules, book: try TariffBook.load(directory: rules.tariffs), streams: streams, incomplete: [],
            placed: [:], season: nil)
        let checker = AccountChecker(plan: plan, today: CivilDate("2026-01-20"))
        var reader = ScannedAccountReader(streams)
        var scanned = ScannedAccount()
        Array(view.utf8).withUnsafeBytes { bytes in
            reader.read(bytes, into: &scanned)
            _ = checker.check(scanned, AccountID(1))
        }
        return checker.findings.map { "\(rules.rules[$0.rule].id) \($0.subject) \($0.money)" }
    }

    // MARK: Charges

    /// What a view marks as another stream's charge is told and not counted; whether it is told changes nothing about that. What is not
    /// marked counts.
    @Test func repeatedChargesAreToldAndNotCounted() throws {
        func row(
            _ stream: String, _ key: String, _ due: Int64, item: String = "heatByArea", repeats: String? = nil
        ) -> String {
            """
            {"source":"\(stream)","key":"\(key)",\(repeats.map { "\"repeats\":\"\($0)\"," } ?? "")\
            "season":"\(Self.season)","item":"\(item)","due_fen":\(due),"received_fen":0,"arrears_fen":\(due)}
            """
        }
        func view(_ rows: String...) -> String {
            """
            {"account_number":"00000001","facts":{"arrears_fen":30000},\
            "fact_sources":[{"source":"customer.residents","key":"1"},{"source":"billing.accounts","key":"1"}],\
            "charges":[\(rows.joined(separator: ","))]}
            """
        }
        let one = [row("billing.charges", "1", 10_000), row("billing.charges", "2", 20_000, item: "heightSurcharge")]
        #expect(try told(view(one[0], one[1])) == [])
        let twice = view(
            one[0], row("billing.bills", "1", 10_000, repeats: "billing.charges"), one[1],
            row("billing.bills", "2", 20_000, item: "heightSurcharge", repeats: "billing.charges"))
        #expect(try told(twice) == ["presence.chargedTwice billing.bills 30000"])
        #expect(try told(twice) { $0.rules.removeAll { $0.check == .chargedTwice } } == [])
        // The card owes what counts: a row without a mark is a charge of its own.
        #expect(
            try told(view(one[0], one[1], row("billing.bills", "1", 10_000))) == ["arithmetic.balance  -10000"])
    }

    /// Three streams: a finding for each that repeats another.
    @Test func eachStreamThatRepeatsAnotherIsTold() throws {
        func row(_ stream: String, _ repeats: String = "") -> String {
            """
            {"source":"\(stream)","key":"1",\(repeats)"season":"\(Self.season)","item":"heatByArea","due_fen":500,\
            "received_fen":0,"arrears_fen":500}
            """
        }
        let mark = #""repeats":"billing.charges","#
        let found = try told(
            """
            {"account_number":"00000001","facts":{"arrears_fen":500},\
            "fact_sources":[{"source":"customer.residents","key":"1"},{"source":"billing.accounts","key":"1"}],\
            "charges":[\(row("billing.bills", mark)),\(row("billing.charges")),\(row("billing.old", mark))]}
            """)
        #expect(found == ["presence.chargedTwice billing.bills 500", "presence.chargedTwice billing.old 500"])
    }

    // MARK: Payments

    /// A charge of 1,000 yuan that received so much, and payments in fen by the day, none of them reconciled.
    private func unreconciled(received: Int64, _ payments: [(key: String, day: String, fen: Int64)]) -> String {
        let rows = payments.map {
            """
            {"source":"billing.payments","key":"\($0.key)","season":"\(Self.season)",\
            "paid_at":"\($0.day)T09:00:00+08:00","amount_fen":\($0.fen),"reconciled":false}
            """
        }
        return """
            {"account_number":"00000001","facts":{},\
            "fact_sources":[{"source":"customer.residents","key":"1"},{"source":"billing.accounts","key":"1"}],\
            "charges":[{"source":"billing.charges","key":"1","season":"\(Self.season)","item":"heatByArea",\
            "due_fen":100000,"received_fen":\(received),"arrears_fen":\(100_000 - received)}],\
            "payments":[\(rows.joined(separator: ","))]}
            """
    }

    @Test func ofPaymentsPartlyPostedOnlyTheRestIsUnposted() throws {
        let two = [(key: "A", day: "2025-10-01", fen: Int64(50_000)), (key: "B", day: "2025-11-01", fen: 30_000)]
        #expect(
            try told(unreconciled(received: 50_000, two)) == ["arithmetic.unposted billing.payments#B 30000"])
        #expect(
            try told(unreconciled(received: 30_000, two)) == ["arithmetic.unposted billing.payments#A 50000"])
        #expect(try told(unreconciled(received: 80_000, two)) == [])
        #expect(
            try told(unreconciled(received: 0, two)) == [
                "arithmetic.unposted billing.payments#A 50000", "arithmetic.unposted billing.payments#B 30000",
            ])
        // No choice of them makes it up.
        #expect(
            try told(unreconciled(received: 40_000, two)) == [
                "arithmetic.unposted billing.payments#A 50000", "arithmetic.unposted billing.payments#B 30000",
                "arithmetic.payments  40000",
            ])
    }

    @Test func ofEqualChoicesTheLatestPaidIsUnposted() throws {
        let payments = [
            (key: "C", day: "2025-12-01", fen: Int64(20_000)), (key: "A", day: "2025-10-01", fen: 20_000),
            (key: "D", day: "2025-12-02", fen: 10_000), (key: "B", day: "2025-11-01", fen: 20_000),
        ]
        #expect(
            try told(unreconciled(received: 50_000, payments)) == ["arithmetic.unposted billing.payments#C 20000"])
        #expect(
            try told(unreconciled(received: 40_000, payments)) == [
                "arithmetic.unposted billing.payments#C 20000", "arithmetic.unposted billing.payments#D 10000",
            ])
    }

    /// Of many only the latest in a row are looked for: more would take too long.
    @Test func ofManyPaymentsTheLatestInARowAreUnposted() throws {
        let many = (0..<26).map {
            (key: "\($0 + 10)", day: "2025-10-\($0 + 1 < 10 ? "0" : "")\($0 + 1)", fen: Int64(1 << $0))
        }
        let last: Int64 = (1 << 25) + (1 << 24) + (1 << 23)
        let all = many.reduce(Int64(0)) { $0 + $1.fen }
        var view = unreconciled(received: all - last, many)
        // Something must be owed still.
        view = view.replacing("\"due_fen\":100000", with: "\"due_fen\":\(all)")
        view = view.replacing("\"arrears_fen\":\(100_000 - all + last)", with: "\"arrears_fen\":\(last)")
        #expect(
            try told(view) == [
                "arithmetic.unposted billing.payments#33 8388608", "arithmetic.unposted billing.payments#34 16777216",
                "arithmetic.unposted billing.payments#35 33554432",
            ])
    }

    // MARK: Fields on which the systems disagree

    /// A household that the tariff charges 25.000 for each of 100 ㎡, and what billing asks instead.
    private func billed(
        _ due: Int64, quantity: String, price: String, _ disagreements: [(field: String, one: String, other: String)]
    )
        -> String
    {
        let entries = disagreements.map {
            "{\"field\":\"\($0.field)\",\"values\":{\"customer.residents\":\"\($0.one)\",\"billing.accounts\":\"\($0.other)\"}}"
        }
        return """
            {"account_number":"00000001","facts":{"city":"天津市","class":"resident","method":"byArea",\
            "area_building":"100.000"},\
            "fact_sources":[{"source":"customer.residents","key":"1"},{"source":"billing.accounts","key":"1"}],\
            "disagreements":[\(entries.joined(separator: ","))],\
            "charges":[{"source":"billing.charges","key":"1","season":"\(Self.season)","item":"heatByArea",\
            "quantity":"\(quantity)","unit":"m2","unit_price":"\(price)","due_fen":\(due),"received_fen":\(due)}],\
            "payments":[{"source":"billing.payments","key":"1","season":"\(Self.season)","amount_fen":\(due),\
            "reconciled":true}]}
            """
    }

    @Test func aToleratedDifferenceExplainsNoBill() throws {
        let view = billed(300_000, quantity: "120.000", price: "25.000", [("area_building", "100.000", "120.000")])
        #expect(try told(view) == ["fields.area area.building 50000"])
        func tolerate(_ rules: inout RuleSet) {
            for index in rules.rules.indices where rules.rules[index].id == "fields.area" {
                rules.rules[index].tolerance = ExactDecimal(units: 50, places: 0)
            }
        }
        #expect(try told(view, tolerate) == ["tariff.area  50000"])
        // Nor does one that no rule asks for.
        #expect(
            try told(view) { $0.rules.removeAll { ["fields.area", "fields.other"].contains($0.id) } } == [
                "tariff.area  50000"
            ])
        // Together with another: what is told gets the money, what is tolerated explains nothing.
        let both = billed(
            480_000, quantity: "120.000", price: "40.000",
            [("area_building", "100.000", "120.000"), ("class", "resident", "unit")])
        #expect(try told(both) == ["fields.area area.building 230000", "fields.class class 0"])
        #expect(try told(both, tolerate) == ["tariff.area  230000", "fields.class class 0"])
    }

    /// The money of a bill that several fields explain only together stands at one that bills depend on.
    @Test func whatExplainsTogetherIsTold() throws {
        let view = billed(
            480_000, quantity: "120.000", price: "40.000",
            [("holder_name", "张三", "李四"), ("area_building", "100.000", "120.000"), ("class", "resident", "unit")])
        #expect(
            try told(view) == ["fields.name holder.name 0", "fields.area area.building 230000", "fields.class class 0"])
        let nameless = try told(view) { $0.rules.removeAll { ["fields.name", "fields.other"].contains($0.id) } }
        #expect(nameless == ["fields.area area.building 230000", "fields.class class 0"])
    }
}
