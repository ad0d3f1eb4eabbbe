import Foundation
import HearthTesting
import HeatModel
import Mapping
import Records
import SQLiteStore
import Setup
import Store
import Testing

@testable import Sync

/// The account view: which system wins, where they disagree, what is missing, and in which order the lists stand.
@Suite struct ViewTests {
    private struct View: Decodable {
        struct Source: Decodable, Equatable { var source: String, key: String, fields: [String] }
        struct Disagreement: Decodable, Equatable { var field: String, values: [String: String] }
        struct Season: Decodable, Equatable {
            var season: String, due_fen: Int64, received_fen: Int64?, arrears_fen: Int64?
        }
        struct Line: Decodable, Equatable { var source: String, key: String, due_fen: Int64? }
        var account_number: String
        var facts: [String: String]
        var fact_sources: [Source]
        var missing: [String]
        var disagreements: [Disagreement]
        var seasons: [Season]
        var charges: [Line]
        var orders: [Line]
    }

    private func view(_ house: House, _ number: String) throws -> View {
        try JSONDecoder().decode(View.self, from: Data(try #require(try house.view(number)).utf8))
    }

    /// Three sources over one house; each sync reads what they hold.
    private struct Company {
        let house: House
        let customer = MemorySource("customer", [.table(Texts.residentColumns, [])])
        let accounts = MemorySource("billing", [])
        let dispatch = MemorySource("dispatch", [.table(Texts.orderColumns, [])])
        init(_ house: House) { self.house = house }

        func bill(cards: [[String?]], charges: [[String?]]) {
            accounts.change { behaviour in
                behaviour.readings = { request in
                    request.stream == "accounts"
                        ? [.table(Texts.accountColumns, cards)] : [.table(Texts.chargeColumns, charges)]
                }
            }
        }

        func workspace(_ streams: [String] = ["accounts", "charges"]) throws -> Workspace {
            try house.workspace([(customer, ["residents"]), (accounts, streams), (dispatch, ["orders"])])
        }
    }

    private func company() throws -> Company {
        let company = Company(try House())
        company.customer.hold([
            .table(
                Texts.residentColumns,
                [Texts.resident(1, area: "90.000"), Texts.resident(2, area: "80.5"), Texts.resident(3)])
        ])
        company.bill(
            cards: [["B1", "00000001", "90.010", "88"], ["B2", "00000002", "80.489", "80"]],
            charges: [
                Texts.charge(12, due: "10.00", received: "4.00"), Texts.charge(3, due: "20.00", received: nil),
                Texts.charge(5, due: "5.05", season: "2024-2025"), Texts.charge(9, due: "-1.00"),
                Texts.charge(8, due: "9.00", void: "1"),
            ])
        company.dispatch.hold([
            .table(
                Texts.orderColumns,
                [
                    Texts.order(2, no: "00000001", at: "2025-12-02 10:00"),
                    Texts.order(1, no: "00000001", at: "2025-12-03 10:00"), Texts.order(3, no: "00000001"),
                ])
        ])
        return company
    }

    @Test func factsComeFromTheStreamThatWins() throws {
        let company = try company()
        #expect(try company.workspace().sync().views == 3)
        let view = try view(company.house, "00000001")
        #expect(view.account_number == "00000001")
        #expect(
            view.facts["area_building"] == "90.000" && view.facts["area_billing"] == "88.000"
                && view.facts["holder_name"] == "张1")
        #expect(
            view.fact_sources == [
                .init(
                    source: "customer.residents", key: "00000001",
                    fields: ["holder_name", "community", "area_building"]),
                .init(source: "billing.accounts", key: "B1", fields: ["area_billing"]),
            ])
        #expect(view.missing == [])
    }

    @Test func aDifferenceBeyondTheToleranceIsADisagreement() throws {
        let company = try company()
        _ = try company.workspace().sync()
        #expect(try view(company.house, "00000001").disagreements == [])  // by exactly 0.010
        #expect(
            try view(company.house, "00000002").disagreements == [
                .init(field: "area_building", values: ["customer.residents": "80.500", "billing.accounts": "80.489"])
            ])
    }

    @Test func whatNoSystemSaysIsMissing() throws {
        let company = try company()
        _ = try company.workspace().sync()
        let view = try view(company.house, "00000003")
        #expect(view.missing == ["area_billing"])
        #expect(view.facts["area_billing"] == nil)
        #expect(view.charges == [] && view.seasons == [])
    }

    @Test func listsStandInTheirOrderAndSeasonsAreSummed() throws {
        let company = try company()
        _ = try company.workspace().sync()
        let view = try view(company.house, "00000001")
        #expect(view.charges.map(\.key) == ["5", "12", "3", "9"])  // by season, then by number as text
        #expect(view.orders.map(\.key) == ["W3", "W2", "W1"])
        #expect(
            view.seasons == [
                .init(season: "2024-2025", due_fen: 505, received_fen: 0, arrears_fen: nil),
                .init(season: "2025-2026", due_fen: 2900, received_fen: 400, arrears_fen: nil),
            ])
    }

    @Test func aRecordThatMovesToAnotherAccountLeavesTheOldView() throws {
        let company = try company()
        _ = try company.workspace().sync()
        company.bill(
            cards: [["B1", "00000001", "90.010", "88"], ["B2", "00000002", "80.489", "80"]],
            charges: [Texts.charge(12, of: 2)])
        #expect(try company.workspace().sync().views == 2)
        #expect(try view(company.house, "00000001").charges == [])
        #expect(try view(company.house, "00000002").charges.map(\.key) == ["12"])
    }

    @Test func nothingTouchedNothingRebuilt() throws {
        let company = try company()
        _ = try company.workspace().sync()
        let before = try StoreDump.data(company.house.database)
        #expect(try company.workspace().sync().views == 0)
        #expect(try StoreDump.data(company.house.database).difference(before) == [])
    }

    @Test func aChangedUnifiedFileRebuildsEveryView() throws {
        let company = try company()
        _ = try company.workspace().sync()
        try company.house.write(
            "unified",
            Texts.unified.replacing(
                "[customer.residents, billing.accounts]", with: "[billing.accounts, customer.residents]"))
        #expect(try company.workspace().sync().views == 3)
        #expect(try view(company.house, "00000001").facts["area_building"] == "90.010")
        #expect(try company.workspace().sync().views == 0)
    }

    @Test func aStoppedRefreshIsCarriedOn() throws {
        let company = try company()
        for (stream, source) in [("customer.residents", company.customer), ("billing.accounts", company.accounts)] {
            try company.house.run(stream, source)
        }
        company.house.stop.set()
        #expect(try company.workspace().refreshViews() == 0)
        let unified = try company.workspace().mappings.unified
        #expect(try ViewRefresh(store: company.house.store, unified: unified).run() == 3)
    }

    /// Streams and records in any order, in one store or another: the same bytes.
    @Test(arguments: 0..<6) func theOrderOfArrivalDoesNotShow(seed: Int) throws {
        var views: [StoreDump] = []
        for turn in 0..<2 {
            let company = try company()
            // A list of two streams without an order of its own.
            let second = Texts.charges.replacing("from: billing.charges", with: "from: billing.extras")
            try company.house.write("billing.extras", second)
            try company.house.write(
                "unified",
                Texts.unified.replacing(
                    "from: [billing.charges], order: [season, number]", with: "from: [billing.charges, billing.extras]")
            )
            var random = SeededGenerator(seed: UInt64(seed * 2 + turn))
            let charges = (1...20).map { Texts.charge($0, of: $0 % 3 + 1) }.shuffled(using: &random)
            company.accounts.change {
                $0.readings = { request in
                    request.stream == "accounts"
                        ? [
                            .table(
                                Texts.accountColumns,
                                [["B1", "00000001", "90", "88"], ["B2", "00000002", "80", "80"]])
                        ]
                        : [
                            .table(
                                Texts.chargeColumns,
                                request.stream == "charges" ? charges : charges.map { ["x" + $0[0]!] + $0.dropFirst() })
                        ]
                }
            }
            let workspace = try company.workspace(["charges", "extras", "accounts"])
            for stream in ["customer", "billing.charges", "billing.extras", "billing.accounts", "dispatch"].shuffled(
                using: &random)
            {
                _ = try workspace.sync([stream])
            }
            _ = try workspace.sync()
            views.append(try StoreDump.meaning(company.house.database))
        }
        #expect(views[0].tables["view"]?.count == 3)
        #expect(views[0].difference(views[1]) == [])
    }

    @Test func textsAreEscapedAsJSONNeedsIt() throws {
        let house = try House()
        var row = Texts.resident(1)
        row[1] = "a\"b\\c\u{1}d\ne"
        let workspace = try house.workspace([
            (MemorySource("customer", [.table(Texts.residentColumns, [row])]), ["residents"])
        ])
        _ = try workspace.sync()
        let name = try view(house, "00000001").facts["holder_name"]
        #expect(name?.contains("a\"b\\c") == true)
    }
}
