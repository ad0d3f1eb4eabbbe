import HeatModel
import Records
import SQLConnector

/// A table out of MariaDB through its ODBC driver as batches of fields, and nothing done with them.
enum ODBCPulling {
    static func measured(_ folder: BenchmarkFolder) throws -> Measurement {
        let options = ODBCOptions(
            system: .mysql, driver: "MariaDB Unicode", host: try MariaDBTable.socket(in: folder),
            database: try MariaDBTable.database(in: folder), user: "root")
        let connector = SQLConnector(
            source: "billing", driver: .odbc(options), streams: [SQLStream(name: "bill", table: MariaDBTable.name)])
        var rows: Int64 = 0
        let started = ContinuousClock.now
        let summary = try connector.pull(PullRequest(stream: "bill")) { rows += Int64($0.rowCount) }
        let elapsed = ContinuousClock.now - started
        guard rows == MariaDBTable.rows, summary.completeness != nil else {
            throw HearthError(.benchmarkFailed, "read \(rows) of \(MariaDBTable.rows) rows")
        }
        return Measurement(rows: rows, bytes: summary.bytes, seconds: elapsed.seconds)
    }
}
