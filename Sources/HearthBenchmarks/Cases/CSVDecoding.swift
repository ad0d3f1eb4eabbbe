import CSVConnector
import HeatModel
import Records

/// A CSV file or a workbook to fields, through the connector as a sync uses it: digest, encoding, quotes, checks.
enum CSVDecoding {
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
        return Measurement(rows: rows, bytes: summary.bytes, seconds: elapsed.seconds)
    }
}
