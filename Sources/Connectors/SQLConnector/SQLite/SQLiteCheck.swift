import GRDBSQLite
import HeatModel
import Records

/// The questions of ``SQLConnector/check()`` to a SQLite source.
struct SQLiteCheck {
    let connector: SQLConnector
    let path: String

    func run() -> [CheckFinding] {
        var findings: [CheckFinding] = []
        do {
            let connection = try SQLiteConnection(path: path)
            _ = try connection.rows("SELECT count(*) FROM sqlite_schema")
            findings.append(.init("connect", .ok, "SQLite \(String(cString: sqlite3_libversion())) reads \(path)"))
            let readOnly = sqlite3_db_readonly(connection.handle, "main") == 1
            findings.append(
                readOnly
                    ? .init("read only", .ok, "the file is open for reading only")
                    : .init("read only", .failed, "the session could write", advice: "Report this."))
            for stream in connector.streams { findings += check(stream, connection) }
        } catch {
            findings.append(.init("connect", error))
        }
        return findings
    }

    private func check(_ stream: SQLStream, _ connection: SQLiteConnection) -> [CheckFinding] {
        let subject = "stream \(stream.name)"
        do {
            let table = try SQLiteTable(stream, connection)
            var findings = [
                CheckFinding(subject, .ok, "\(stream.relationName) has \(table.columns.count) columns to read")
            ]
            if let filter = stream.filter {
                _ = try connection.prepare("SELECT 1 FROM \(table.sql) WHERE (\n\(filter)\n)", stream: stream)
            }
            let indexes = try table.indexes(connection)
            let key = table.key.map(\.name)
            if key.isEmpty {
                findings.append(
                    .init(
                        "key of \(stream.name)", .warning,
                        "no key is configured and the table declares none: rows come in no order",
                        advice: "Name the columns that identify a row."))
            } else if let indexes {
                let isUnique = indexes.contains { $0.isUnique && Set($0.columns) == Set(key) }
                findings.append(
                    isUnique
                        ? .init("key of \(stream.name)", .ok, "\(key.joined(separator: ", ")) is unique")
                        : .init(
                            "key of \(stream.name)", .warning,
                            "\(key.joined(separator: ", ")) has no unique index: rows may share a key",
                            advice: "Ask for a unique index, or choose the columns of the primary key."))
            }
            if !key.isEmpty, indexes?.contains(where: { $0.isUnique && Set($0.columns) == Set(key) }) != true,
                let shared = try shared(table, stream, connection)
            {
                findings.append(shared)
            }
            if let cursor = table.cursor {
                let subject = "cursor of \(stream.name)"
                let survey = SQLiteSurvey(connection, stream, table, cursor, zone: connector.zone)
                let counts = try survey.counts()
                findings += counts.outcome.findings(subject, column: cursor.name)
                if let indexes, !indexes.contains(where: { $0.columns.first == cursor.name }) {
                    findings.append(
                        .init(
                            subject, .warning,
                            "\(cursor.name) has no index: each incremental pull reads the whole table",
                            advice: "Ask for an index on it."))
                }
                if cursor.isNullable && (indexes != nil || counts.nulls > 0) {
                    findings.append(
                        .init(
                            subject, .warning,
                            "\(cursor.name) may be NULL, and is in \(counts.nulls) rows: rows without it are read by every pull",
                            advice: "Ask for NOT NULL, if it always has a value."))
                }
                if let order = counts.outcome.order, order.isTime {
                    findings += RepeatedHour.findings(
                        stream, column: cursor.name, counts.outcome.progress ?? "", order, in: connector.zone,
                        now: survey.now)
                }
                if stream.lookback <= 0 {
                    findings.append(
                        .init(
                            "lookback of \(stream.name)", .warning,
                            "lookback is 0, and SQLite does not tell of transactions that are open: a row that is committed during a pull with a value from before it may be lost",
                            advice: "Set lookback to longer than the longest transaction of the legacy system lasts."))
                }
            }
            return findings
        } catch {
            return [.init(subject, error)]
        }
    }

    /// Whether rows share a key.
    private func shared(
        _ table: SQLiteTable, _ stream: SQLStream, _ connection: SQLiteConnection
    ) throws -> CheckFinding? {
        let key = table.key.map { SQLiteTable.quoted($0.name) }.joined(separator: ", ")
        let filter = stream.filter.map { " WHERE (\n\($0)\n)" } ?? ""
        let found = try connection.rows(
            "SELECT count(*), total(n) FROM (SELECT count(*) AS n FROM \(table.sql)\(filter) GROUP BY \(key) HAVING count(*) > 1)",
            stream: stream)
        guard let keys = found.first?[0], keys != "0" else { return nil }
        let rows = found.first?[1].map { $0.hasSuffix(".0") ? String($0.dropLast(2)) : $0 } ?? ""
        return .init(
            "key of \(stream.name)", .warning,
            "\(rows) rows share \(keys) values of \(table.key.map(\.name).joined(separator: ", "))",
            advice: "Name the columns that identify a row: of rows with one key only one is kept.")
    }
}
