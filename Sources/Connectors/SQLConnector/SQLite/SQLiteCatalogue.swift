import GRDBSQLite
import HeatModel
import Records

extension SQLiteConnection {
    func relation(of stream: SQLStream) throws -> SQLRelation? {
        switch stream.relation {
        case .table(let name): return try relation(ofTable: name, stream)
        case .query(let text):
            let text = SQLQuery.withoutEnd(text)
            let sql = "(\n\(text)\n) stream"
            // In parentheses SQLite would give the second of two equal names another one.
            let own = try prepare(text, stream: stream)
            try SQLQuery.refuseRepeated(
                (0..<Int32(own.columnCount)).map { String(cString: sqlite3_column_name(own.handle, $0)) },
                ignoringCase: true, stream)
            let statement = try prepare("SELECT * FROM \(sql) LIMIT 0", stream: stream)
            return SQLRelation(
                sql: sql,
                columns: (0..<Int32(statement.columnCount)).map { index in
                    column(
                        String(cString: sqlite3_column_name(statement.handle, index)),
                        sqlite3_column_decltype(statement.handle, index).map { String(cString: $0) } ?? "",
                        isNullable: true)
                })
        }
    }

    private func relation(ofTable name: String, _ stream: SQLStream) throws -> SQLRelation? {
        // A name may have a point in it: then it is that of a table before it is that of a schema's.
        let dot = try isTable(name) ? nil : name.firstIndex(of: ".")
        let schema = dot.map { dialect.quoted(String(name[..<$0])) + "." } ?? ""
        let table = dot.map { String(name[name.index(after: $0)...]) } ?? name
        var columns: [SQLColumn] = []
        var declared: [(Int, String)] = []
        // 2 and 3 in `hidden` are generated columns, 1 those of virtual tables.
        for row in try rows("PRAGMA \(schema)table_xinfo(\(dialect.quoted(table)))", stream: stream) where row[6] != "1"
        {
            let rank = Int(row[5] ?? "") ?? 0
            let isRowID = rank > 0 && row[2]?.uppercased() == "INTEGER"
            columns.append(column(row[1] ?? "", row[2] ?? "", isNullable: row[3] != "1" && !isRowID))
            if rank > 0 { declared.append((rank, row[1] ?? "")) }
        }
        if columns.isEmpty { return nil }
        return SQLRelation(
            sql: schema + dialect.quoted(table), columns: columns,
            declaredKey: declared.sorted { $0.0 < $1.0 }.map(\.1),
            identity: schema.lowercased() == "\"main\"." ? table : schema + table)
    }

    private func isTable(_ name: String) throws -> Bool {
        try !rows("SELECT 1 FROM sqlite_schema WHERE name = \(SQLDialect.literal(name)) AND type IN ('table', 'view')")
            .isEmpty
    }

    func visibleTables() throws -> [SQLVisibleTable] {
        try rows(
            "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        ).compactMap { $0[0].map { SQLVisibleTable(name: $0, identity: $0) } }
    }

    func indexes(of relation: SQLRelation, _ stream: SQLStream) throws -> [SQLIndex] {
        guard let name = relation.identity else { return [] }
        var found: [SQLIndex] = []
        for row in try rows("PRAGMA index_list(\(dialect.quoted(name)))", stream: stream) where row[4] == "0" {
            let columns = try rows("PRAGMA index_info(\(dialect.quoted(row[1] ?? "")))", stream: stream)
            found.append(SQLIndex(columns: columns.map { $0[2] ?? "" }, isUnique: row[2] == "1"))
        }
        if !relation.declaredKey.isEmpty { found.append(SQLIndex(columns: relation.declaredKey, isUnique: true)) }
        return found
    }

    private func column(_ name: String, _ type: String, isNullable: Bool) -> SQLColumn {
        let quoted = dialect.quoted(name)
        return SQLColumn(name: name, type: type, kind: .text, isNullable: isNullable, quoted: quoted, read: quoted)
    }
}
