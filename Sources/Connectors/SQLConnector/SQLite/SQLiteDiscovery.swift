import Records

/// Everything that can be read from a SQLite source.
struct SQLiteDiscovery {
    let connector: SQLConnector
    let path: String

    func run() throws -> [StreamDescription] {
        let connection = try SQLiteConnection(path: path)
        var found: [StreamDescription] = []
        var configured: Set<String> = []
        for stream in connector.streams {
            let table = try SQLiteTable(stream, connection)
            if let name = table.name { configured.insert(name.hasPrefix("main.") ? String(name.dropFirst(5)) : name) }
            found.append(describe(stream.name, table, isConfigured: true))
        }
        let names = try connection.rows(
            "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        )
        for name in names.compactMap({ $0[0] }) where !configured.contains(name) {
            // A view that names a table which is gone cannot be read: it is no stream.
            if let table = try? SQLiteTable(SQLStream(name: name, table: "main." + name), connection) {
                found.append(describe(name, table, isConfigured: false))
            }
        }
        return found
    }

    private func describe(_ name: String, _ table: SQLiteTable, isConfigured: Bool) -> StreamDescription {
        StreamDescription(
            name: name,
            columns: table.columns.map { .init(name: $0.name, type: $0.type, isNullable: $0.isNullable) },
            key: table.key.map(\.name), isConfigured: isConfigured)
    }
}
