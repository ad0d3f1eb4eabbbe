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
            let indexes = try indexes(of: table, connection)
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
            if let cursor = table.cursor, let indexes {
                let subject = "cursor of \(stream.name)"
                if !indexes.contains(where: { $0.columns.first == cursor.name }) {
                    findings.append(
                        .init(
                            subject, .warning,
                            "\(cursor.name) has no index: each incremental pull reads the whole table",
                            advice: "Ask for an index on it."))
                }
                if cursor.isNullable {
                    findings.append(
                        .init(
                            subject, .warning, "\(cursor.name) may be NULL: rows without it are read by every pull",
                            advice: "Ask for NOT NULL, if it always has a value."))
                }
            }
            return findings
        } catch {
            return [.init(subject, error)]
        }
    }

    /// The table's indexes and its primary key; nil for a query.
    private func indexes(
        of table: SQLiteTable, _ connection: SQLiteConnection
    ) throws -> [(columns: [String], isUnique: Bool)]? {
        guard let name = table.name else { return nil }
        let short = name.firstIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? name
        var found: [(columns: [String], isUnique: Bool)] = []
        for row in try connection.rows("PRAGMA index_list(\(SQLiteTable.quoted(short)))") where row[4] == "0" {
            let columns = try connection.rows("PRAGMA index_info(\(SQLiteTable.quoted(row[1] ?? "")))")
            found.append((columns.compactMap { $0[2] }, row[2] == "1"))
        }
        let primary = try connection.rows("PRAGMA table_info(\(SQLiteTable.quoted(short)))")
            .filter { $0[5] != "0" }.sorted { Int($0[5] ?? "") ?? 0 < Int($1[5] ?? "") ?? 0 }.compactMap { $0[1] }
        if !primary.isEmpty { found.append((primary, true)) }
        return found
    }
}
