import GRDBSQLite
import Store
package import StoreSQL

extension Session: TableSession {
    func tableColumns() throws -> [String: Set<String>] {
        let names = try rows(
            statement(
                """
                SELECT name FROM sqlite_master
                WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' AND name <> 'grdb_migrations'
                """)
        ) { $0.text(0) }
        var found: [String: Set<String>] = [:]
        for name in names {
            found[name] = Set(
                try rows(statement("SELECT name FROM pragma_table_info(?1)").bind(1, name)) { $0.text(0) })
        }
        return found
    }

    func insert(_ rows: [[SQLValue]], into table: SQLTable) throws {
        let places = table.columns.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
        let put = try statement("INSERT INTO \(table.name)(\(table.columnNames)) VALUES(\(places))")
        for row in rows {
            for (index, value) in row.enumerated() { bind(value, Int32(index) + 1, to: put) }
            try put.run()
        }
    }

    func givenNumbers() throws -> [String: Int64] {
        let given = try rows(statement("SELECT name, seq FROM sqlite_sequence")) { ($0.text(0), $0.int(1)) }
        return Dictionary(given, uniquingKeysWith: max)
    }

    func setGivenNumbers(_ numbers: [String: Int64]) throws {
        for (name, number) in numbers {
            try statement("UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1").bind(1, name).bind(2, number)
                .run()
            try statement(
                """
                INSERT INTO sqlite_sequence(name, seq) SELECT ?1, ?2
                WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?1)
                """
            ).bind(1, name).bind(2, number).run()
        }
    }
}

extension SQLiteStore: TableStore {
    package func readTables<Result>(_ body: (any TableSession) throws -> Result) throws -> Result {
        try inSnapshot { try body($0) }
    }

    package func writeTables<Result>(_ body: (any TableSession) throws -> Result) throws -> Result {
        try inTransaction { try body($0) }
    }
}
