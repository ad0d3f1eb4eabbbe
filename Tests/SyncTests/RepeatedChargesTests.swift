import AccountView
import Foundation
import HeatModel
import Mapping
import Records
import SQLiteStore
import Store
import Testing

@testable import Sync

/// A charge that several streams of an account state is counted once, and the view says whose row counts.
@Suite struct RepeatedChargesTests {
    private struct View: Decodable {
        struct Line: Decodable { var source: String, key: String, repeats: String? }
        struct Season: Decodable { var season: String, due_fen: Int64, received_fen: Int64? }
        var seasons: [Season]
        var charges: [Line]
        var older: [Line]?

        /// `stream/key`, and whose row counts in its place.
        var lines: Set<String> {
            Set((charges + (older ?? [])).map { "\($0.source)/\($0.key)" + ($0.repeats.map { " = \($0)" } ?? "") })
        }
        var sums: [String] { seasons.map { "\($0.season) \($0.due_fen) \($0.received_fen ?? 0)" } }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// `from:` of the list `charges`.
        var from = "billing.charges, billing.bills"
        /// `from:` of another list before it.
        var older: String?
        var rows: [String: [[String?]]]
        var lines: Set<String>
        var sums: [String]
    }

    private static let two = [Texts.charge(1, due: "20.00", received: "5.00"), Texts.charge(2, due: "0.50")]

    static let cases = [
        Case(
            testDescription: "the first in unified.yaml counts", rows: ["charges": two, "bills": two],
            lines: [
                "billing.charges/1", "billing.charges/2", "billing.bills/1 = billing.charges",
                "billing.bills/2 = billing.charges",
            ], sums: ["2025-2026 2050 500"]),
        Case(
            testDescription: "whatever the names", from: "billing.bills, billing.charges",
            rows: ["charges": two, "bills": two],
            lines: [
                "billing.bills/1", "billing.bills/2", "billing.charges/1 = billing.bills",
                "billing.charges/2 = billing.bills",
            ], sums: ["2025-2026 2050 500"]),
        Case(
            testDescription: "its own figures count", from: "billing.bills, billing.charges",
            rows: [
                "charges": [Texts.charge(1, due: "20.00", received: "0")],
                "bills": [Texts.charge(1, due: "20.00", received: "20.00")],
            ],
            lines: ["billing.bills/1", "billing.charges/1 = billing.bills"], sums: ["2025-2026 2000 2000"]),
        Case(
            testDescription: "three streams", from: "billing.old, billing.charges, billing.bills",
            rows: ["charges": [two[1]], "bills": two, "old": [two[0]]],
            lines: [
                "billing.old/1", "billing.charges/2", "billing.bills/1 = billing.old",
                "billing.bills/2 = billing.charges",
            ], sums: ["2025-2026 2050 500"]),
        Case(
            testDescription: "three streams, one with another due", from: "billing.old, billing.charges, billing.bills",
            rows: ["charges": [Texts.charge(1, due: "21.00")], "bills": [two[0]], "old": [two[0]]],
            lines: ["billing.old/1", "billing.charges/1", "billing.bills/1 = billing.old"],
            sums: ["2025-2026 4100 500"]),
        Case(
            testDescription: "another due", rows: ["charges": [two[0]], "bills": [Texts.charge(1, due: "20.01")]],
            lines: ["billing.charges/1", "billing.bills/1"], sums: ["2025-2026 4001 500"]),
        Case(
            testDescription: "another season",
            rows: ["charges": [two[0]], "bills": [Texts.charge(1, due: "20.00", season: "2024-2025")]],
            lines: ["billing.charges/1", "billing.bills/1"], sums: ["2024-2025 2000 0", "2025-2026 2000 500"]),
        Case(
            testDescription: "another key", rows: ["charges": [two[0]], "bills": [Texts.charge(11, due: "20.00")]],
            lines: ["billing.charges/1", "billing.bills/11"], sums: ["2025-2026 4000 500"]),
        Case(
            testDescription: "another item", from: "billing.charges, billing.items",
            rows: ["charges": [two[0]], "items": [two[0]]],
            lines: ["billing.charges/1", "billing.items/1"], sums: ["2025-2026 4000 1000"]),
        Case(
            testDescription: "two charges of one stream",
            rows: ["charges": [Texts.charge(1, due: "20.00"), Texts.charge(2, due: "20.00")]],
            lines: ["billing.charges/1", "billing.charges/2"], sums: ["2025-2026 4000 0"]),
        Case(
            testDescription: "a voided one repeats nothing",
            rows: ["charges": [Texts.charge(1, due: "20.00", void: "1")], "bills": [Texts.charge(1, due: "20.00")]],
            lines: ["billing.bills/1"], sums: ["2025-2026 2000 0"]),
        Case(
            testDescription: "the list that answers are made of", from: "billing.bills", older: "billing.charges",
            rows: ["charges": [two[0]], "bills": [two[0]]],
            lines: ["billing.bills/1", "billing.charges/1 = billing.bills"], sums: ["2025-2026 2000 500"]),
    ]

    private func house(from: String, older: String? = nil) throws -> House {
        var mappings = Texts.all
        for name in ["bills", "items", "old"] {
            mappings["billing.\(name)"] = Texts.charges.replacing("billing.charges", with: "billing.\(name)")
        }
        mappings["billing.items"]? += "\n  item: {value: heatByArea}"
        mappings["unified"] = Texts.unified.replacing("[billing.charges]", with: "[\(from)]").replacing(
            "lists:\n", with: "lists:\n" + (older.map { "  older: {from: [\($0)]}\n" } ?? ""))
        let house = try House(mappings: mappings)
        try house.introduceAccounts(2)
        return house
    }

    private func view(_ house: House) throws -> View {
        _ = try ViewRefresh(store: house.store, unified: house.mappings().unified).run()
        return try JSONDecoder().decode(View.self, from: Data(try #require(try house.view("00000001")).utf8))
    }

    @Test(arguments: cases) func aChargeCountsOnce(_ it: Case) throws {
        // Stream by stream in both orders of arrival.
        for names in [it.rows.keys.sorted(), it.rows.keys.sorted().reversed()] {
            let house = try house(from: it.from, older: it.older)
            for name in names {
                try house.run(
                    "billing.\(name)", MemorySource("billing", [.table(Texts.chargeColumns, it.rows[name] ?? [])]))
            }
            let view = try view(house)
            #expect(view.lines == it.lines)
            #expect(view.sums == it.sums)
            #expect(try house.recount().isEmpty)
        }
    }

    /// Once the charge that counts is another one, the other counts again; once it is gone, too.
    @Test func whatCountsFollowsTheRecords() throws {
        let house = try house(from: "billing.charges, billing.bills")
        let charges = MemorySource("billing", [.table(Texts.chargeColumns, [Texts.charge(1, due: "20.00")])])
        try house.run("billing.charges", charges)
        try house.run(
            "billing.bills", MemorySource("billing", [.table(Texts.chargeColumns, [Texts.charge(1, due: "20.00")])]))
        #expect(try view(house).sums == ["2025-2026 2000 0"])
        charges.hold([.table(Texts.chargeColumns, [Texts.charge(1, due: "30.00")])])
        try house.run("billing.charges", charges)
        #expect(try view(house).lines == ["billing.charges/1", "billing.bills/1"])
        #expect(try view(house).sums == ["2025-2026 5000 0"])
        charges.hold([.table(Texts.chargeColumns, [])])
        try house.run("billing.charges", charges, policy: VanishPolicy(allowsAll: true))
        #expect(try view(house).lines == ["billing.bills/1"])
        #expect(try view(house).sums == ["2025-2026 2000 0"])
    }

    /// A store of a version that made other views of the same records has all of them made again, once.
    @Test func viewsOfAnEarlierFormAreMadeAgain() throws {
        let house = try house(from: "billing.charges")
        let unified = try house.mappings().unified
        let refresh = ViewRefresh(store: house.store, unified: unified)
        #expect(try refresh.run() == 2)
        #expect(try refresh.run() == 0)
        // As versions without a form wrote it.
        try house.store.write { try $0.setSetting(.unified, unified.version) }
        #expect(try refresh.run() == 2)
        #expect(try refresh.run() == 0)
    }
}
