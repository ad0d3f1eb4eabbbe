import HeatModel

/// Which rights the source's user lacks for a stream; looked up once the server has refused it, for it names the table only.
struct PostgresRights {
    let connection: PostgresConnection
    let stream: SQLStream

    private struct Lack {
        var table: String
        var user: String
        var columns: [String]
        var isWhole: Bool
    }

    /// The refusal with the columns and the GRANT to ask for, where they are known.
    func explained(_ error: HearthError) -> HearthError {
        _ = try? connection.run("ROLLBACK")
        guard let lacks = try? lacks(), !lacks.isEmpty else { return error }
        let what = lacks.map { $0.isWhole ? $0.table : "column \($0.columns.joined(separator: ", ")) of \($0.table)" }
        let grants = lacks.map { lack in
            let columns = lack.isWhole ? "" : " (\(lack.columns.joined(separator: ", ")))"
            return "GRANT SELECT\(columns) ON \(lack.table) TO \(lack.user);"
        }
        var error = error
        error.message = "stream \(stream.name): the user may not read \(what.joined(separator: ", nor "))"
        error.advice =
            "Ask the owner for \(grants.joined(separator: " ")) Or leave out of the stream what it may not read."
        return error
    }

    private func lacks() throws -> [Lack] {
        let name: String? = if case .table(let name) = stream.relation { name } else { nil }
        let found = try connection.run(
            """
            SELECT format('%I.%I', n.nspname, c.relname), c.relname, quote_ident(current_user), quote_ident(a.attname), a.attname,
              has_column_privilege(c.oid, a.attnum, 'SELECT')
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
              AND has_schema_privilege(n.oid, 'USAGE') AND a.attnum > 0 AND NOT a.attisdropped
              AND ($1::text IS NULL OR c.oid = to_regclass($1)) ORDER BY 1, a.attnum
            """, [name.map { PostgresConnection.dialect.quoted(path: $0) }], stream: stream)
        var lacks: [Lack] = []
        var readable: Set<String> = []
        for row in 0..<found.rowCount {
            let table = found.text(row, 0) ?? ""
            if found.text(row, 5) == "t" {
                readable.insert(table)
            } else if isNamed(found.text(row, 4) ?? "", in: found.text(row, 1) ?? "") {
                let column = found.text(row, 3) ?? ""
                if lacks.last?.table == table {
                    lacks[lacks.count - 1].columns.append(column)
                } else {
                    lacks.append(
                        Lack(table: table, user: found.text(row, 2) ?? "", columns: [column], isWhole: false))
                }
            }
        }
        for index in lacks.indices { lacks[index].isWhole = !readable.contains(lacks[index].table) }
        return lacks
    }

    /// Whether the stream asks for a column of a table.
    private func isNamed(_ column: String, in table: String) -> Bool {
        let filter = Self.words(stream.filter ?? "")
        switch stream.relation {
        case .table:
            let columns = stream.columns + stream.key + (stream.cursor.map { [$0] } ?? [])
            return stream.columns.isEmpty || columns.contains(column) || filter.contains(column.lowercased())
        case .query(let text):
            let words = Self.words(text)
            return words.contains(table.lowercased()) && (text.contains("*") || words.contains(column.lowercased()))
        }
    }

    private static func words(_ sql: String) -> Set<String> {
        Set(sql.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "$") }.map(String.init))
    }
}
