import CLibPQ
import HeatModel
import Records

/// What a stream reads, as the server knows it.
struct PostgresTable {
    struct Column {
        var name: String
        var type: String
        /// Type OID, of a domain that of its base.
        var oid: UInt32
        var isNullable: Bool

        /// The value as it is read. The blanks that `char(n)` is filled up with mean nothing, and money is a number, whatever the
        /// signs and marks of the server's country are.
        var read: String {
            switch oid {
            case 1042: "\(PostgresTable.quoted(name))::text"
            case 790: "\(PostgresTable.quoted(name))::numeric"
            default: PostgresTable.quoted(name)
            }
        }
    }

    /// The relation as it stands in FROM.
    var sql: String
    /// Everything the relation has.
    var all: [Column]
    /// What the stream reads, in order.
    var columns: [Column]
    var key: [Column]
    var cursor: Column?
    /// OID of the table, nil for a query.
    var oid: String?

    /// Asks the server.
    /// - Throws: ``HearthError`` `config.unknownTable` or `config.unknownColumn` with the nearest name, `source.forbidden`.
    init(_ stream: SQLStream, _ connection: PostgresConnection) throws {
        switch stream.relation {
        case .table(let name):
            sql = Self.quoted(path: name)
            let found = try connection.run("SELECT to_regclass($1)::oid", [sql], stream: stream)
            guard let oid = found.text(0, 0) else {
                let tables = try connection.run(Self.visibleTables)
                let names = (0..<tables.rowCount).flatMap { row in
                    let short = tables.text(row, 1) ?? ""
                    return name.contains(".") ? ["\(tables.text(row, 0) ?? "").\(short)"] : [short]
                }
                throw HearthError(
                    .configUnknownTable, "stream \(stream.name): there is no table \(name)",
                    at: .table(name, key: nil),
                    advice: NearestName.advice(name, among: names)
                        ?? "no table can be seen: check the database's name and the permissions")
            }
            self.oid = oid
        case .query(let text):
            // On lines of its own, so that a comment at its end does not swallow the parenthesis.
            sql = "(\n\(SQLQuery.withoutEnd(text))\n) AS stream"
        }
        let all = try Self.describe(sql, oid: oid, stream: stream, connection)
        try SQLQuery.refuseRepeated(all.map(\.name), stream)
        func column(_ name: String, _ role: String) throws -> Column {
            if let found = all.first(where: { $0.name == name }) { return found }
            throw HearthError(
                .configUnknownColumn,
                "stream \(stream.name): \(stream.relationName) has no column \(name), named as \(role)",
                at: .table(stream.relationName, key: nil),
                advice: NearestName.advice(name, among: all.map(\.name)))
        }
        self.all = all
        columns = stream.columns.isEmpty ? all : try stream.columns.map { try column($0, "a column to read") }
        key = try stream.key.map { try column($0, "part of the key") }
        cursor = try stream.cursor.map { try column($0, "the cursor") }
        if key.isEmpty, let oid {
            let declared = try connection.run(
                """
                SELECT a.attname FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k(number, position), pg_attribute a
                WHERE i.indrelid = $1::oid AND i.indisprimary AND a.attrelid = i.indrelid AND a.attnum = k.number
                ORDER BY k.position
                """, [oid], stream: stream)
            let names = (0..<declared.rowCount).compactMap { declared.text($0, 0) }
            key = names.compactMap { name in all.first { $0.name == name } }
        }
    }

    /// Whether an index begins with a column. Of a query it is not known.
    func hasIndex(on column: String, _ stream: SQLStream, _ connection: PostgresConnection) throws -> Bool {
        guard let oid else { return false }
        let found = try connection.run(
            """
            SELECT 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
            WHERE i.indrelid = $1::oid AND i.indisvalid AND a.attname = $2 LIMIT 1
            """, [oid, column], stream: stream)
        return found.rowCount > 0
    }

    /// The server refuses to read past a policy, for `row_security` is off; the error comes before the first row.
    /// - Throws: ``HearthError`` `source.rowSecurity`.
    func refuseHiddenRows(_ stream: SQLStream, _ connection: PostgresConnection) throws {
        guard let oid else { return }
        if try connection.run("SELECT row_security_active($1::oid)", [oid], stream: stream).text(0, 0) == "t" {
            throw PostgresFailure.rowSecurity(stream, connection)
        }
    }

    static let visibleTables = """
        SELECT n.nspname, c.relname, c.oid, c.reltuples::bigint, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
          AND n.nspname !~ '^pg_' AND has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT')
        ORDER BY 1, 2
        """

    private static func describe(
        _ sql: String, oid: String?, stream: SQLStream, _ connection: PostgresConnection
    ) throws -> [Column] {
        // The catalogue, not the table: a user may have been granted some of its columns only.
        if let oid {
            let found = try connection.run(
                """
                SELECT a.attname, format_type(a.atttypid, a.atttypmod), coalesce(nullif(t.typbasetype, 0), t.oid),
                  a.attnotnull AND c.relkind IN ('r', 'p')
                FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_class c ON c.oid = a.attrelid
                WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
                """, [oid], stream: stream)
            return (0..<found.rowCount).map { row in
                Column(
                    name: found.text(row, 0) ?? "", type: found.text(row, 1) ?? "unknown",
                    oid: found.text(row, 2).flatMap { UInt32($0) } ?? 0, isNullable: found.text(row, 3) != "t")
            }
        }
        let empty = try connection.run("SELECT * FROM \(sql) LIMIT 0", stream: stream)
        let fields = (0..<Int32(empty.columnCount)).map { column in
            (PQftype(empty.handle, column), PQfmod(empty.handle, column), empty.name(Int(column)))
        }
        if fields.isEmpty { return [] }
        let list = fields.enumerated().map { "(\($0.offset), \($0.element.0)::oid, \($0.element.1))" }
        let types = try connection.run(
            """
            SELECT format_type(f.type, f.mod) FROM (VALUES \(list.joined(separator: ", "))) AS f(i, type, mod) ORDER BY f.i
            """, stream: stream)
        return fields.enumerated().map { index, field in
            Column(name: field.2, type: types.text(index, 0) ?? "unknown", oid: field.0, isNullable: true)
        }
    }

    static func quoted(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    static func quoted(path: String) -> String {
        guard let dot = path.firstIndex(of: ".") else { return quoted(path) }
        return quoted(String(path[..<dot])) + "." + quoted(String(path[path.index(after: dot)...]))
    }

    /// A text as a literal of a column's type.
    static func literal(_ text: String, as type: String) -> String {
        // A text of money is read by the marks of the server's country, a number is not.
        let cast = type == "money" ? "numeric::money" : type
        return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'::" + cast
    }
}
