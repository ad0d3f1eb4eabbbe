import GRDBSQLite
import StoreSQL

/// A prepared statement, stepped on the thread of its connection. Bound buffers must outlive the step.
///
/// GRDB's own statements box every argument; at some millions of rows that is most of the time, so the hot paths bind
/// through this thin wrapper and everything else stays with GRDB.
final class Statement: SQLStatement {
    private let pointer: OpaquePointer
    private let connection: OpaquePointer

    init(_ connection: OpaquePointer, _ sql: String) throws {
        var pointer: OpaquePointer?
        let code = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &pointer, nil)
        guard code == SQLITE_OK, let pointer else { throw StoreErrors.error(of: connection, code, preparing: sql) }
        self.pointer = pointer
        self.connection = connection
    }

    deinit { sqlite3_finalize(pointer) }

    @discardableResult
    func bind(_ index: Int32, _ value: Int64) -> Self {
        sqlite3_bind_int64(pointer, index, value)
        return self
    }

    @discardableResult
    func bind(_ index: Int32, _ value: Int64?) -> Self {
        if let value { sqlite3_bind_int64(pointer, index, value) } else { sqlite3_bind_null(pointer, index) }
        return self
    }

    /// Binds bytes in place: they must stay where they are until the statement is reset.
    @discardableResult
    func bind(_ index: Int32, blob bytes: UnsafeRawBufferPointer) -> Self {
        if let base = bytes.baseAddress {
            sqlite3_bind_blob64(pointer, index, base, UInt64(bytes.count), nil)
        } else {
            sqlite3_bind_zeroblob(pointer, index, 0)
        }
        return self
    }

    /// Binds UTF-8 text in place: it must stay where it is until the statement is reset.
    @discardableResult
    func bind(_ index: Int32, text bytes: UnsafeRawBufferPointer) -> Self {
        if let base = bytes.baseAddress {
            sqlite3_bind_text64(
                pointer, index, base.assumingMemoryBound(to: CChar.self), UInt64(bytes.count), nil, UInt8(SQLITE_UTF8))
        } else {
            sqlite3_bind_text(pointer, index, "", 0, Statement.transient)
        }
        return self
    }

    @discardableResult
    func bind(_ index: Int32, _ text: String?) -> Self {
        guard var text else {
            sqlite3_bind_null(pointer, index)
            return self
        }
        text.withUTF8 { bytes in
            _ = bytes.withMemoryRebound(to: CChar.self) {
                sqlite3_bind_text(pointer, index, $0.baseAddress, Int32($0.count), Statement.transient)
            }
        }
        return self
    }

    @discardableResult
    func bind(_ index: Int32, blob bytes: [UInt8]?) -> Self {
        guard let bytes else {
            sqlite3_bind_null(pointer, index)
            return self
        }
        _ = bytes.withUnsafeBytes {
            sqlite3_bind_blob(
                pointer, index, $0.baseAddress ?? UnsafeRawPointer(bitPattern: 1), Int32($0.count), Statement.transient)
        }
        return self
    }

    /// Whether there is a row; after false the statement is reset.
    func step() throws -> Bool {
        let code = sqlite3_step(pointer)
        if code == SQLITE_ROW { return true }
        sqlite3_reset(pointer)
        if code == SQLITE_DONE { return false }
        throw StoreErrors.error(of: connection, code)
    }

    func run() throws { while try step() {} }

    func changed() throws -> Int64 {
        let before = sqlite3_total_changes64(connection)
        while try step() {}
        return sqlite3_total_changes64(connection) - before
    }

    func reset() { sqlite3_reset(pointer) }

    func int(_ column: Int32) -> Int64 { sqlite3_column_int64(pointer, column) }
    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(pointer, column) == SQLITE_NULL }

    /// Valid until the next step or reset.
    func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        let start = sqlite3_column_blob(pointer, column)
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, column)))
    }

    /// SQLITE_TRANSIENT: SQLite makes its own copy.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
}
