import HeatModel
import Store
package import StoreSQL

extension Session: TableSession {
    /// What belongs to this database alone: where numbers and steps of the schema stand.
    private static let own: Set<String> = ["committed", "counter", "hearth_schema"]
    private static let ofSchema =
        "n.oid = current_schema()::regnamespace AND c.relkind = 'r' AND c.relpersistence = 'p'"

    func tableColumns() throws -> [String: Set<String>] {
        Dictionary(
            uniqueKeysWithValues: try tables().map { table in
                (table.name, Set(table.columns.map(\.name)).subtracting(["rowid"]))
            })
    }

    /// All tables with their columns and keys, by name.
    func tables() throws -> [SQLTable] {
        let columns = try statement(
            """
            SELECT c.relname::text, a.attname::text, format_type(a.atttypid, NULL),
                coalesce(array_position(i.indkey::smallint[], a.attnum), -1)::bigint
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
            JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
            WHERE \(Self.ofSchema) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, a.attnum
            """)
        var tables: [SQLTable] = []
        var keys: [String: [(Int64, String)]] = [:]
        for (table, column, type, place) in try rows(columns, { ($0.text(0), $0.text(1), $0.text(2), $0.int(3)) })
        where !Self.own.contains(table) {
            if tables.last?.name != table { tables.append(SQLTable(name: table, columns: [], key: [])) }
            let kind: SQLTable.Kind = type == "text" ? .text : type == "bytea" ? .bytes : .integer
            tables[tables.count - 1].columns.append(.init(column, kind))
            if place >= 0 { keys[table, default: []].append((place, column)) }
        }
        return tables.map { table in
            var table = table
            table.key = (keys[table.name] ?? []).sorted { $0.0 < $1.0 }.map(\.1)
            return table
        }
    }

    func insert(_ rows: [[SQLValue]], into table: SQLTable) throws {
        if rows.isEmpty { return }
        let places = table.columns.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
        let put = try statement("INSERT INTO \(table.name)(\(table.columnNames)) SELECT * FROM unnest(\(places))")
        for (index, column) in table.columns.enumerated() {
            var list = ListParameter(
                column.kind == .integer ? .integers : column.kind == .text ? .texts : .byteStrings)
            for row in rows {
                switch row[index] {
                case .null: list.appendNull()
                case .integer(let number): list.append(number)
                case .text(let text): text.withUnsafeBytes { list.append(text: $0) }
                case .bytes(let bytes): bytes.withUnsafeBytes { list.append($0) }
                }
            }
            put.bind(Int32(index) + 1, list)
        }
        try put.run()
    }

    /// Tables whose numbers are not given twice, also where their rows have gone.
    private static let numbered = [
        "quarantine", "action", "conversation", "hand_off", "notice", "customer_account", "customer_reply",
    ]

    func givenNumbers() throws -> [String: Int64] {
        var given: [String: Int64] = [:]
        for (name, value) in try rows(statement("SELECT name, value FROM counter"), { ($0.text(0), $0.int(1)) }) {
            given[name] = value
        }
        for name in Self.numbered {
            given[name] = try first(
                statement("SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence(?1, 'id')::regclass), 0)")
                    .bind(1, name)
            ) { $0.int(0) }
        }
        return given.filter { $0.value > 0 }
    }

    func setGivenNumbers(_ numbers: [String: Int64]) throws {
        for name in ["run", "event"] {
            let column = name == "run" ? "id" : "number"
            let set = try statement(
                """
                UPDATE counter SET value = greatest(value, ?2, (SELECT coalesce(max(\(column)), 0) FROM \(name))) WHERE name = ?1
                """)
            try set.bind(1, name).bind(2, numbers[name] ?? 0).run()
        }
        var sequences = [("record", "id", "'record_number'"), ("account", "id", "'account_number'")]
        // The catalogue knows them all: one that is forgotten would give the numbers of rows that are there.
        let generated = try rows(
            statement(
                """
                SELECT c.relname::text, a.attname::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                WHERE c.relnamespace = current_schema()::regnamespace AND a.attidentity <> '' ORDER BY 1
                """)
        ) { ($0.text(0), $0.text(1)) }
        for (table, column) in generated {
            sequences.append((table, column, "pg_get_serial_sequence('\(table)', '\(column)')"))
        }
        // A record that has ended had a number, too.
        let records = try first(statement("SELECT coalesce(max(record_id), 0) FROM record_history")) { $0.int(0) } ?? 0
        for (table, column, sequence) in sequences {
            let set = try statement(
                """
                SELECT setval(\(sequence)::regclass, greatest(?1, last)) FROM (SELECT coalesce(max(\(column)), 0) AS last FROM \(table)) t
                WHERE greatest(?1, last) > 0
                """)
            try set.bind(1, table == "record" ? records : numbers[table] ?? 0).run()
        }
        try noteViewed()
    }
}

extension PostgresStore: TableStore {
    package func readTables<Result>(_ body: (any TableSession) throws -> Result) throws -> Result {
        try reading { try body($0) }
    }

    package func writeTables<Result>(_ body: (any TableSession) throws -> Result) throws -> Result {
        try writing { try body($0) }
    }

    /// The tables of a store, with their columns and keys: the same in every store of this version.
    package func tables() throws -> [SQLTable] { try reading { try $0.tables() } }
}
