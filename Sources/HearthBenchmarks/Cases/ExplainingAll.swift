import AccountView
import Explanation
import Foundation
import HeatModel
import LegacyEstate
import SQLiteStore
import Setup
import Store

/// Every account, season and comparison of five companies, one under each city's rules: the parts must sum to the difference, and
/// recomputation must find the planted errors of billing and nothing else. Fails where that does not hold.
enum ExplainingAll {
    static func measured(_ folder: BenchmarkFolder) throws -> Measurement {
        let accounts = max(60, folder.rows / 5 / City.allCases.count)
        var explanations: Int64 = 0
        var counts: [String: Int] = [:]
        var elapsed = Duration.zero
        for city in City.allCases {
            let company = try EstateStore(folder.path, accounts: accounts, city: city, withDiscrepancies: true)
            try company.make { FileHandle.standardError.write(Data("\($0) …\n".utf8)) }
            let started = ContinuousClock.now
            explanations += try check(company, &counts)
            elapsed += ContinuousClock.now - started
        }
        var measurement = Measurement(rows: explanations, bytes: 0, seconds: elapsed.seconds)
        measurement.share = elapsed.seconds / Double(max(1, explanations)) / 100e-6
        measurement.note = counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        return measurement
    }

    private static func check(_ company: EstateStore, _ counts: inout [String: Int]) throws -> Int64 {
        let store = try SQLiteStore(path: company.configuration.storePath)
        let money = try MoneyAnswers.load(
            configuration: EstateStore.repository + "/Config",
            settings: ExplanationSettings(peers: company.configuration.peers))
        let estate = company.estate
        let seasons = [estate.options.firstSeason, estate.options.secondSeason]
        let planted = billingErrors(estate)
        var flagged: Set<String> = []
        var explanations: Int64 = 0
        let now = Instant.now
        for index in 0..<company.accounts {
            let number = estate.account(index).number
            for season in seasons {
                for versus in Explanation.Versus.allCases {
                    let answer: Explanation
                    do {
                        answer = try store.read {
                            try money.explanation(
                                of: number, season: season, versus: versus, today: estate.today, now: now, in: $0)
                        }
                    } catch let error as HearthError where error.code == .usageUnknownAccount {
                        // What only billing knows waits in quarantine.
                        continue
                    }
                    explanations += 1
                    counts["\(versus.rawValue) \(answer.status.rawValue)", default: 0] += 1
                    if answer.status == .notComparable {
                        let reason = answer.problem.map { "\($0.code): \($0.message)" } ?? ""
                        let text =
                            "  not comparable: \(number) \(season) \(versus.rawValue) in \(estate.options.city), \(reason)\n"
                        FileHandle.standardError.write(Data(text.utf8))
                    }
                    if versus == .tariff, answer.needsHandOff { flagged.insert("\(number) \(season)") }
                    let sum = answer.parts.reduce(Fen.zero) { $0 + $1.fen }
                    let apart = (answer.bill?.due ?? .zero) - (answer.reference?.fen ?? .zero)
                    if let difference = answer.difference, sum != difference || apart != difference {
                        throw HearthError(
                            .benchmarkFailed, "the parts of \(number) \(season) \(versus) do not sum up")
                    }
                }
            }
        }
        counts["billing errors planted", default: 0] += planted.count
        counts["billing errors found", default: 0] += flagged.intersection(planted).count
        counts["found and not planted", default: 0] += flagged.subtracting(planted).count
        if flagged != planted {
            throw HearthError(
                .benchmarkFailed,
                "recomputation missed \(planted.subtracting(flagged).sorted().prefix(5)), and flagged \(flagged.subtracting(planted).sorted().prefix(5)) in \(estate.options.city)"
            )
        }
        return explanations
    }

    /// `number season` of every bill that is wrong by the estate's own account of it.
    private static func billingErrors(_ estate: Estate) -> Set<String> {
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
