import GRDBSQLite
package import HeatModel

extension Estate {
    /// Writes the billing system as a new SQLite database; a file that stands there is replaced.
    /// - Throws: ``HearthError`` `source.unreachable` where the file cannot be written.
    package func writeBilling(sqlite path: String) throws {
        for suffix in ["", "-wal", "-shm", "-journal"] { removeFile(path + suffix) }
        let database = try SQLiteFile(path: path)
        try database.run("PRAGMA journal_mode = OFF")
        try database.run("PRAGMA synchronous = OFF")
        try database.run("PRAGMA cache_size = -65536")
        try database.run("BEGIN")
        for table in BillingTable.allCases { try database.run(table.createStatement(postgres: false)) }
        var writer = BillingWriter(estate: self, sink: try SQLiteSink(database))
        try writer.writeAll()
        writer.sink.finish()
        for table in BillingTable.allCases {
            for statement in table.indexStatements { try database.run(statement) }
        }
        try database.run("COMMIT")
        try database.run("ANALYZE")
    }
}

extension Estate {
    /// Enters a payment of the present moment into a billing database, as its clerks do.
    /// - Throws: ``HearthError`` `source.unreachable`, `source.failed`.
    package func pay(_ amount: Fen, by account: AccountFacts, serial: String, at seconds: Int64, sqlite path: String)
        throws
    {
        let time = LocalTime(seconds: seconds).text
        var text: [UInt8] = []
        text.append(units: amount.amount, places: 2)
        try SQLiteFile(path: path).run(
            """
            INSERT INTO sf_jf(lsh, yhid, yhkh, cnq, sfrq, sffs, je, dzzt, fphm, hc, zf, gxsj)
            VALUES('\(serial)', \(account.billingID), '\(account.number)', '\(options.name(ofSeason: 1))', '\(time)', 'WX',
                '\(String(decoding: text, as: UTF8.self))', '1', NULL, 0, 0, '\(time)')
            """)
    }

    /// Opens or closes a home's valve in a billing database.
    /// - Throws: ``HearthError`` `source.unreachable`, `source.failed`.
    package func setValve(of account: AccountFacts, isOpen: Bool, at seconds: Int64, sqlite path: String) throws {
        try SQLiteFile(path: path).run(
            """
            UPDATE sf_yh SET gnzt = '\(isOpen ? "01" : "02")', fmzt = '\(isOpen ? "1" : "0")', gxsj = '\(LocalTime(seconds: seconds).text)'
            WHERE yhid = \(account.billingID)
            """)
    }
}

/// One open database file, closed with its owner; used by one thread.
private final class SQLiteFile {
    let handle: OpaquePointer
    let path: String

    init(path: String) throws {
        self.path = path
        var opened: OpaquePointer?
        guard sqlite3_open(path, &opened) == SQLITE_OK, let opened else {
            sqlite3_close(opened)
            throw HearthError(
                .init("source.unreachable"), "cannot write a database there", at: .file(path, line: 0, column: 0),
                advice: "give a path in a folder that exists and may be written")
        }
        handle = opened
    }

    deinit { sqlite3_close(handle) }

    func run(_ statement: String) throws {
        guard sqlite3_exec(handle, statement, nil, nil, nil) == SQLITE_OK else { throw failure() }
    }

    func failure() -> HearthError {
        HearthError(
            .init("source.failed"), "SQLite: \(String(cString: sqlite3_errmsg(handle)))",
            at: .file(path, line: 0, column: 0))
    }
}

/// Binds every field as text: a column of integers makes integers of it, and money stays the text that it is.
private struct SQLiteSink: BillingSink {
    private let database: SQLiteFile
    private let statements: [OpaquePointer]

    init(_ database: SQLiteFile) throws {
        self.database = database
        var statements: [OpaquePointer] = []
        for table in BillingTable.allCases {
            let marks = Array(repeating: "?", count: table.columns.count).joined(separator: ",")
            var statement: OpaquePointer?
            guard
                sqlite3_prepare_v2(database.handle, "INSERT INTO \(table.name) VALUES (\(marks))", -1, &statement, nil)
                    == SQLITE_OK, let statement
            else { throw database.failure() }
            statements.append(statement)
        }
        self.statements = statements
    }

    mutating func write(_ table: BillingTable, _ row: borrowing RowBuffer) throws {
        let statement = statements[table.rawValue]
        let ends = row.ends
        // The buffer outlives the step, so SQLite need not copy it (a nil destructor is SQLITE_STATIC).
        let code = row.bytes.withUnsafeBytes { bytes in
            var start: Int32 = 0
            for column in ends.indices {
                let end = ends[column]
                if end < 0 {
                    sqlite3_bind_null(statement, Int32(column + 1))
                } else if let base = bytes.baseAddress {
                    let text = (base + Int(start)).assumingMemoryBound(to: CChar.self)
                    sqlite3_bind_text(statement, Int32(column + 1), text, end - start, nil)
                    start = end
                }
            }
            let code = sqlite3_step(statement)
            sqlite3_reset(statement)
            return code
        }
        guard code == SQLITE_DONE else { throw database.failure() }
    }

    func finish() { for statement in statements { sqlite3_finalize(statement) } }
}
