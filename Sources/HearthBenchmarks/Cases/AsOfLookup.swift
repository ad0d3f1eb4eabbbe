import AccountView
import Foundation
import HeatModel
import Mapping
import SQLiteStore
import Store

/// Views as of the run before the last one, which changed 0.1 % of the bills, beside present lookups of the same accounts.
/// `as-of` asks for any accounts, `as-of-changed` only for those that the last run changed: their views are built.
enum AsOfLookup {
    /// Where it is set in the environment, the present is looked up.
    static let present = "HEARTH_BENCHMARK_PRESENT"

    static func measured(_ benchmark: BenchmarkCase, _ folder: BenchmarkFolder) throws -> Measurement {
        let store = try SQLiteStore(path: folder.changedStore)
        let views = AccountViews(store: store, unified: try MappingSet.load(directory: folder.mappings).unified)
        let runs = try store.read { try $0.runs(stream: nil, limit: 2) }
        guard let before = runs.last, runs.count == 2 else {
            throw HearthError(.benchmarkFailed, "the store has no two runs")
        }
        let isPresent = ProcessInfo.processInfo.environment[present] != nil
        let asOf: AsOf = isPresent ? .present : .run(before.id)
        let numbers = try numbers(benchmark, folder, store)
        var bytes: Int64 = 0
        // Once through, so that both have their pages in memory.
        for number in numbers { bytes += Int64(try views.view(number: number)?.count ?? 0) }
        bytes = 0
        let started = ContinuousClock.now
        for number in numbers {
            guard let view = try views.view(number: number, asOf: asOf) else {
                throw HearthError(.benchmarkFailed, "an account has no view")
            }
            bytes += Int64(view.count)
        }
        return Measurement(rows: Int64(numbers.count), bytes: bytes, seconds: (ContinuousClock.now - started).seconds)
    }

    private static func numbers(
        _ benchmark: BenchmarkCase, _ folder: BenchmarkFolder, _ store: SQLiteStore
    ) throws -> [String] {
        var random = SeededNumbers(seed: 1)
        func any() -> String { "HT\(10_000_000 + Int.random(in: 0..<folder.rows / 5, using: &random))" }
        if benchmark == .asOf { return (0..<100_000).map { _ in any() } }
        var changed: [String] = []
        try store.read { store in
            while changed.count < 200 {
                let number = any()
                let account = try Array(number.utf8).withUnsafeBytes { try store.account(number: $0) }
                if let account, try !store.history(of: account).isEmpty { changed.append(number) }
            }
        }
        return (0..<100).flatMap { _ in changed }
    }
}
