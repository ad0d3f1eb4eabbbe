import Foundation
import HearthTesting
import TestTraits
import Testing

/// Bills of usual kinds are judged as the tariff has it.
@Suite(.waitsForServers) struct BillTests {
    private static let users = "no,class,method,area,community,building,unit,room"
    private static let charges = "id,no,season,item,q,unit,price,due"

    /// - Parameter sheets: the rows of each sheet; one that is not named has only its header.
    private func site(
        area: String, shared: String = "", sharedColumn: Bool = false, sheets: [String: [String]]
    ) throws -> FieldSite {
        let site = try FieldSite(
            sources: Mappings.billingSources, settings: "answers: {city: 北辰市}\n",
            mappings: Mappings.billing(area: "area.\(area)", shared: sharedColumn))
        try site.price(Mappings.tariff(area: area, shared: shared))
        let headers = [
            "users": Self.users + (sharedColumn ? ",shared" : ""), "charges": Self.charges,
            "readings": "id,no,season,at,kwh", "suspensions": "no,season,day", "orders": "id,community,address,at",
        ]
        for (sheet, header) in headers {
            try site.drop("\(sheet).csv", text: ([header] + (sheets[sheet] ?? [])).map { $0 + "\n" }.joined())
        }
        return site
    }

    // MARK: Suspension

    struct Suspended: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var method: String
        /// Lines without their id and account.
        var lines: [String]
        var kWh: Int?
        /// Rules whose findings the account must have; no other finding may be.
        var rules: Set<String>
    }

    static let suspensions = [
        Suspended(
            testDescription: "by area, charged in full", method: "面积", lines: ["2025-2026,area,80,m2,25.000,2000.00"],
            rules: ["lifecycle.suspendedCharged"]),
        Suspended(
            testDescription: "in two parts, charged in full", method: "两部制",
            lines: ["2025-2026,base,80,m2,7.500,600.00", "2025-2026,heat,1000,kWh,0.130,130.00"], kWh: 1000,
            rules: ["lifecycle.suspendedCharged"]),
        Suspended(
            testDescription: "billed at 20 % on a line of the published price", method: "面积",
            lines: ["2025-2026,bt,80,m2,25.000,400.00"], rules: []),
        Suspended(
            testDescription: "billed at 20 % on a line of its own price", method: "面积",
            lines: ["2025-2026,bt,80,m2,5.000,400.00"], rules: []),
        Suspended(
            testDescription: "two parts, billed at 20 % of the base at the published price", method: "两部制",
            lines: ["2025-2026,bt,80,m2,7.500,120.00"], rules: []),
    ]

    @Test(arguments: suspensions) func aSuspendedHousehold(_ it: Suspended) async throws {
        let site = try site(
            area: "building",
            sheets: [
                "users": ["00000001,居民,\(it.method),80,甲小区,1,1,101"],
                "charges": it.lines.enumerated().map { "\($0 + 1),00000001,\($1)" },
                "readings": it.kWh.map { ["1,00000001,2025-2026,2026-03-20T08:00:00,\($0)"] } ?? [],
                "suspensions": ["00000001,2025-2026,2025-09-01"],
            ])
        #expect(try await site.sync().ending.status == 0)
        let rules = Set(try await site.findings().map(\.rule))
        #expect(rules == it.rules)
    }

    /// A season that has ended before today is over, whatever today is.
    @Test(arguments: ["2022-2023", "2023-2024", "2024-2025"]) func lastSeasonIsOver(_ season: String) async throws {
        let site = try site(
            area: "building",
            sheets: [
                "users": ["00000004,居民,两部制,80,甲小区,1,1,202"],
                "charges": [
                    "5,00000004,\(season),base,80,m2,7.500,600.00", "6,00000004,\(season),heat,1000,kWh,0.130,130.00",
                ],
                "readings": ["2,00000004,\(season),\(season.suffix(4))-03-10T08:00:00,1000"],
            ])
        #expect(try await site.sync().ending.status == 0)
        for language in ["en", "zh"] {
            let answer = try await site.hearth("explain", "00000004", season, "--versus", "tariff", "--lang", language)
            #expect(answer.status == 0, "\(answer.errors)")
            #expect(answer.output.contains("730.00"), "\(answer.output)")
            #expect(!answer.output.contains("not over") && !answer.output.contains("尚未结束"), "\(answer.output)")
        }
    }

    @Test(arguments: ["甲小区,1-1-101", "甲小区,1号楼1单元101室", "甲小区,１－１－１０１"])
    func anOrderThatStatesNoTelephone(_ place: String) async throws {
        let site = try site(
            area: "building",
            sheets: [
                "users": ["00000001,居民,面积,80,甲小区,1,1,101"],
                "charges": ["1,00000001,2025-2026,area,80,m2,25.000,2000.00"],
                "orders": ["W1,\(place),2025-12-01T08:00:00"],
            ])
        #expect(try await site.sync().ending.status == 0)
        let found = try await site.findings()
        #expect(found == [])
    }

    /// A stream gets another name, and `unified.yaml` keeps the old one beside the new: each charge stands in the account twice. Whoever
    /// is asked counts it once, and reconciliation says so.
    @Test func aRenamedStreamListedUnderBothNames() async throws {
        let site = try site(
            area: "building",
            sheets: [
                "users": ["00000001,居民,面积,80,甲小区,1,1,101"],
                "charges": ["1,00000001,2025-2026,area,80,m2,25.000,2000.00"],
            ])
        #expect(try await site.sync().ending.status == 0)
        #expect(try await site.findings() == [])
        let once = try await money(site)
        #expect(once == Money(season: 200_000, explained: 200_000, lines: 1, payable: 200_000))
        func rewrite(_ path: String, as name: String? = nil, _ old: String, _ new: String) throws {
            let text = try String(contentsOfFile: "\(site.folder)/\(path)", encoding: .utf8)
            #expect(text.contains(old))
            try site.write(name ?? path, text.replacing(old, with: new))
        }
        try rewrite("Config/hearth.yaml", "charges:     {", "bills:       {")
        try rewrite("Mappings/b.charges.yaml", as: "Mappings/b.bills.yaml", "from: b.charges", "from: b.bills")
        let twice: Set<FieldSite.Finding> = [.init(account: "00000001", rule: "presence.chargedTwice")]
        // Whichever name stands first, its row counts.
        for (names, marks) in [("b.charges, b.bills", ["", "b.charges"]), ("b.bills, b.charges", ["b.bills", ""])] {
            let list = names == "b.charges, b.bills" ? "[b.charges]" : "[b.charges, b.bills]"
            try rewrite("Mappings/unified.yaml", list, "[\(names)]")
            #expect(try await site.sync().ending.status == 0)
            #expect(try await site.findings() == twice)
            #expect(try await money(site) == once)
            let rows = try await site.account("00000001")["charges"] as? [[String: Any]] ?? []
            let found = Dictionary(
                rows.map { ($0["source"] as? String ?? "", $0["repeats"] as? String ?? "") },
                uniquingKeysWith: { $0 + $1 })
            #expect(found == ["b.charges": marks[0], "b.bills": marks[1]])
        }
        // A company that does not want to be told has the same money.
        let rules = try String(contentsOfFile: "\(site.folder)/Config/reconciliation.yaml", encoding: .utf8)
        let start = try #require(rules.range(of: "  - {id: presence.chargedTwice"))
        let end = try #require(rules.range(of: "\n\n", range: start.lowerBound..<rules.endIndex))
        try site.write(
            "Config/reconciliation.yaml", rules.replacingCharacters(in: start.lowerBound..<end.lowerBound, with: ""))
        #expect(try await site.findings() == [])
        #expect(try await money(site) == once)
        // The stream still read bills otherwise: two charges, for whoever is asked.
        try site.write(
            "in/charges.csv", "\(Self.charges)\n1,00000001,2025-2026,area,80,m2,25.000,2100.00\n")
        let corrected = try await site.sync().ending
        #expect(corrected.status == 0, "\(corrected.output)\(corrected.errors)")
        #expect(
            try await money(site) == Money(season: 410_000, explained: 410_000, lines: 2, payable: 410_000))
        // Under its new name alone it is itself again.
        try rewrite("Mappings/unified.yaml", "[b.bills, b.charges]", "[b.bills]")
        #expect(try await site.sync().ending.status == 0)
        #expect(
            try await money(site) == Money(season: 210_000, explained: 210_000, lines: 1, payable: 210_000))
    }

    /// The same of a stream of payments: the money was paid once, for whoever is asked, and reconciliation says so.
    @Test func aRenamedStreamOfPayments() async throws {
        let site = try site(
            area: "building",
            sheets: [
                "users": ["00000001,居民,面积,80,甲小区,1,1,101"],
                "charges": ["1,00000001,2025-2026,area,80,m2,25.000,2000.00"],
            ])
        try site.drop(
            "payments.csv",
            text: "id,no,season,at,amount,way\nP1,00000001,2025-2026,2025-11-01T08:00:00,700.00,wx\n")
        func rewrite(_ path: String, _ old: String, _ new: String) throws {
            let text = try String(contentsOfFile: "\(site.folder)/\(path)", encoding: .utf8)
            #expect(text.contains(old))
            try site.write(path, text.replacing(old, with: new))
        }
        func mapping(_ stream: String) -> String {
            """
            entity: payment
            from: b.\(stream)
            key: [id]
            account: {column: no, as: accountNumber}
            fields:
              number: {column: id, as: text}
              season: {column: season, as: season}
              paidAt: {column: at, as: instant}
              amount: {column: amount, as: money(yuan), required: true}
              channel: {column: way, as: code, codes: {wx: wechat}}

            """
        }
        func due() async throws -> [Int?] {
            let ending = try await site.run(["money", "due", "00000001", "--on", "2026-01-20", "--json"])
            #expect(ending.status == 0, "\(ending.errors)")
            let document = try ending.json() as? [String: Any] ?? [:]
            return ["payable_fen", "paid_fen"].map { document[$0] as? Int }
        }
        let stream = "{pattern: \"payments*.csv\", semantics: snapshot, key: [id]}"
        try rewrite("Config/hearth.yaml", "      charges:     {", "      payments: \(stream)\n      charges:     {")
        try site.write("Mappings/b.payments.yaml", mapping("payments"))
        try rewrite(
            "Mappings/unified.yaml", "  charges: {from",
            "  payments: {from: [b.payments], order: [paidAt]}\n  charges: {from")
        #expect(try await site.sync().ending.status == 0)
        let once = try await due()
        #expect(once == [200_000, 70_000])
        #expect(try await site.findings() == [])
        try rewrite("Config/hearth.yaml", "      payments: \(stream)", "      receipts: \(stream)")
        try site.write("Mappings/b.receipts.yaml", mapping("receipts"))
        try rewrite("Mappings/unified.yaml", "[b.payments]", "[b.receipts, b.payments]")
        #expect(try await site.sync().ending.status == 0)
        #expect(try await due() == once)
        #expect(try await site.findings() == [.init(account: "00000001", rule: "presence.paidTwice")])
        let rows = try await site.account("00000001")["payments"] as? [[String: Any]] ?? []
        let found = Dictionary(
            rows.map { ($0["source"] as? String ?? "", $0["repeats"] as? String ?? "") }, uniquingKeysWith: { $0 + $1 })
        #expect(found == ["b.payments": "b.receipts", "b.receipts": ""])
        // Another amount is another payment.
        try site.write(
            "in/payments.csv", "id,no,season,at,amount,way\nP1,00000001,2025-2026,2025-11-01T08:00:00,800.00,wx\n")
        #expect(try await site.sync().ending.status == 0)
        #expect(try await due() == [200_000, 150_000])
    }

    /// What is charged for the season, by each that answers.
    private struct Money: Equatable {
        var season: Int?
        var explained: Int?
        var lines: Int?
        var payable: Int?
    }

    private func money(_ site: FieldSite) async throws -> Money {
        func document(_ arguments: String...) async throws -> [String: Any] {
            let ending = try await site.run(arguments + ["--json"])
            #expect(ending.status == 0, "\(ending.errors)")
            return try ending.json() as? [String: Any] ?? [:]
        }
        let bill = try await document("explain", "00000001", "--versus", "tariff")["bill"] as? [String: Any]
        let due = try await document("money", "due", "00000001", "--on", "2026-01-20")
        let seasons = try await document("account", "00000001")["seasons"] as? [[String: Any]]
        return Money(
            season: seasons?.first?["due_fen"] as? Int, explained: bill?["due_fen"] as? Int,
            lines: (bill?["lines"] as? [Any])?.count, payable: due["payable_fen"] as? Int)
    }

    // MARK: Shared area as a line of its own

    struct Shared: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var method: String
        var area: String
        var sharedArea: String
        var lines: [String]
        var kWh: Int?
        var isRight = true
    }

    static let sharedLines = [
        Shared(
            testDescription: "by area", method: "面积", area: "80", sharedArea: "10",
            lines: ["area,80,m2,25.000,2000.00", "shared,10,m2,6.000,60.00"]),
        Shared(
            testDescription: "in two parts", method: "两部制", area: "80", sharedArea: "10",
            lines: ["base,80,m2,7.500,600.00", "heat,1000,kWh,0.130,130.00", "shared,10,m2,6.000,60.00"], kWh: 1000),
        Shared(
            testDescription: "in two parts, another house", method: "两部制", area: "96.2", sharedArea: "12.5",
            lines: ["base,96.2,m2,7.500,721.50", "heat,2000,kWh,0.130,260.00", "shared,12.5,m2,6.000,75.00"], kWh: 2000),
        Shared(
            testDescription: "in two parts, no heat used", method: "两部制", area: "50", sharedArea: "5",
            lines: ["base,50,m2,7.500,375.00", "heat,0,kWh,0.130,0.00", "shared,5,m2,6.000,30.00"], kWh: 0),
        Shared(
            testDescription: "in two parts, the line is too dear", method: "两部制", area: "80", sharedArea: "10",
            lines: ["base,80,m2,7.500,600.00", "heat,1000,kWh,0.130,130.00", "shared,10,m2,7.000,70.00"], kWh: 1000,
            isRight: false),
    ]

    @Test(arguments: sharedLines) func sharedAreaOnALineOfItsOwn(_ it: Shared) async throws {
        let site = try site(
            area: "inner", shared: "{as: ownLine, price: 6}", sharedColumn: true,
            sheets: [
                "users": ["00000001,居民,\(it.method),\(it.area),甲小区,1,1,101,\(it.sharedArea)"],
                "charges": it.lines.enumerated().map { "\($0 + 1),00000001,2025-2026,\($1)" },
                "readings": it.kWh.map { ["1,00000001,2025-2026,2026-03-20T08:00:00,\($0)"] } ?? [],
            ])
        #expect(try await site.sync().ending.status == 0)
        let found = try await site.findings()
        #expect(found.isEmpty == it.isRight, "\(found)")
    }
}
