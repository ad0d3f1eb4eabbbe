package import HeatModel
package import Store

/// The present in microseconds since 1970.
package typealias StoreClock = @Sendable () -> Int64

/// Which index of the table of records a statement is to use, where a database takes such advice.
package enum IndexHint {
    case any
    /// None: the table as it lies.
    case none
    case of(String)
}

/// A connection of a store to its SQL database, as the contract's reader and writer: what both databases understand is said here, in the
/// files beside this one; what one of them does in its own way it says itself.
package protocol SQLSession: AnyObject, StoreWriter {
    associatedtype Statement: SQLStatement

    /// The prepared statement of a text, made once a connection.
    func statement(_ sql: String) throws -> Statement
    /// One whose rows may be as many as a table has: they are not held in memory all at once.
    func scan(_ sql: String) throws -> Statement
    static func hint(_ index: IndexHint) -> String

    /// The store's clock.
    var clock: StoreClock { get }
    /// What rows are packed by.
    var packing: Packing { get }
    var memory: SessionMemory { get set }
    /// To be called where a transaction is taken back: numbers that it gave may be given again.
    func forgetUncommitted()
}

/// What a session knows of what it has read.
package struct SessionMemory {
    /// Column names by the number of their set; a committed set never changes.
    var columnSets: [Int64: [String]] = [:]
    /// For the records of an account.
    var accountRows = AccountRows()
    /// See ``SQLSession/settledMoment()``; known for the present transaction.
    package var settled: (moment: Int64?, Void)?

    package init() {}

    package mutating func forgetUncommitted() {
        columnSets = [:]
        settled = nil
    }
}

extension SQLSession {
    /// The column names of a set, kept as one text joined by U+001F.
    func columns(ofSet id: Int64) throws -> [String] {
        if let known = memory.columnSets[id] { return known }
        let joined = try first(statement("SELECT columns FROM column_set WHERE id = ?1").bind(1, id)) { $0.text(0) }
        let columns = (joined ?? "").split(separator: "\u{1F}", omittingEmptySubsequences: false).map(String.init)
        memory.columnSets[id] = columns
        return columns
    }

    /// Collects the rows of a statement.
    package func rows<Row>(_ statement: Statement, _ make: (Statement) throws -> Row) throws -> [Row] {
        var rows: [Row] = []
        defer { statement.reset() }
        while try statement.step() { rows.append(try make(statement)) }
        return rows
    }

    package func first<Row>(_ statement: Statement, _ make: (Statement) throws -> Row) throws -> Row? {
        defer { statement.reset() }
        return try statement.step() ? try make(statement) : nil
    }

    /// The number that an `INSERT … RETURNING` has given.
    package func inserted(_ statement: Statement) throws -> Int64 {
        guard let number = try first(statement, { $0.int(0) }) else {
            throw HearthError(.storeFailed, "a row was not kept", at: .address("store"))
        }
        return number
    }

    /// Hands out what a row has packed, whose packing is at a column and whose bytes are at the next.
    ///
    /// - Throws: `store.corrupt` for what is not what was stored, by its kind and number.
    package func unpacking<Result>(
        _ row: Statement, _ column: Int32, _ what: String, _ number: Int64,
        _ use: (_ body: UnsafeRawBufferPointer, _ beside: UnsafeRawBufferPointer?) throws -> Result
    ) throws -> Result {
        guard let result = try packing.unpacking(row.bytes(column + 1), packing: row.int(column), use) else {
            throw Self.damaged(what, number)
        }
        return result
    }

    package static func damaged(_ what: String, _ number: Int64) -> HearthError {
        HearthError(
            .storeCorrupt, "the store is damaged (\(what) \(number) is not what was stored)", at: .address("store"),
            advice: "restore it from a copy, or move it away and sync again")
    }

    package func nested<Result>(_ body: () throws -> Result) throws -> Result {
        try statement("SAVEPOINT nested").run()
        do {
            let result = try body()
            try statement("RELEASE nested").run()
            return result
        } catch {
            // After some errors the whole transaction has been taken back already: then there is nothing to go back to.
            try? statement("ROLLBACK TO nested").run()
            try? statement("RELEASE nested").run()
            forgetUncommitted()
            throw error
        }
    }
}
