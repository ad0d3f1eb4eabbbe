import AccountView
import Explanation
import Foundation
import HeatModel
import LegacyEstate
import SQLiteStore
import Setup
import Store

/// Explanations of random accounts out of a store, one after another on one thread: the account view read, compared with its peers,
/// every part with its evidence, the document and its Chinese text.
enum Explaining {
    static func measured(_ folder: BenchmarkFolder) throws -> Measurement {
        let company = try EstateStore(folder.path, accounts: folder.rows / 5)
        try company.make { FileHandle.standardError.write(Data("\($0) …\n".utf8)) }
        let store = try SQLiteStore(path: company.configuration.storePath)
        let money = try MoneyAnswers.load(
            configuration: EstateStore.repository + "/Config",
            settings: ExplanationSettings(peers: company.configuration.peers))
        let estate = company.estate
        let now = Instant.now
        var random = SeededNumbers(seed: 7)
        var bytes: Int64 = 0
        var compared = 0
        func explain() throws -> Duration {
            let number = estate.account(Int.random(in: 0..<company.accounts, using: &random)).number
            let started = ContinuousClock.now
            let answer: Explanation?
            do {
                answer = try store.read { store in
                    try money.explanation(
                        of: number, season: nil, versus: .peers, today: estate.today, now: now, in: store)
                }
            } catch let error as HearthError where error.code == .usageUnknownAccount {
                answer = nil
            }
            if let answer {
                bytes += Int64(answer.json(in: money.wordings(for: ["zh"])).count)
                if answer.difference != nil { compared += 1 }
            }
            return ContinuousClock.now - started
        }
        // Warm: the pages of the store are in the system's memory, where that is large enough, and those of the indexes in the reader's.
        try company.readThrough()
        for _ in 0..<min(50_000, company.accounts) { _ = try explain() }
        (bytes, compared) = (0, 0)
        let count = 50_000
        var durations: [Duration] = []
        durations.reserveCapacity(count)
        for _ in 0..<count { durations.append(try explain()) }
        durations.sort()
        let seconds = durations.reduce(Duration.zero, +).seconds
        var measurement = Measurement(rows: Int64(count), bytes: bytes, seconds: seconds)
        measurement.medianMicroseconds = durations[count / 2].seconds * 1e6
        measurement.p99Microseconds = durations[count * 99 / 100].seconds * 1e6
        measurement.share = durations[count / 2].seconds / 150e-6
        measurement.note = "\(compared) compared with peers"
        return measurement
    }
}
