import GRDBSQLite
import HeatModel

/// What a stream reads, as SQLite knows it.
struct SQLiteTable {
    struct Column {
        var name: String
        var type: String
        var isNullable: Bool
    }

    var sql: String
    var columns: [Column]
    var key: [Column]
    var cursor: Column?
    /// The table's name, nil for a query.
    var name: String?

    /// - Throws: ``HearthError`` `config.unknownTable` or `config.unknownColumn` with the nearest name.
    init(_ stream: SQLStream, _ connection: SQLiteConnection) throws {
        var all: [Column] = []
        var declared: [(Int, String)] = []
        switch stream.relation {
        case .table(let name):
            sql = Self.quoted(path: name)
            self.name = name
            let dot = name.firstIndex(of: ".")
            let schema = dot.map { Self.quoted(String(name[..<$0])) + "." } ?? ""
            let table = dot.map { String(name[name.index(after: $0)...]) } ?? name
            // 2 and 3 in `hidden` are generated columns, 1 those of virtual tables.
            for row in try connection.rows("PRAGMA \(schema)table_xinfo(\(Self.quoted(table)))", stream: stream)
            where row[6] != "1" {
                let rank = Int(row[5] ?? "") ?? 0
                let isRowID = rank > 0 && row[2]?.uppercased() == "INTEGER"
                all.append(Column(name: row[1] ?? "", type: row[2] ?? "", isNullable: row[3] != "1" && !isRowID))
                if rank > 0 { declared.append((rank, row[1] ?? "")) }
            }
            if all.isEmpty {
                let names = try connection.rows("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")
                    .compactMap { $0[0] }
                throw HearthError(
                    .configUnknownTable, "stream \(stream.name): there is no table \(name)",
                    at: .table(name, key: nil),
                    advice: NearestName.advice(name, among: names)
                        ?? "no table can be seen: check the database's name and the permissions")
            }
        case .query(let text):
            let text = SQLQuery.withoutEnd(text)
            sql = "(\n\(text)\n) AS stream"
            // In parentheses SQLite would give the second of two equal names another one.
            let own = try connection.prepare(text, stream: stream)
            try SQLQuery.refuseRepeated(
                (0..<Int32(own.columnCount)).map { String(cString: sqlite3_column_name(own.handle, $0)) },
                ignoringCase: true, stream)
            let statement = try connection.prepare("SELECT * FROM \(sql) LIMIT 0", stream: stream)
            all = (0..<Int32(statement.columnCount)).map { column in
                Column(
                    name: String(cString: sqlite3_column_name(statement.handle, column)),
                    type: sqlite3_column_decltype(statement.handle, column).map { String(cString: $0) } ?? "",
                    isNullable: true)
            }
        }
        func column(_ name: String, _ role: String) throws -> Column {
            if let found = all.first(where: { $0.name == name }) { return found }
            throw HearthError(
                .configUnknownColumn,
                "stream \(stream.name): \(stream.relationName) has no column \(name), named as \(role)",
                at: .table(stream.relationName, key: nil),
                advice: NearestName.advice(name, among: all.map(\.name)))
        }
        columns = stream.columns.isEmpty ? all : try stream.columns.map { try column($0, "a column to read") }
        let keyNames = stream.key.isEmpty ? declared.sorted { $0.0 < $1.0 }.map(\.1) : stream.key
        key = try keyNames.map { try column($0, "part of the key") }
        cursor = try stream.cursor.map { try column($0, "the cursor") }
    }

    /// The table's indexes and its primary key; nil for a query.
    func indexes(_ connection: SQLiteConnection) throws -> [(columns: [String], isUnique: Bool)]? {
        guard let name else { return nil }
        let short = name.firstIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? name
        var found: [(columns: [String], isUnique: Bool)] = []
        for row in try connection.rows("PRAGMA index_list(\(Self.quoted(short)))") where row[4] == "0" {
            let columns = try connection.rows("PRAGMA index_info(\(Self.quoted(row[1] ?? "")))")
            found.append((columns.compactMap { $0[2] }, row[2] == "1"))
        }
        let primary = try connection.rows("PRAGMA table_info(\(Self.quoted(short)))")
            .filter { $0[5] != "0" }.sorted { Int($0[5] ?? "") ?? 0 < Int($1[5] ?? "") ?? 0 }.compactMap { $0[1] }
        if !primary.isEmpty { found.append((primary, true)) }
        return found
    }

    static func quoted(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    static func quoted(path: String) -> String {
        guard let dot = path.firstIndex(of: ".") else { return quoted(path) }
        return quoted(String(path[..<dot])) + "." + quoted(String(path[path.index(after: dot)...]))
    }
}
