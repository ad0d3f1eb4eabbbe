package import Store

/// A value of a row as it lies in its table.
package enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    /// UTF-8.
    case text([UInt8])
    case bytes([UInt8])
}

/// A table of a store, as both databases have it.
package struct SQLTable: Hashable, Sendable {
    package enum Kind: Sendable { case integer, text, bytes }

    package struct Column: Hashable, Sendable {
        package var name: String
        package var kind: Kind

        package init(_ name: String, _ kind: Kind) {
            self.name = name
            self.kind = kind
        }
    }

    package var name: String
    package var columns: [Column]
    /// Names of the columns that tell a row from all others, in their order.
    package var key: [String]

    package init(name: String, columns: [Column], key: [String]) {
        self.name = name
        self.columns = columns
        self.key = key
    }

    package var columnNames: String { columns.map(\.name).joined(separator: ", ") }
}

/// A session that hands out its tables as they are, for who takes a store over whole.
package protocol TableSession: SQLSession {
    /// The columns of each table by its name. `rowid`, by which SQLite numbers any row, is not among them.
    func tableColumns() throws -> [String: Set<String>]
    /// Inserts rows with all of the table's columns.
    func insert(_ rows: [[SQLValue]], into table: SQLTable) throws
    /// The greatest number that was ever given, by the name of its table, where it may be greater than what the table holds.
    func givenNumbers() throws -> [String: Int64]
    /// Has later numbers be greater than these, and than all that the tables hold.
    func setGivenNumbers(_ numbers: [String: Int64]) throws
}

extension TableSession {
    /// Rows with a key after one, in the order of their keys, at most `limit`.
    package func rows(of table: SQLTable, after key: [SQLValue]?, limit: Int) throws -> [[SQLValue]] {
        let keys = table.key.joined(separator: ", ")
        let places = table.key.indices.map { "?\($0 + 2)" }.joined(separator: ", ")
        let later = key == nil ? "" : "WHERE (\(keys)) > (\(places)) "
        let list = try statement("SELECT \(table.columnNames) FROM \(table.name) \(later)ORDER BY \(keys) LIMIT ?1")
        list.bind(1, Int64(limit))
        for (index, value) in (key ?? []).enumerated() { bind(value, Int32(index) + 2, to: list) }
        return try rows(list) { row in
            table.columns.enumerated().map { index, column in
                let index = Int32(index)
                if row.isNull(index) { return .null }
                switch column.kind {
                case .integer: return .integer(row.int(index))
                case .text: return .text(row.blob(index))
                case .bytes: return .bytes(row.blob(index))
                }
            }
        }
    }

    /// The key of the last row; nil where the table is empty.
    package func lastKey(of table: SQLTable) throws -> [SQLValue]? {
        let order = table.key.map { "\($0) DESC" }.joined(separator: ", ")
        var keyed = table
        keyed.columns = table.key.compactMap { name in table.columns.first { $0.name == name } }
        let list = try statement("SELECT \(keyed.columnNames) FROM \(table.name) ORDER BY \(order) LIMIT 1")
        return try first(list) { row in
            keyed.columns.enumerated().map { index, column in
                switch column.kind {
                case .integer: .integer(row.int(Int32(index)))
                case .text: .text(row.blob(Int32(index)))
                case .bytes: .bytes(row.blob(Int32(index)))
                }
            }
        }
    }

    package func bind(_ value: SQLValue, _ index: Int32, to statement: Statement) {
        switch value {
        case .null: statement.bind(index, nil as Int64?)
        case .integer(let number): statement.bind(index, number)
        case .text(let text): statement.bind(index, String(decoding: text, as: UTF8.self))
        case .bytes(let bytes): statement.bind(index, blob: bytes)
        }
    }
}

/// A store that can be taken over whole.
package protocol TableStore: Store {
    /// Runs `body` on one consistent snapshot.
    func readTables<Result>(_ body: (any TableSession) throws -> Result) throws -> Result
    /// Runs `body` in one transaction.
    func writeTables<Result>(_ body: (any TableSession) throws -> Result) throws -> Result
}
