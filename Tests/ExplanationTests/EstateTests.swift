import AccountView
import Billing
import Explanation
import Foundation
import HeatModel
import LegacyEstate
import SQLiteStore
import Store
import Testing

/// Whole companies, through the real way of the data.
@Suite struct EstateTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var city: City
        var seed: UInt64
        var accounts: Int
        var testDescription: String { "\(city) \(accounts) seed \(seed)" }
    }

    static let cases: [Case] = {
        // HEARTH_HEAVY_TESTS=1: 200,000 accounts, 40,000 of each city; HEARTH_HEAVY_ACCOUNTS may say another number.
        let environment = ProcessInfo.processInfo.environment
        if environment["HEARTH_HEAVY_TESTS"] == "1" {
            let accounts = environment["HEARTH_HEAVY_ACCOUNTS"].flatMap { Int($0) } ?? 200_000
            return City.allCases.map { Case(city: $0, seed: 2026, accounts: accounts / City.allCases.count) }
        }
        return City.allCases.flatMap { city in [3, 77].map { Case(city: city, seed: $0, accounts: 240) } }
    }()

    /// Every account, season and comparison: the parts sum to the difference, whatever happened; and recomputation finds what was
    /// planted, and nothing else.
    @Test(arguments: cases) func everyAccount(_ test: Case) throws {
        let company = try Company(
            EstateOptions(
                accounts: test.accounts, seed: test.seed, city: test.city, plantDiscrepancies: true))
        let seasons = [company.estate.options.firstSeason, company.estate.options.secondSeason]
        var statuses: [Explanation.Versus: [Explanation.Status: Int]] = [:]
        var flagged: Set<String> = []
        var wrongSums: [String] = []
        try company.store.read { store in
            for index in 0..<test.accounts {
                let number = company.estate.account(index).number
                guard try Array(number.utf8).withUnsafeBytes({ try store.view(number: $0) }) != nil else { continue }
                for season in seasons {
                    for versus in Explanation.Versus.allCases {
                        let answer = try company.money.explanation(
                            of: number, season: season, versus: versus, today: company.today,
                            now: instant("2026-01-20T12:00:00+08:00"), in: store)
                        statuses[versus, default: [:]][answer.status, default: 0] += 1
                        if let difference = answer.difference {
                            let sum = answer.parts.reduce(Fen.zero) { $0 + $1.fen }
                            let apart = (answer.bill?.due ?? .zero) - (answer.reference?.fen ?? .zero)
                            if sum != difference || apart != difference {
                                wrongSums.append("\(number) \(season) \(versus)")
                            }
                        }
                        if versus == .tariff, answer.needsHandOff { flagged.insert("\(number) \(season)") }
                        if answer.status == .explained, answer.difference == nil {
                            wrongSums.append("\(number) \(season)")
                        }
                    }
                }
            }
        }
        #expect(wrongSums == [])
        let planted = Self.billingErrors(company.estate)
        #expect(flagged.subtracting(planted) == [], "flagged and not planted")
        #expect(planted.subtracting(flagged) == [], "planted and not flagged")
        #expect(!planted.isEmpty)
        // Nearly everybody is compared with somebody.
        let tariff = statuses[.tariff] ?? [:]
        #expect(
            tariff[.tariffNotCovered] == nil && tariff[.missingInput] == nil && tariff[.contradictoryReadings] == nil)
        let peers = statuses[.peers] ?? [:]
        #expect(peers[.explained] ?? 0 > test.accounts, "\(peers)")
        #expect(peers[.notComparable] == nil && statuses[.previous]?[.notComparable] == nil, "\(statuses)")
        #expect(statuses[.previous]?[.explained] ?? 0 > test.accounts * 8 / 10, "\(statuses)")
    }

    /// `number season` of every bill that is wrong by the estate's own account of it.
    static func billingErrors(_ estate: Estate) -> Set<String> {
        let both = [estate.options.firstSeason, estate.options.secondSeason]
        var wrong: Set<String> = []
        for fault in estate.planted {
            guard let number = fault.accountNumber, fault.money?.amount != 0 else { continue }
            switch fault.kind {
            case .areaDisagreement, .heightUnderstated, .staleArea:
                for season in both { wrong.insert("\(number) \(season)") }
            case .wrongProduct, .wrongTariff: wrong.insert("\(number) \(both[0])")
            case .suspendedInFull, .disconnectedInFull: wrong.insert("\(number) \(both[1])")
            default: break
            }
        }
        return wrong
    }
}
