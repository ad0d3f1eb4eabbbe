import CODBC
import HeatModel
import Records

/// What a driver's catalogue functions say, which are the same for every system.
extension ODBCConnection {
    func relation(of stream: SQLStream) throws -> SQLRelation? {
        switch stream.relation {
        case .table(let name):
            let (schema, table) = parts(of: name)
            guard let found = try tables(schema, table, stream).first else { return nil }
            let columns = try columns(found.schema ?? schema, table, stream)
            // Of a view that names a table which is gone.
            if columns.isEmpty { return nil }
            return SQLRelation(
                sql: dialect.quoted(path: name), columns: columns,
                declaredKey: try primaryKey(found.schema ?? schema, table, stream), identity: found.identity)
        case .query(let text):
            // On lines of its own, so that a comment at its end does not swallow the parenthesis.
            let text = SQLQuery.withoutEnd(text)
            let sql = "(\n\(text)\n) stream"
            let own = try ODBCStatement(self, "SELECT * FROM \(sql) WHERE 1 = 0", stream: stream).columns
            try SQLQuery.refuseRepeated(own.map(\.name), ignoringCase: true, stream)
            return SQLRelation(
                sql: sql,
                columns: own.map { odbc.column($0.name, $0.typeName, $0.type, isNullable: true) })
        }
    }

    /// `schema.table` or `table`.
    func parts(of name: String) -> (schema: String?, table: String) {
        guard let dot = name.firstIndex(of: ".") else { return (nil, name) }
        return (String(name[..<dot]), String(name[name.index(after: dot)...]))
    }

    func visibleTables() throws -> [SQLVisibleTable] {
        try tables(nil, nil, nil).map { SQLVisibleTable(name: $0.name, identity: $0.identity) }
    }

    private struct Found {
        var schema: String?
        var table: String
        var identity: String { "\(schema ?? "").\(table)" }
        var name: String { schema.map { "\($0).\(table)" } ?? table }
    }

    private func tables(_ schema: String?, _ table: String?, _ stream: SQLStream?) throws -> [Found] {
        let place = try schema ?? currentSchema(stream)
        let names = odbc.schemaIsCatalogue ? (place, nil) : (nil, place)
        let found = try catalogue(\.tables, place, table, stream) { handle in
            Self.with(names.0, names.1, table) { catalogue, schema, table in
                var types = Array("TABLE,VIEW".utf8) + [0]
                return SQLTables(
                    handle, catalogue, SQLSMALLINT(SQL_NTS), schema, SQLSMALLINT(SQL_NTS), table, SQLSMALLINT(SQL_NTS),
                    &types,
                    SQLSMALLINT(SQL_NTS))
            }
        }
        return found.compactMap { row -> Found? in
            guard row.count > 3, let name = row[2], ["TABLE", "VIEW"].contains(row[3]) else { return nil }
            let schemaName = (odbc.schemaIsCatalogue ? row[0] : row[1]).flatMap { $0.isEmpty ? nil : $0 }
            // A name is a pattern to the driver: `_` is any character there.
            if let table, name != table { return nil }
            if let place, let schemaName, schemaName != place { return nil }
            return Found(schema: schemaName, table: name)
        }.sorted { $0.name < $1.name }
    }

    /// Where a table without a schema's name is looked for; nil where the system looks for itself.
    private func currentSchema(_ stream: SQLStream?) throws -> String? {
        let question: String? =
            switch odbc.system {
            case .mysql: "SELECT DATABASE()"
            case .sqlserver: "SELECT SCHEMA_NAME()"
            case .oracle: "SELECT SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') FROM DUAL"
            case .dameng: "SELECT SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')"
            case .postgres: "SELECT current_schema()"
            case .sqlite: nil
            }
        return try question.flatMap { try rows($0, stream: stream).first?[0] }
    }

    private func columns(_ schema: String?, _ table: String, _ stream: SQLStream) throws -> [SQLColumn] {
        let names = odbc.schemaIsCatalogue ? (schema, nil) : (nil, schema)
        let found = try catalogue(\.columns, schema, table, stream) { handle in
            Self.with(names.0, names.1, table) { catalogue, schema, table in
                SQLColumns(
                    handle, catalogue, SQLSMALLINT(SQL_NTS), schema, SQLSMALLINT(SQL_NTS), table, SQLSMALLINT(SQL_NTS),
                    nil, 0)
            }
        }
        return found.compactMap { row in
            guard row.count > 10, row[2] == table, let name = row[3] else { return nil }
            return odbc.column(
                name, row[5] ?? "", row[4].flatMap { Int($0) } ?? Int(SQL_VARCHAR), isNullable: row[10] != "0")
        }
    }

    private func primaryKey(_ schema: String?, _ table: String, _ stream: SQLStream) throws -> [String] {
        let names = odbc.schemaIsCatalogue ? (schema, nil) : (nil, schema)
        let found = try catalogue(\.primaryKey, schema, table, stream) { handle in
            Self.with(names.0, names.1, table) { catalogue, schema, table in
                SQLPrimaryKeys(
                    handle, catalogue, SQLSMALLINT(SQL_NTS), schema, SQLSMALLINT(SQL_NTS), table, SQLSMALLINT(SQL_NTS))
            }
        }
        return found.filter { $0.count > 4 }.sorted { Int($0[4] ?? "") ?? 0 < Int($1[4] ?? "") ?? 0 }
            .compactMap { $0[3] }
    }

    func indexes(of relation: SQLRelation, _ stream: SQLStream) throws -> [SQLIndex] {
        guard case .table(let name) = stream.relation else { return [] }
        var (schema, table) = parts(of: name)
        schema = try schema ?? currentSchema(stream)
        let names = odbc.schemaIsCatalogue ? (schema, nil) : (nil, schema)
        let asked = table
        let found = try catalogue(\.indexes, schema, asked, stream) { handle in
            Self.with(names.0, names.1, asked) { catalogue, schema, table in
                SQLStatistics(
                    handle, catalogue, SQLSMALLINT(SQL_NTS), schema, SQLSMALLINT(SQL_NTS), table, SQLSMALLINT(SQL_NTS),
                    SQLUSMALLINT(SQL_INDEX_ALL), SQLUSMALLINT(SQL_QUICK))
            }
        }
        var byName: [String: [(position: Int, column: String, isUnique: Bool)]] = [:]
        // A filter of an index stands in the last column.
        for row in found where row.count > 8 && row[5] != nil && (row.count < 13 || row[12] == nil || row[12] == "") {
            byName[row[5] ?? "", default: []].append((Int(row[7] ?? "") ?? 0, row[8] ?? "", row[3] == "0"))
        }
        var indexes = byName.sorted { $0.key < $1.key }.map { _, columns in
            let columns = columns.sorted { $0.position < $1.position }
            return SQLIndex(columns: columns.map(\.column), isUnique: columns.allSatisfy(\.isUnique))
        }
        if !relation.declaredKey.isEmpty { indexes.append(SQLIndex(columns: relation.declaredKey, isUnique: true)) }
        return indexes
    }

    private func catalogue(
        _ question: KeyPath<ODBCDialect.Catalogue, String>, _ schema: String?, _ table: String?, _ stream: SQLStream?,
        _ ask: @escaping (SQLHANDLE) -> SQLRETURN
    ) throws -> [[String?]] {
        if let own = odbc.catalogue {
            return try rows(odbc.filled(own[keyPath: question], schema: schema, table: table), stream: stream)
        }
        let statement = try ODBCStatement(self, stream: stream, asking: ask)
        return try rows(of: statement)
    }

    /// Names as a driver takes them; nil is any.
    private static func with(
        _ catalogue: String?, _ schema: String?, _ table: String?,
        _ call: (UnsafeMutablePointer<SQLCHAR>?, UnsafeMutablePointer<SQLCHAR>?, UnsafeMutablePointer<SQLCHAR>?) ->
            SQLRETURN
    ) -> SQLRETURN {
        func with(_ name: String?, _ body: (UnsafeMutablePointer<SQLCHAR>?) -> SQLRETURN) -> SQLRETURN {
            guard let name else { return body(nil) }
            var bytes = Array(name.utf8) + [0]
            return bytes.withUnsafeMutableBufferPointer { body($0.baseAddress) }
        }
        return with(catalogue) { catalogue in with(schema) { schema in with(table) { call(catalogue, schema, $0) } } }
    }
}
