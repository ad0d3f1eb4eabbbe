import CSVConnector
import HeatModel
import Records

/// A CSV file or a workbook to fields, through the connector as a sync uses it: digest, encoding, quotes, checks.
enum CSVDecoding {
    /// Bytes a second of zsv 1.4's `select`, one thread, as published on 26 March 2026: 118 MB of 20 columns, a fiftieth of the cells quoted,
    /// on a Xeon Platinum 8488C (liquidaty/zsv, app/benchmark/results).
    private static let zsvSelect = 0.99e9

    static func measured(folder: String, pattern: String = "*.csv") throws -> Measurement {
        let stream = CSVStream(name: "customers", folder: folder, pattern: pattern, semantics: .snapshot)
        let connector = CSVConnector(source: "benchmark", streams: [stream])
        var rows: Int64 = 0
        let started = ContinuousClock.now
        let summary = try connector.pull(PullRequest(stream: "customers")) { rows += Int64($0.rowCount) }
        let elapsed = ContinuousClock.now - started
        if rows != summary.rows || rows == 0 {
            throw HearthError(.benchmarkFailed, "read \(rows) of \(summary.rows) rows")
        }
        var measurement = Measurement(rows: rows, bytes: summary.bytes, seconds: elapsed.seconds)
        if pattern == "*.csv" {
            let share = Double(summary.bytes) / elapsed.seconds / zsvSelect
            measurement.note = "\(Int((share * 100).rounded())) % of what zsv's select is published with"
        }
        return measurement
    }
}
