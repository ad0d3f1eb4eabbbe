import Records

/// Everything that can be read from a PostgreSQL source.
struct PostgresDiscovery {
    let connector: SQLConnector
    let options: PostgresOptions

    func run() throws -> [StreamDescription] {
        let connection = try PostgresConnection(options, zone: connector.zone)
        var found: [StreamDescription] = []
        var configured: Set<String> = []
        for stream in connector.streams {
            let table = try PostgresTable(stream, connection)
            var estimate: Int64?
            if let oid = table.oid {
                configured.insert(oid)
                estimate = try connection.run("SELECT reltuples::bigint FROM pg_class WHERE oid = $1::oid", [oid]).text(
                    0, 0
                )
                .flatMap { Int64($0) }
            }
            found.append(
                try describe(
                    stream.name, table, connection, key: stream.key.isEmpty ? table.key.map(\.name) : stream.key,
                    estimate: estimate,
                    isConfigured: true))
        }
        let tables = try connection.run(PostgresTable.visibleTables)
        for row in 0..<tables.rowCount where !configured.contains(tables.text(row, 2) ?? "") {
            let name = "\(tables.text(row, 0) ?? "").\(tables.text(row, 1) ?? "")"
            let table = try PostgresTable(SQLStream(name: name, table: name), connection)
            found.append(
                try describe(
                    name, table, connection, key: table.key.map(\.name),
                    estimate: tables.text(row, 3).flatMap { Int64($0) },
                    isConfigured: false))
        }
        return found
    }

    private func describe(
        _ name: String, _ table: PostgresTable, _ connection: PostgresConnection, key: [String], estimate: Int64?,
        isConfigured: Bool
    ) throws -> StreamDescription {
        let comments = try comments(table, connection)
        return StreamDescription(
            name: name,
            columns: table.columns.map {
                .init(name: $0.name, type: $0.type, isNullable: $0.isNullable, comment: comments[$0.name])
            }, key: key,
            // The server says −1 of a table that was never analysed.
            estimatedRows: estimate.flatMap { $0 < 0 ? nil : $0 }, isConfigured: isConfigured)
    }

    /// What the database's own comments say of a table's columns.
    private func comments(_ table: PostgresTable, _ connection: PostgresConnection) throws -> [String: String] {
        guard let oid = table.oid else { return [:] }
        let found = try connection.run(
            """
            SELECT a.attname, col_description(a.attrelid, a.attnum) FROM pg_attribute a
            WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped AND col_description(a.attrelid, a.attnum) IS NOT NULL
            """, [oid])
        var comments: [String: String] = [:]
        for row in 0..<found.rowCount {
            if let name = found.text(row, 0), let text = found.text(row, 1) { comments[name] = text }
        }
        return comments
    }
}
