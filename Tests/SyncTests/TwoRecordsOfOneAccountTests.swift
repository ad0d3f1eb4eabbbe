import AccountView
import Foundation
import HeatModel
import Records
import Store
import Testing

@testable import Sync

/// Two records of one stream that state one account's facts: where they differ, the view says so, as it does of two systems.
@Suite struct TwoRecordsOfOneAccountTests {
    private struct View: Decodable {
        struct Source: Decodable, Equatable { var source: String, key: String, fields: [String] }
        struct Disagreement: Decodable, Equatable { var field: String, values: [String: String] }
        var facts: [String: String]
        var fact_sources: [Source]
        var missing: [String]
        var disagreements: [Disagreement]
    }

    private func view(of rows: [[String?]], cards: [[String?]] = []) throws -> View {
        var views: [String] = []
        // In any order of arrival the same bytes.
        for rows in [rows, rows.reversed()] {
            let house = try House()
            for row in rows {
                try house.take("customer.residents", Texts.residentColumns, [row], isSnapshot: false)
            }
            try house.take("billing.accounts", Texts.accountColumns, cards)
            try house.refresh()
            views.append(try #require(try house.view("00000001")))
            #expect(try house.recount().isEmpty)
        }
        #expect(views[0] == views[1])
        return try JSONDecoder().decode(View.self, from: Data(views[0].utf8))
    }

    private func row(_ no: String, area: String?, community: String? = "阳光花园", name: String? = "张1") -> [String?] {
        [no, name, community, "1", "1", "101", area]
    }

    @Test(arguments: ["０００００００１", "0000０００１", "000000０１"])
    func aKeyInAnotherSpellingIsASecondVoice(spelling: String) throws {
        let view = try view(of: [row("00000001", area: "90.000"), row(spelling, area: "70.000")])
        // Digits sort before their full-width forms: the fact is that of the first key.
        let first = ["00000001", spelling].min { $0.utf8.lexicographicallyPrecedes($1.utf8) }!
        let (one, other) = first == spelling ? ("70.000", "90.000") : ("90.000", "70.000")
        let second = first == spelling ? "00000001" : spelling
        #expect(view.facts["area_building"] == one)
        #expect(
            view.disagreements == [
                .init(
                    field: "area_building",
                    values: ["customer.residents": one, "customer.residents \(second)": other])
            ])
        #expect(view.fact_sources.map(\.key) == [first, second] && view.fact_sources[1].fields == [])
    }

    /// Cards of one account by two row ids, beside the residents'.
    @Test func aSecondRowIdIsOneToo() throws {
        let view = try view(
            of: [row("00000001", area: "90.000")],
            cards: [
                ["B1", "00000001", "90.005", "80"], ["B2", "00000001", "60", "81"], ["B3", "00000001", "60", "80"],
            ])
        #expect(
            view.disagreements == [
                .init(
                    field: "area_building",
                    values: [
                        "customer.residents": "90.000", "billing.accounts": "90.005", "billing.accounts B2": "60.000",
                        "billing.accounts B3": "60.000",
                    ]),
                .init(field: "area_billing", values: ["billing.accounts": "80.000", "billing.accounts B2": "81.000"]),
            ])
    }

    @Test func recordsThatAgreeOrFillEachOtherUpDoNotDisagree() throws {
        let view = try view(of: [
            row("00000001", area: nil, name: "张1"), row("０００００００１", area: "90.000", name: nil),
        ])
        #expect(view.disagreements == [])
        #expect(view.facts["holder_name"] == "张1" && view.facts["area_building"] == "90.000")
        #expect(
            view.fact_sources.map(\.fields) == [["holder_name", "community"], ["area_building"]])
        #expect(view.missing == ["area_billing"])
        // Within the tolerance of the field they agree.
        let close = try self.view(of: [row("00000001", area: "90.000"), row("０００００００１", area: "90.009")])
        #expect(close.disagreements == [])
    }

    /// Texts of every offset; days, too.
    @Test func listsStandByTheInstant() throws {
        let house = try House(mappings: Town.all)
        try house.take("customer.residents", Town.residentColumns, [Town.resident("00000001")])
        let times = [
            ("1", "2026-01-01T23:00:00-05:00"), ("2", "2026-01-02T01:00:00+08:00"), ("3", "2026-01-01T17:00:00.5Z"),
            ("4", "2026-01-02 01:00:00"), ("5", "2026-01-02T12:59:59+09:00"),
        ]
        try house.take(
            "dispatch.orders", Town.orderColumns, times.map { ["W\($0.0)", "00000001", nil, nil, nil, $0.1] })
        try house.refresh()
        let view = try #require(try house.view("00000001"))
        let keys = view.matches(of: /"key":"(W\d)"/).map { String($0.1) }
        #expect(keys == ["W2", "W4", "W3", "W5", "W1"])
    }
}
