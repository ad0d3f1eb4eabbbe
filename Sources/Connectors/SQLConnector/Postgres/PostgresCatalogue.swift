import CLibPQ
import HeatModel
import Records

extension PostgresConnection {
    func relation(of stream: SQLStream) throws -> SQLRelation? {
        switch stream.relation {
        case .table(let name):
            let sql = dialect.quoted(path: name)
            guard let oid = try run("SELECT to_regclass($1)::oid", [sql], stream: stream).text(0, 0) else { return nil }
            return SQLRelation(
                sql: sql, columns: try columns(of: oid, stream), declaredKey: try primaryKey(of: oid, stream),
                identity: oid)
        case .query(let text):
            // On lines of its own, so that a comment at its end does not swallow the parenthesis.
            let sql = "(\n\(SQLQuery.withoutEnd(text))\n) stream"
            let columns = try columns(ofQuery: sql, stream)
            try SQLQuery.refuseRepeated(columns.map(\.name), stream)
            return SQLRelation(sql: sql, columns: columns)
        }
    }

    func visibleTables() throws -> [SQLVisibleTable] {
        let tables = try run(
            """
            SELECT n.nspname, c.relname, c.oid, c.reltuples::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
              AND n.nspname !~ '^pg_' AND has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT')
            ORDER BY 1, 2
            """)
        return (0..<tables.rowCount).map { row in
            SQLVisibleTable(
                name: "\(tables.text(row, 0) ?? "").\(tables.text(row, 1) ?? "")", identity: tables.text(row, 2) ?? "",
                // The server says −1 of a table that was never analysed.
                estimatedRows: tables.text(row, 3).flatMap { Int64($0) }.flatMap { $0 < 0 ? nil : $0 })
        }
    }

    func indexes(of relation: SQLRelation, _ stream: SQLStream) throws -> [SQLIndex] {
        guard let oid = relation.identity else { return [] }
        let found = try run(
            """
            SELECT i.indexrelid, i.indisunique, a.attname FROM pg_index i,
              -- Before PostgreSQL 11 an index had key columns only.
              LATERAL (SELECT coalesce((to_jsonb(i)->>'indnkeyatts')::int, i.indnatts) AS count) k,
              LATERAL unnest(i.indkey[0:k.count - 1]) WITH ORDINALITY AS c(number, position)
              LEFT JOIN pg_attribute a ON a.attrelid = $1::oid AND a.attnum = c.number
            WHERE i.indrelid = $1::oid AND i.indisvalid AND i.indpred IS NULL ORDER BY 1, c.position
            """, [oid], stream: stream)
        var indexes: [SQLIndex] = []
        var last: String?
        for row in 0..<found.rowCount {
            // An expression stands at no column.
            let column = found.text(row, 2) ?? ""
            if found.text(row, 0) == last {
                indexes[indexes.count - 1].columns.append(column)
            } else {
                indexes.append(SQLIndex(columns: [column], isUnique: found.text(row, 1) == "t"))
            }
            last = found.text(row, 0)
        }
        return indexes
    }

    private func primaryKey(of oid: String, _ stream: SQLStream) throws -> [String] {
        let declared = try run(
            """
            SELECT a.attname FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k(number, position), pg_attribute a
            WHERE i.indrelid = $1::oid AND i.indisprimary AND a.attrelid = i.indrelid AND a.attnum = k.number
            ORDER BY k.position
            """, [oid], stream: stream)
        return (0..<declared.rowCount).compactMap { declared.text($0, 0) }
    }

    /// The catalogue, not the table: a user may have been granted some of its columns only.
    private func columns(of oid: String, _ stream: SQLStream) throws -> [SQLColumn] {
        let found = try run(
            """
            SELECT a.attname, format_type(a.atttypid, a.atttypmod), coalesce(nullif(t.typbasetype, 0), t.oid),
              a.attnotnull AND c.relkind IN ('r', 'p'), col_description(a.attrelid, a.attnum)
            FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_class c ON c.oid = a.attrelid
            WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
            """, [oid], stream: stream)
        return (0..<found.rowCount).map { row in
            var described = column(
                found.text(row, 0) ?? "", found.text(row, 1) ?? "unknown",
                oid: found.text(row, 2).flatMap { UInt32($0) } ?? 0, isNullable: found.text(row, 3) != "t")
            described.comment = found.text(row, 4)
            return described
        }
    }

    private func columns(ofQuery sql: String, _ stream: SQLStream) throws -> [SQLColumn] {
        let empty = try run("SELECT * FROM \(sql) LIMIT 0", stream: stream)
        let fields = (0..<Int32(empty.columnCount)).map { column in
            (PQftype(empty.handle, column), PQfmod(empty.handle, column), empty.name(Int(column)))
        }
        if fields.isEmpty { return [] }
        let list = fields.enumerated().map { "(\($0.offset), \($0.element.0)::oid, \($0.element.1))" }
        let types = try run(
            """
            SELECT format_type(f.type, f.mod) FROM (VALUES \(list.joined(separator: ", "))) AS f(i, type, mod) ORDER BY f.i
            """, stream: stream)
        return fields.enumerated().map { index, field in
            column(field.2, types.text(index, 0) ?? "unknown", oid: field.0, isNullable: true)
        }
    }

    /// - Parameter oid: of the type, of a domain that of its base.
    private func column(_ name: String, _ type: String, oid: UInt32, isNullable: Bool) -> SQLColumn {
        let quoted = dialect.quoted(name)
        let kind: SQLColumn.Kind =
            switch oid {
            case 1082: .date
            case 1114: .localTime
            case 1184: .instant
            case 20, 21, 23, 700, 701, 1700: .number
            case 19, 25, 1042, 1043: .text
            default: .other
            }
        // The blanks that `char(n)` is filled up with mean nothing, and money is a number, whatever the signs and marks of the
        // server's country are.
        let read =
            switch oid {
            case 1042: "\(quoted)::text"
            case 790: "\(quoted)::numeric"
            default: quoted
            }
        return SQLColumn(
            name: name, type: type, kind: kind, isNullable: isNullable, quoted: quoted, read: read,
            isPadded: oid == 1042)
    }
}
