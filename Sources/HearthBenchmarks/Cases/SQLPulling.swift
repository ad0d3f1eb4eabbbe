import HeatModel
import Mapping
import Records
import Sync

/// The bills out of PostgreSQL as batches of fields, and nothing done with them.
enum SQLPulling {
    static func measured(_ folder: BenchmarkFolder) throws -> Measurement {
        let stream = try Syncing.stream("charges", folder)
        var rows: Int64 = 0
        let started = ContinuousClock.now
        let summary = try stream.connector.pull(PullRequest(stream: "charges")) { rows += Int64($0.rowCount) }
        let elapsed = ContinuousClock.now - started
        if rows != summary.rows { throw HearthError(.benchmarkFailed, "read \(rows) of \(summary.rows) rows") }
        return Measurement(rows: rows, bytes: summary.bytes, seconds: elapsed.seconds)
    }
}

/// Raw bills to canonical ones; the pull between the batches is not counted.
enum RowMapping {
    static func measured(_ folder: BenchmarkFolder) throws -> Measurement {
        let stream = try Syncing.stream("charges", folder)
        var plan: MappingPlan?
        var rows: Int64 = 0
        var bytes: Int64 = 0
        var elapsed = Duration.zero
        _ = try stream.connector.pull(PullRequest(stream: "charges", limit: 1_000_000)) { batch in
            let compiled = try plan ?? MappingPlan(stream.mapping, columns: batch.columns, zone: stream.zone)
            plan = compiled
            let started = ContinuousClock.now
            let canonical = compiled.map(batch)
            elapsed += ContinuousClock.now - started
            if !canonical.rejects.isEmpty {
                throw HearthError(.benchmarkFailed, "\(canonical.rejects[0].message)")
            }
            rows += Int64(canonical.records.count)
            bytes += Int64(batch.bytes.count)
        }
        var measurement = Measurement(rows: rows, bytes: bytes, seconds: elapsed.seconds)
        measurement.share = elapsed.seconds / Double(rows) / 1e-6
        return measurement
    }
}
