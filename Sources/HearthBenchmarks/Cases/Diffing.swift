import Foundation
import HeatModel
import Reconciliation

/// Two findings files, one row in a thousand different.
enum Diffing {
    static func measured(_ folder: BenchmarkFolder) throws -> Measurement {
        let (before, after) = try FindingsFiles.made(in: folder)
        var told: Int64 = 0
        let started = ContinuousClock.now
        let counts = try Comparison.run(before, after) { _ in told += 1 }
        let elapsed = ContinuousClock.now - started
        let rows = counts.persisting.findings + told
        guard told > 0, told <= rows / 900 else {
            throw HearthError(.benchmarkFailed, "unexpected: \(told) differences of \(rows) findings")
        }
        let bytes = [before, after].reduce(Int64(0)) { sum, file in
            let attributes = try? FileManager.default.attributesOfItem(atPath: file)
            return sum + ((attributes?[.size] as? NSNumber)?.int64Value ?? 0)
        }
        return Measurement(rows: rows, bytes: bytes, seconds: elapsed.seconds)
    }
}
