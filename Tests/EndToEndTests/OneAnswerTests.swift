import Answers
import Explanation
import Foundation
import HearthTesting
import HeatModel
import Mapping
import TestTraits
import Testing

@testable import LegacyEstate

/// Whole companies in whose households much happens in the middle of a season, through the real way of the data: what is asked as a
/// question and what `hearth reconcile` writes say the same of every bill, to the fen, and so does the company's own reckoning.
@Suite(.waitsForServers) struct OneAnswerTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var city: City
        var seed: UInt64
        /// Whether billing charges the day of disconnection, and whether the tariff says so.
        var billingChargesDay: Bool
        var tariffChargesDay: Bool
        /// Whether the tariff says what supply suspended for a part of the season costs.
        var coversDays = true
        var testDescription: String {
            "\(city) \(seed) day \(billingChargesDay)/\(tariffChargesDay)\(coversDays ? "" : ", days not covered")"
        }
    }

    /// Both ways of charging the day for each city in a heavy run, else one.
    static let cases =
        ordinary + [
            Case(city: .beijing, seed: 33, billingChargesDay: true, tariffChargesDay: false),
            Case(city: .jinan, seed: 34, billingChargesDay: false, tariffChargesDay: true),
            Case(city: .tianjin, seed: 35, billingChargesDay: false, tariffChargesDay: false, coversDays: false),
        ]

    private static let ordinary = City.allCases.enumerated().flatMap { index, city in
        let cases = [
            Case(city: city, seed: 31, billingChargesDay: false, tariffChargesDay: false),
            Case(city: city, seed: 32, billingChargesDay: true, tariffChargesDay: true),
        ]
        let isHeavy = ProcessInfo.processInfo.environment["HEARTH_HEAVY_TESTS"] != nil
        return isHeavy ? cases : [cases[index % 2]]
    }

    private static let accounts = 240

    private static func company(_ test: Case, chargesDay: Bool) -> Estate {
        Estate(
            EstateOptions(
                accounts: accounts, seed: test.seed, city: test.city, plantFaults: false,
                householdEvents: HouseholdEvents(
                    chargesDisconnectionDay: chargesDay, elderlyPrice: ExactDecimal(units: 20_500, places: 3))))
    }

    @Test(arguments: cases) func everyAccountAndSeason(_ test: Case) async throws {
        let billing = Self.company(test, chargesDay: test.billingChargesDay)
        let right = Self.company(test, chargesDay: test.tariffChargesDay)
        try await Site.with(billing.options) { site in
            try Self.writeTariff(test, in: site)
            let sync = try await site.hearth("sync", "billing", "customer")
            #expect(sync.status == 0, "\(sync.errors)")
            let run = try await site.hearth("reconcile", "--out", "out")
            #expect(run.status < 2, "\(run.errors)")
            let findings = try Findings(site.folder + "/out")
            let questions = try Questions(site)
            var seen = Seen()
            for index in 0..<Self.accounts {
                let account = billing.account(index)
                for season in 0...1 {
                    let name = billing.options.name(ofSeason: season)
                    let place = "\(account.number) \(name)"
                    let answer = try questions.explain(account.number, name, on: billing.today)
                    let found = findings.of(account.number, name)
                    let bill = billing.bills(of: account)[season]
                    switch answer.status {
                    case "explained":
                        let difference = try #require(answer.differenceFen, "\(place)")
                        #expect(found.untold == nil && difference == found.money, "\(place)")
                        let own = bill.due - right.bills(of: right.account(index))[season].due
                        #expect(difference == own.amount, "\(place)")
                        #expect(!found.isReliefWrong, "\(place)")
                        seen.note(account, season, bill, billing, difference: difference)
                    case "no_bill":
                        #expect(bill.lines.isEmpty && found == Findings.Told(), "\(place)")
                        seen.withoutBill += 1
                    default:
                        let code = try #require(answer.problem?.code, "\(place): \(answer)")
                        #expect(found.untold == code && found.money == 0, "\(place): \(answer)")
                        let isPart = account.suspension(season: season) != nil && !test.coversDays
                        #expect(account.network.count == 2 || isPart, "\(place): \(answer)")
                        seen.untold += 1
                    }
                }
            }
            seen.check(test)
        }
    }

    /// The city's shipped tariff with the rules that such households need.
    private static func writeTariff(_ test: Case, in site: Site) throws {
        let path = site.folder + "/Config/tariffs/\(test.city).yaml"
        var text = try String(contentsOfFile: path, encoding: .utf8)
        func replace(_ old: String, _ new: String) {
            #expect(text.contains(old), "\(old)")
            text = text.replacing(old, with: new)
        }
        if test.coversDays { replace("insideSeason: none", "insideSeason: byDay") }
        let relief = "    - {when: lowIncome, percent: 10, of: firstLine}\n"
        replace(relief, relief + "    - {when: elderly, price: 20.5}\n")
        if test.tariffChargesDay { replace("  rounding: ", "  disconnection: {chargesLastDay: true}\n  rounding: ") }
        switch test.city {
        case .beijing:
            replace("{MWh: {unit: kWh, times: 1000}}", "{MWh: {unit: kWh, times: 1000}, MJ: {unit: GJ, times: 0.001}}")
            // The shipped unit price of measured heat has no GJ.
            replace(
                "metered: {heat: {kWh: 0.32}, factors: {MWh: {unit: kWh, times: 1000}, MJ: {unit: GJ, times: 0.001}}}",
                "metered: {heat: {kWh: 0.32}, factors: {MWh: {unit: kWh, times: 1000}}}")
        case .harbin:
            replace("    heat: {GJ: 44.41}\n", "    heat: {GJ: 44.41}\n    factors: {MJ: {unit: GJ, times: 0.001}}\n")
        default: break
        }
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        // Some meters of this company show MJ.
        let mapping = site.folder + "/Mappings/billing.readings.yaml"
        text = try String(contentsOfFile: mapping, encoding: .utf8)
        replace("MWh: MWh}", "MWh: MWh, MJ: MJ}")
        try text.write(toFile: mapping, atomically: true, encoding: .utf8)
    }
}

/// What a reconciliation found of the bills.
private struct Findings {
    struct Told: Equatable {
        var money: Int64 = 0
        var untold: String?
        var isReliefWrong = false
    }

    private var told: [String: Told] = [:]

    init(_ folder: String) throws {
        for row in try FindingsFile(folder).rows {
            let rule = row["rule"] ?? ""
            let key = "\(row["account_number"] ?? "") \(row["season"] ?? "")"
            switch rule {
            case "tariff.notCovered":
                if row["detail"] != "readings.none" { told[key, default: Told()].untold = row["detail"] }
            case "tariff.relief": told[key, default: Told()].isReliefWrong = true
            case "arithmetic.product", "lifecycle.suspendedCharged", "lifecycle.disconnectedCharged":
                told[key, default: Told()].money += Int64(row["money_fen"] ?? "") ?? .min / 4
            default:
                if rule.hasPrefix("tariff.") {
                    told[key, default: Told()].money += Int64(row["money_fen"] ?? "") ?? .min / 4
                }
            }
        }
    }

    func of(_ number: String, _ season: String) -> Told { told["\(number) \(season)"] ?? Told() }
}

/// Asks the site's store in this process.
private struct Questions {
    struct Answer: Decodable {
        struct Problem: Decodable { var code: String }
        var status: String
        var problem: Problem?
        var differenceFen: Int64?
    }

    private let answerer: Answerer

    init(_ site: Site) throws {
        let mappings = try MappingSet.load(directory: site.folder + "/Mappings")
        let noon = Instant("2026-01-20T12:00:00+08:00") ?? Instant(microseconds: 0, offsetMinutes: 0)
        answerer = Answerer(
            store: try site.places.open(site.storePath), mappings: mappings,
            log: AccessLogFolder(site.folder + "/access"), bindings: BindingGuard(perAccount: 5, perCaller: 60),
            money: try MoneyAnswers.load(configuration: site.folder + "/Config", settings: ExplanationSettings()),
            refresh: { _, _, _ in [] }, instant: { _ in noon })
    }

    func explain(_ number: String, _ season: String, on day: CivilDate) throws -> Answer {
        let question = try Question(
            .explanation,
            [
                "number": .text(number), "season": .text(season), "versus": .text("tariff"),
                "on": .text(day.description), "lang": .text("en"),
            ])
        let caller = Caller(id: "auditor", scopes: ScopeSet([.auditor]))
        let document = try answerer.reply(to: question, for: Requester(caller, action: "test")).result.get()
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Answer.self, from: Data(document.json))
    }
}

/// What kinds of households were judged: each must have been there.
private struct Seen {
    var (leaving, returning, partOfSeason, withoutSeason, partlySuspended) = (0, 0, 0, 0, 0)
    var (elderly, lowIncome, severalUnits, wrong, untold, withoutBill) = (0, 0, 0, 0, 0, 0)

    mutating func note(
        _ account: LegacyEstate.AccountFacts, _ season: Int, _ bill: Bill, _ estate: Estate, difference: Int64
    ) {
        let days = account.chargedDays(season: season, options: estate.options, tariff: estate.tariff)
        if days.days < days.of {
            if account.network.count == 1 { leaving += 1 } else { returning += 1 }
        }
        if let suspension = account.suspension(season: season) {
            let stopped = suspension.stopped(season: season, options: estate.options, tariff: estate.tariff)
            if stopped.days < stopped.of { partOfSeason += 1 }
            if !suspension.statesSeason { withoutSeason += 1 }
            if suspension.isPartial { partlySuspended += 1 }
        }
        if account.isElderly, account.method == .byArea { elderly += 1 }
        if account.isLowIncome, bill.lines.contains(where: { $0.reduction > .zero }) { lowIncome += 1 }
        let units = Set(
            LegacyEstate.MeterReading.all(account, season: season, options: estate.options, tariff: estate.tariff).map(
                \.shownUnit))
        if units.count > 1 { severalUnits += 1 }
        if difference != 0 { wrong += 1 }
    }

    func check(_ test: OneAnswerTests.Case) {
        let counts = [leaving, returning, withoutSeason, partlySuspended, elderly, lowIncome, untold, withoutBill]
        #expect(counts.allSatisfy { $0 > 0 }, "\(self)")
        #expect(leaving > 10 && returning > 10, "\(self)")
        #expect((partOfSeason > 10) == test.coversDays, "\(self)")
        #expect((severalUnits > 0) == (test.city != .shenyang), "\(self)")
        // A day too much or too little shows in each bill of premises that left the network in the season.
        #expect((wrong > 10) == (test.billingChargesDay != test.tariffChargesDay), "\(self)")
    }
}
