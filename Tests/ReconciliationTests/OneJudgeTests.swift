import AccountView
import Billing
import Explanation
import Foundation
import HearthTesting
import HeatModel
import Store
import Testing

@testable import Reconciliation

/// `explain --versus tariff` and `reconcile` judge every bill alike, to the fen.
@Suite struct OneJudgeTests {
    static let today = CivilDate("2026-04-20") ?? CivilDate(dayNumber: 0)

    private static let common = """
          source: x
          season: {start: 11-15, end: 03-15}
          area: building
          proration: {network: none, account: byDay}
          suspension: {feeRatio: 0.30, measured: area, insideSeason: byDay}
          concessions:
            - {when: lowIncome, percent: 10, of: firstLine}
            - {when: elderly, price: 20.5}
          rounding: {line: fen halfUp, total: fen halfUp}
        """

    /// Cities that differ in what the judges once judged apart.
    static let cities = [
        "price: {amount: 24}\ntwoPart: {base: 12, heat: {kWh: 0.16, GJ: 44.45}, factors: {MWh: {unit: kWh, times: 1000}}}\nmetered: {heat: {kWh: 0.32}}",
        "price: {amount: 24}\ndisconnection: {chargesLastDay: true}\ntwoPart: {base: 12, heat: {GJ: 44.45}, factors: {MJ: {unit: GJ, times: 0.001}}}\ncap: {percent: 100, settles: seasonEnd}",
        "price: {amount: 5.8, per: month, months: 4}\nproration: {account: byMonth}\ntwoPart: {base: 9, heat: {kWh: 0.2}, trueUp: {refunds: true, collects: true}}",
        "price: {amount: 0.2, per: day}\nsuspension: {ratio: 0.15, measured: base, insideSeason: byDay}\ntwoPart: {base: 10, heat: {kWh: 0.21}}",
        "price: {amount: 26}\nproration: none\narea: {basis: building, where: [{basis: inner, communities: [甲]}]}\nshared: {as: ownLine, price: 6, whileSuspended: true}\ntwoPart: {base: 8, heat: {kWh: 0.2}}\nmetered: {heat: {kWh: 0.3}}",
        "price: {amount: 24}\nsuspension: none\nconcessions: none\nrounding: {line: jiao halfUp, total: yuan truncate}\ntwoPart: {base: 12, heat: {kWh: 0.16}, correction: 1}",
    ]

    static func book(_ city: Int) throws -> TariffBook {
        try withFolder { folder in
            let rules = cities[city].split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
            try write(
                "city: A\naliases: [A1]\ncommon:\n\(common)\nversions:\n  - id: all\n    seasons: ..\n\(rules)\n",
                to: folder + "/a.yaml")
            return try TariffBook.load(directory: folder)
        }
    }

    /// A company's own day; everything else is not there.
    private struct NoSupportingData: SupportingData {
        func statistics(_ level: CohortLevel, of house: PeerBuilding, kind: CohortKind) throws -> CohortStatistics? {
            nil
        }
        func provenances(of account: String) throws -> (AccountContext.Reference) -> (run: Int64, instant: Instant?)? {
            { _ in nil }
        }
        func waitingCharges(of account: String) throws -> Int { 0 }
        func lastSuccess(of streams: [String]) throws -> [String: Instant] { [:] }
        func latestDay(upTo day: CivilDate) throws -> CivilDate? { OneJudgeTests.today }
    }

    /// What reconciliation says of a season's bill.
    private struct Told {
        /// Of all findings about what is charged.
        var money: Int64 = 0
        /// Why nothing could be told.
        var untold: String?
        var isOffTheNetwork = false
    }

    private func reconciled(_ view: [UInt8], _ book: TariffBook) throws -> [String: Told] {
        var rules = try RuleSet.load(path: repository.appendingPathComponent("Config/reconciliation.yaml").path)
        rules.city = "A"
        let kinds: [(String, EntityKind)] = [
            ("customer.residents", .premises), ("billing.charges", .charge), ("billing.readings", .meterReading),
            ("billing.suspensions", .suspension), ("billing.disconnections", .disconnection),
        ]
        let streams = kinds.enumerated().map { StoredStream(id: StreamID(Int64($0 + 1)), name: $1.0, entity: $1.1) }
        let plan = CheckPlan(rules: rules, book: book, streams: streams, incomplete: [], placed: [:], season: nil)
        let checker = AccountChecker(plan: plan, today: Self.today)
        var reader = ScannedAccountReader(streams)
        var scanned = ScannedAccount()
        view.withUnsafeBytes { bytes in
            reader.read(bytes, into: &scanned)
            _ = checker.check(scanned, AccountID(1))
        }
        var found: [String: Told] = [:]
        for finding in checker.findings {
            let rule = rules.rules[finding.rule]
            switch rule.check {
            case .tariff, .lineProduct, .suspendedCharged, .disconnectedCharged:
                found[finding.season, default: Told()].money += finding.money
                if rule.check == .disconnectedCharged { found[finding.season]?.isOffTheNetwork = true }
            case .notRecomputed where finding.detail != "readings.none":
                found[finding.season, default: Told()].untold = finding.detail
            default: break
            }
        }
        return found
    }

    @Test(arguments: Array(cities.indices)) func everyAccountAndSeason(_ city: Int) throws {
        let book = try Self.book(city)
        let explainer = Explainer(book: book, settings: ExplanationSettings(homeCity: "A"))
        var random = SeededGenerator(seed: UInt64(2026 + city))
        var (right, wrong, untold, disconnected, suspended) = (0, 0, 0, 0, 0)
        for number in 0..<160 {
            let view = RandomView.make(book, number, &random)
            let told = try reconciled(view.bytes, book)
            for season in RandomView.seasons {
                let answer = try explainer.explain(
                    AccountContext(view: view.bytes), season: season, versus: .tariff, asOf: Self.today,
                    now: Instant("2026-04-20T12:00:00+08:00") ?? Instant(microseconds: 0, offsetMinutes: 0),
                    in: NoSupportingData())
                let found = told[season]
                let name =
                    "city \(city) account \(number) season \(season)\n\(String(decoding: view.bytes, as: UTF8.self))"
                switch answer.status {
                case .explained:
                    #expect(found?.untold == nil, "\(name)")
                    #expect(answer.difference?.amount == found?.money ?? 0, "\(name)")
                    if answer.difference == .zero { right += 1 } else { wrong += 1 }
                    if answer.check.map({ $0.chargedDays < $0.seasonDays }) ?? false { disconnected += 1 }
                    if answer.check?.lines.contains(where: { $0.item == .suspension }) ?? false { suspended += 1 }
                case .noBill: #expect(found?.untold == nil, "\(name)")
                default:
                    // Off the network all the season nothing is due, whatever else is not known.
                    if found?.isOffTheNetwork != true { #expect(found?.untold == answer.problem?.code, "\(name)") }
                    untold += 1
                }
            }
        }
        // Each kind of judgement was there.
        #expect(right > 100 && wrong > 5, "\(right) \(wrong) \(untold)")
        if Self.cities[city].contains("suspension: none") {
            #expect(untold > 10)
        } else {
            #expect(suspended > 10, "\(suspended)")
        }
        if !Self.cities[city].contains("proration: none") { #expect(disconnected > 5, "\(disconnected)") }
    }

    /// A household that left the network on 10 January: 56 days up to the day before, 57 with it.
    @Test func theDayOfDisconnection() throws {
        for (city, days, due) in [(0, 56, Int64(111_074)), (1, 57, 113_058)] {
            let book = try Self.book(city)
            var view = RandomView(number: "00000339")
            view.facts["area_building"] = "100.000"
            view.disconnections = ["\"on\":\"2026-01-10\",\"state\":\"disconnected\""]
            view.charge("2025-2026", "heatByArea", "100.000", "m2", "24.000", due)
            #expect(try reconciled(view.bytes, book).isEmpty, "\(days)")
            view.charges.removeAll()
            view.charge("2025-2026", "heatByArea", "100.000", "m2", "24.000", due + 100)
            #expect(try reconciled(view.bytes, book)["2025-2026"]?.money == 100)
        }
    }
}

/// A random household: its facts, its records, and a bill that is right or wrong in one thing.
struct RandomView {
    static let seasons = ["2024-2025", "2025-2026"]

    var number: String
    var facts: [String: String] = ["class": "resident", "method": "byArea", "area_building": "80.000"]
    var charges: [String] = []
    var readings: [String] = []
    var suspensions: [String] = []
    var disconnections: [String] = []

    init(number: String) { self.number = number }

    static func make(_ book: TariffBook, _ number: Int, _ random: inout SeededGenerator) -> RandomView {
        var view = RandomView(number: String(number + 10_000_000))
        func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
        let area = Int64.random(in: 30_000...180_000, using: &random)
        view.facts["area_building"] = "\(ExactDecimal(units: area, places: 3))"
        view.facts["area_inner"] = "\(ExactDecimal(units: area * 8 / 10, places: 3))"
        view.facts["area_shared"] = "\(ExactDecimal(units: area - area * 8 / 10, places: 3))"
        view.facts["community"] = ["甲", "乙"].randomElement(using: &random)
        view.facts["method"] = ["byArea", "byArea", "twoPart", "twoPart", "metered"].randomElement(using: &random)
        if chance(20) { view.facts["flags_low_income"] = "true" }
        if chance(20) { view.facts["flags_elderly"] = "true" }
        if chance(10) { view.facts["area_basis"] = ["inner", "building"].randomElement(using: &random) }
        // The city as a fact, in the tariff's code however it is written, or nowhere.
        switch Int.random(in: 0..<5, using: &random) {
        case 0: view.facts["city"] = "A"
        case 1: view.facts["tariff"] = "A1-JM-3"
        case 2: view.facts["tariff"] = "A1_JM"
        case 3: view.facts["tariff"] = "A1.JM.3"
        default: break
        }
        if chance(35) { view.addSuspension(&random) }
        if chance(20) { view.addDisconnection(&random) }
        for season in seasons {
            if view.facts["method"] != "byArea", chance(90) { view.addReadings(season, &random) }
            view.bill(book, season, &random)
        }
        return view
    }

    private mutating func addSuspension(_ random: inout SeededGenerator) {
        func pick(_ texts: [String]) -> String { texts.randomElement(using: &random) ?? "" }
        var parts = ["\"kind\":\"full\""]
        if Bool.random(using: &random) {
            parts = ["\"kind\":\"partial\""]
            if Int.random(in: 0..<8, using: &random) > 0 { parts.append("\"ratio\":\"\(pick(["0.2500", "0.5000"]))\"") }
        }
        if Bool.random(using: &random) { parts.append("\"season\":\"\(pick(Self.seasons + ["2026-2027"]))\"") }
        switch Int.random(in: 0..<4, using: &random) {
        case 0: parts.append("\"from\":\"\(pick(["2025-11-15", "2025-12-20", "2024-12-01"]))\"")
        case 1: parts.append("\"from\":\"2025-11-15\",\"to\":\"\(pick(["2026-03-15", "2026-01-31", "2026-10-01"]))\"")
        case 2: parts.append("\"from\":\"2026-11-15\",\"to\":\"2027-03-15\"")
        default: break
        }
        let state = pick(["approved", "approved", "ended", "requested", "rejected", ""])
        if !state.isEmpty { parts.append("\"state\":\"\(state)\"") }
        suspensions.append(parts.joined(separator: ","))
        if Int.random(in: 0..<3, using: &random) == 0 {
            suspensions.append(
                "\"kind\":\"restore\",\"from\":\"\(pick(["2025-12-24", "2026-02-01", "2025-01-10", "2023-12-01"]))\",\"state\":\"\(pick(["approved", "requested", "ended"]))\""
            )
        }
    }

    private mutating func addDisconnection(_ random: inout SeededGenerator) {
        func pick(_ texts: [String]) -> String { texts.randomElement(using: &random) ?? "" }
        let day = pick(["2026-01-10", "2025-02-02", "2025-06-11", "2025-11-15", "2026-03-15", "2026-04-01"])
        let state = pick(["disconnected", "disconnected", "disconnected", "requested", "approved", "restored", ""])
        disconnections.append("\"on\":\"\(day)\"" + (state.isEmpty ? "" : ",\"state\":\"\(state)\""))
        if Int.random(in: 0..<3, using: &random) == 0 {
            disconnections.append("\"on\":\"\(pick(["2025-12-01", "2026-02-10"]))\",\"state\":\"restored\"")
        }
    }

    private mutating func addReadings(_ season: String, _ random: inout SeededGenerator) {
        let unit = ["kWh", "kWh", "kWh", "GJ", "MWh", "MJ"].randomElement(using: &random) ?? "kWh"
        let year = Int(season.prefix(4)) ?? 0
        var value = Int64.random(in: 0...900_000, using: &random)
        for day in ["\(year)-12-10", "\(year + 1)-01-12", "\(year + 1)-03-14"] {
            let used = Int64.random(in: 0...4_000_000, using: &random) / (unit == "kWh" ? 1 : 200)
            // Now and then a meter runs backwards.
            let end = Int.random(in: 0..<60, using: &random) == 0 ? value - 5 : value + used
            func text(_ units: Int64) -> String { "\(ExactDecimal(units: units, places: 3))" }
            var parts = ["\"season\":\"\(season)\"", "\"meter\":\"M1\"", "\"read_at\":\"\(day)T08:00:00+08:00\""]
            parts += ["\"start_value\":\"\(text(value))\"", "\"end_value\":\"\(text(end))\"", "\"unit\":\"\(unit)\""]
            // What was used may be stated, or follow from the two values.
            if Bool.random(using: &random) { parts.append("\"consumption\":\"\(text(end - value))\"") }
            readings.append(parts.joined(separator: ","))
            value = end
        }
    }

    /// A bill as the rules give it, or with one thing wrong.
    private mutating func bill(_ book: TariffBook, _ season: String, _ random: inout SeededGenerator) {
        guard let name = HeatingSeason(season) else { return }
        let account = BillingAccount(AccountContext(view: bytes), book, homeCity: "A", coldRooms: nil)
        var subject = account.season(name, billed: [], by: book).subject
        subject.asOf = OneJudgeTests.today
        let mistake = Int.random(in: 0..<12, using: &random)
        if mistake == 0 { subject.suspensions = [] }
        if mistake == 1 { subject.connected = nil }
        if mistake == 2 { subject.entitlements = [] }
        guard let right = try? book.evaluate(subject) else {
            charge(season, "heatByArea", "80.000", "m2", "24.000", 192_000)
            return
        }
        for line in right.lines {
            let wrong: Int64 = mistake == 3 && line.item != .adjustment ? 1_000 : 0
            // A share of the published price may be printed with the published price.
            var price = line.unitPrice
            if case .published(let published)? = line.priceParts.first, Bool.random(using: &random) {
                price = published
            }
            charge(
                season, line.item.rawValue, "\(line.quantity)", line.unit.rawValue, "\(price)",
                line.amount.amount + wrong)
        }
        for relief in right.reliefs where mistake != 4 {
            charge(season, "reduction", "1.000", "each", "1.000", -relief.amount.amount)
        }
        if mistake == 5 { charge(season, "lateFee", "1.000", "each", "1.000", 777) }
    }

    mutating func charge(
        _ season: String, _ item: String, _ quantity: String, _ unit: String, _ price: String, _ due: Int64
    ) {
        charges.append(
            "\"season\":\"\(season)\",\"item\":\"\(item)\",\"quantity\":\"\(quantity)\",\"unit\":\"\(unit)\",\"unit_price\":\"\(price)\",\"due_fen\":\(due)"
        )
    }

    var bytes: [UInt8] {
        let facts = self.facts.keys.sorted().map { key in
            let value = self.facts[key] ?? ""
            return "\"\(key)\":" + (value == "true" ? value : "\"\(value)\"")
        }
        func list(_ name: String, _ entries: [String]) -> String {
            let rows = entries.enumerated().map { "{\"source\":\"billing.\(name)\",\"key\":\"\($0)\",\($1)}" }
            return ",\"\(name)\":[\(rows.joined(separator: ","))]"
        }
        let text =
            "{\"account_number\":\"\(number)\",\"facts\":{\(facts.joined(separator: ","))},\"fact_sources\":[{\"source\":\"customer.residents\",\"key\":\"1\",\"fields\":[]}],\"missing\":[],\"disagreements\":[],\"seasons\":[]"
            + list("charges", charges) + list("readings", readings) + list("suspensions", suspensions)
            + list("disconnections", disconnections) + "}"
        return Array(text.utf8)
    }
}
