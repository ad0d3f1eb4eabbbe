import HeatModel
import SQLiteStore
import Store

/// Views of random accounts out of the store, one after another on one thread.
enum Lookup {
    static func measured(_ folder: BenchmarkFolder) throws -> Measurement {
        let store = try SQLiteStore(path: folder.viewsStore)
        var random = SeededNumbers(seed: 1)
        let accounts = folder.rows / 5
        let reads = 200_000
        var bytes: Int64 = 0
        let started = ContinuousClock.now
        for _ in 0..<reads {
            let number = "HT\(10_000_000 + Int.random(in: 0..<accounts, using: &random))"
            let view = try Array(number.utf8).withUnsafeBytes { number in try store.read { try $0.view(number: number) }
            }
            guard let view else { throw HearthError(.benchmarkFailed, "an account has no view") }
            bytes += Int64(view.body.count)
        }
        let elapsed = ContinuousClock.now - started
        var measurement = Measurement(rows: Int64(reads), bytes: bytes, seconds: elapsed.seconds)
        measurement.share = elapsed.seconds / Double(reads) / 25e-6
        return measurement
    }
}
