import Foundation
import HearthTesting
import HeatModel
import TestTraits
import Testing

@testable import LegacyEstate

/// Every planted fault is found by the rule that is meant for it, with the right money, and nothing else is.
@Suite(.waitsForServers) struct ReconcileTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var city: City
        var seed: UInt64
        var accounts = 700
        var testDescription: String { "\(city) \(seed)" }
    }

    static let cases = City.allCases.flatMap { city in [21, 22].map { Case(city: city, seed: $0) } }

    @Test(arguments: cases) func everyFaultIsFoundAndNothingElse(_ test: Case) async throws {
        let options = EstateOptions(
            accounts: test.accounts, seed: test.seed, city: test.city, plantDiscrepancies: true)
        try await Site.with(options) { site in
            try await site.hearth("sync")
            let run = try await site.hearth("reconcile", "--out", "out")
            #expect(run.status == 1, "\(run.errors)")
            let found = try FindingsFile(site.folder + "/out").lines
            let expected = ExpectedFindings(site.estate).lines
            #expect(Set(PlantedFault.Kind.allCases).subtracting(site.estate.planted.map(\.kind)) == [])
            let missing = Self.less(expected, found)
            let surplus = Self.less(found, expected)
            #expect(missing == [], "not found")
            #expect(surplus == [], "found for no reason")
        }
    }

    @Test(arguments: City.allCases) func whereNothingIsPlantedNothingIsFound(_ city: City) async throws {
        let options = EstateOptions(accounts: 900, seed: 5, city: city, plantFaults: false)
        try await Site.with(options) { site in
            try await site.hearth("sync")
            let run = try await site.hearth("reconcile", "--out", "out")
            #expect(run.status == 0, "\(run.output) \(run.errors)")
            #expect(try FindingsFile(site.folder + "/out").lines == [])
        }
    }

    /// The same store gives the same bytes, wherever and whenever it is asked.
    @Test func twoRunsAreTheSameBytes() async throws {
        let options = EstateOptions(accounts: 500, seed: 8, city: .jinan, plantDiscrepancies: true)
        try await Site.with(options) { site in
            try await site.hearth("sync")
            try await site.hearth("reconcile", "--out", "one")
            try await site.hearth(
                "reconcile", "--out", "two",
                with: ["LANG": "de_DE.UTF-8", "LC_ALL": "zh_CN.UTF-8", "TZ": "Pacific/Auckland"])
            let names = try FileManager.default.contentsOfDirectory(atPath: site.folder + "/one").sorted()
            #expect(
                names == [
                    "findings.csv", "findings.xlsx", "manifest.json", "report.html", "summary.json", "totals.csv",
                ])
            for name in names {
                let one = try Data(contentsOf: URL(fileURLWithPath: site.folder + "/one/" + name))
                let two = try Data(contentsOf: URL(fileURLWithPath: site.folder + "/two/" + name))
                #expect(one == two, "\(name)")
            }
            let diff = try await site.hearth("diff", "one", "two")
            #expect(diff.status == 0, "\(diff.output) \(diff.errors)")
            // The manifest says what the files are.
            let check = try await Program.run(
                [
                    "-c",
                    "import json,hashlib;m=json.load(open('one/manifest.json'));print(all(hashlib.sha256(open('one/'+f['name'],'rb').read()).hexdigest()==f['sha256'] for f in m['files']), len(m['files']), m.get('previous'))",
                ], executable: "/usr/bin/python3", environment: [:], directory: site.folder)
            #expect(check.output == "True 5 None\n", "\(check.errors)")
        }
    }

    /// A view that shows a sum in the wrong season has the right sum in all; the records tell.
    @Test(.ofTheStoresFile, arguments: [City.jinan, .tianjin]) func aRecountHoldsEachCellAgainstTheRecords(_ city: City)
        async throws
    {
        let options = EstateOptions(accounts: 400, seed: 9, city: city, plantDiscrepancies: true)
        try await Site.with(options) { site in
            try await site.hearth("sync")
            func told(_ name: String) throws -> [String] {
                try FindingsFile(site.folder + "/" + name).rows.filter { $0["rule"] == "control.served" }
                    .map { "\($0["season"]!) \($0["found"]!) \($0["expected"]!) \($0["money_fen"]!)" }
            }
            let run = try site.store().number("SELECT max(id) FROM run")
            #expect(try await site.hearth("reconcile", "--out", "one").status == 1)
            #expect(try await site.hearth("reconcile", "--out", "two", "--recount").status == 1)
            #expect(try await site.hearth("reconcile", "--out", "past", "--recount", "--as-of", "\(run)").status == 1)
            for name in ["one", "two", "past"] { #expect(try told(name) == []) }
            for name in ["findings.csv", "totals.csv", "report.html", "findings.xlsx", "manifest.json"] {
                let one = try Data(contentsOf: URL(fileURLWithPath: site.folder + "/one/" + name))
                #expect(try one == Data(contentsOf: URL(fileURLWithPath: site.folder + "/two/" + name)), "\(name)")
            }
            let (right, wrong) = (site.estate.options.name(ofSeason: 1), site.estate.options.name(ofSeason: 0))
            let body = "body_of(packing_id, packed, 'view', account_id)"
            let shows = "instr(\(body), '\"season\":\"\(right)\",\"item\"')"
            let store = try Database(path: site.storePath, readOnly: false)
            try store.rows(
                """
                UPDATE account_view SET packing_id = 0, packed = packed(
                    replace(\(body), '"season":"\(right)","item"', '"season":"\(wrong)","item"'),
                    beside_of(packing_id, packed, 'view', account_id))
                WHERE account_id = (SELECT min(account_id) FROM account_view WHERE \(shows) > 0)
                """)
            #expect(try await site.hearth("reconcile", "--out", "three").status == 1)
            #expect(try told("three") == [])
            #expect(try await site.hearth("reconcile", "--out", "four", "--recount").status == 1)
            let found = try told("four")
            #expect(found.contains { $0.hasPrefix(right) } && found.contains { $0.hasPrefix(wrong) }, "\(found)")
            // What one season has too much the other has too little.
            #expect(found.compactMap { Int64($0.split(separator: " ").last ?? "") }.reduce(0, +) == 0)
        }
    }

    private static func less(_ left: [String], _ right: [String]) -> [String] {
        var rest = right.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
        return left.filter { line in
            if let count = rest[line], count > 0 {
                rest[line] = count - 1
                return false
            }
            return true
        }
    }
}

/// The findings of an output, one line each: rule, account, season, subject, money in fen.
struct FindingsFile {
    var rows: [[String: String]] = []

    init(_ folder: String) throws {
        let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: folder + "/findings.csv")), as: UTF8.self)
        var lines = Self.parse(text)
        let header = lines.removeFirst()
        rows = lines.map { Dictionary(uniqueKeysWithValues: zip(header, $0)) }
    }

    var lines: [String] {
        rows.map { row in
            var subject = row["subject"] ?? ""
            if let mark = subject.range(of: "#~") { subject = String(subject[..<mark.upperBound]) }
            return Self.line(row["rule"]!, row["account_number"]!, row["season"]!, subject, Int64(row["money_fen"]!)!)
        }.sorted()
    }

    static func line(_ rule: String, _ account: String, _ season: String, _ subject: String, _ money: Int64) -> String {
        "\(rule) | \(account) | \(season) | \(subject) | \(money)"
    }

    private static func parse(_ text: String) -> [[String]] {
        var rows: [[String]] = []
        var cells: [String] = []
        var cell = String.UnicodeScalarView()
        var isQuoted = false
        var scalars = text.unicodeScalars.makeIterator()
        var next = scalars.next()
        while let scalar = next {
            next = scalars.next()
            if isQuoted {
                if scalar == "\"", next == "\"" {
                    cell.append("\"")
                    next = scalars.next()
                } else if scalar == "\"" {
                    isQuoted = false
                } else {
                    cell.append(scalar)
                }
            } else if scalar == "\"" {
                isQuoted = true
            } else if scalar == "," || scalar == "\n" {
                cells.append(String(cell))
                cell = .init()
                if scalar == "\n" {
                    rows.append(cells)
                    cells = []
                }
            } else if scalar != "\r" {
                cell.append(scalar)
            }
        }
        return rows
    }
}

/// What a reconciliation must find in an estate.
struct ExpectedFindings {
    private(set) var lines: [String] = []
    private let estate: Estate

    init(_ estate: Estate) {
        self.estate = estate
        var repeated: Set<String> = []
        for fault in estate.planted {
            if fault.outcome == .duplicate { repeated.insert(fault.stream) }
            add(fault)
        }
        // How often, the finding itself says; it is one for each stream. Rows with money are findings of their own.
        for stream in repeated { add("presence.repeatedRows", "", "", stream, 0) }
        lines.sort()
    }

    private mutating func add(_ rule: String, _ account: String, _ season: String, _ subject: String, _ money: Int64) {
        lines.append(FindingsFile.line(rule, account, season, subject, money))
    }

    private mutating func add(_ fault: PlantedFault) {
        let number = fault.accountNumber ?? ""
        let (first, second) = (estate.options.firstSeason, estate.options.secondSeason)
        let record = "\(fault.stream)#\(fault.key)"
        let money = fault.money?.amount ?? 0
        switch fault.kind {
        case .duplicateCharge, .duplicatePayment: add("presence.repeatedMoney", number, first, record, money)
        case .duplicateRow, .voidedCharge, .addressOnly, .crosswalkOnly,
            .mojibakeName,
            .badIdentityNumber:
            break
        case .orphanBill:
            let index = (Int(fault.key)! - 10_000_000) / BillKeys.slots
            add("presence.orphanBill", LegacyEstate.AccountFacts.strayNumber(index), "", fault.stream, money)
        case .billingOnlyAccount: add("presence.unknownAccount", number, "", "billing.accounts", money)
        case .customerOnlyAccount: add("presence.notInBilling", number, "", "", 0)
        case .areaDisagreement: add("fields.area", number, "", "area.building", overcharged(number, [0, 1]))
        case .heightUnderstated: add("fields.area", number, "", "area.ceilingHeight", overcharged(number, [0, 1]))
        case .staleArea:
            add("tariff.area", number, first, "", overcharged(number, [0]))
            add("tariff.area", number, second, "", overcharged(number, [1]))
        case .conflictingCharge: add("presence.contradictory", number, first, record, 2_000)
        case .conflictingRow: add("presence.contradictory", number, "", record, 0)
        case .badTotal: add("arithmetic.arrears", number, first, record, 1_234)
        case .badDecimal, .impossibleDate: add("presence.unreadable", number, first, record, money)
        case .unknownCode, .badTemperature, .badArea: add("presence.unreadable", number, "", record, 0)
        case .raggedRow, .undecodableRow: add("presence.unreadable", "", "", "\(fault.stream)#~", 0)
        case .paymentNotPosted: add("arithmetic.unposted", number, second, record, money)
        case .ambiguousAddress: add("presence.ambiguous", "", "", record, 0)
        case .orphanWorkOrder:
            let index = estate.workOrder(Int(fault.key.dropFirst(2))! - 20_000_001).account.index
            add("presence.orphanWorkOrder", LegacyEstate.AccountFacts.strayNumber(index), "", record, 0)
        case .wrongBalance: add("arithmetic.balance", number, "", "", money)
        case .paymentMissing: add("arithmetic.payments", number, first, "", money)
        case .reversedCounted: add("arithmetic.reversed", number, first, record, money)
        case .paymentTwice:
            let index = estate.truth(account: number)!.index
            let second = BillKeys.payment(index, slot: BillKeys.extraSlot)
            add("presence.paidTwice", number, first, "\(fault.stream)#\(second)", money)
        case .wrongProduct: add("arithmetic.product", number, first, record, money)
        case .wrongTariff: add("tariff.price", number, first, "", money)
        case .suspendedInFull: add("lifecycle.suspendedCharged", number, second, "", money)
        case .disconnectedInFull: add("lifecycle.disconnectedCharged", number, second, "", money)
        case .stoppedUnasked: add("lifecycle.stoppedUnasked", number, "", "", 0)
        case .refundMissing:
            if estate.tariff.refundsColdRooms { add("lifecycle.refundMissing", number, second, "", money) }
        case .notFollowedUp: add("lifecycle.notFollowedUp", number, "", record, 0)
        case .strangerPhone: add("presence.weakLink", number, "", record, 0)
        case .nameDisagreement: add("fields.name", number, "", "holder.name", 0)
        case .classDisagreement: add("fields.class", number, "", "class", 0)
        case .supplyDisagreement: add("fields.supply", number, "", "supply.state", 0)
        case .roomDisagreement: add("fields.address", number, "", "room", 0)
        }
    }

    /// Billed less right, by the estate's own reckoning.
    private func overcharged(_ number: String, _ seasons: [Int]) -> Int64 {
        guard let account = estate.truth(account: number), let card = BillingCard(account, estate: estate) else {
            return 0
        }
        let right = estate.bills(of: account)
        return seasons.reduce(0) { $0 + card.bills[$1].due.amount - right[$1].due.amount }
    }
}
