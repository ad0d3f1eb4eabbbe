import GRDBSQLite
import HeatModel

/// A prepared statement, stepped on the thread of its connection. Bound buffers must outlive the step.
///
/// GRDB's own statements box every argument; at some millions of rows that is most of the time, so the hot paths bind
/// through this thin wrapper and everything else stays with GRDB.
final class Statement {
    private let pointer: OpaquePointer
    private let connection: OpaquePointer

    init(_ connection: OpaquePointer, _ sql: String) throws {
        var pointer: OpaquePointer?
        let code = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &pointer, nil)
        guard code == SQLITE_OK, let pointer else { throw storeError(connection, code, preparing: sql) }
        self.pointer = pointer
        self.connection = connection
    }

    deinit { sqlite3_finalize(pointer) }

    @discardableResult
    func bind(_ index: Int32, _ value: Int64) -> Statement {
        sqlite3_bind_int64(pointer, index, value)
        return self
    }

    @discardableResult
    func bind(_ index: Int32, _ value: Int64?) -> Statement {
        if let value { sqlite3_bind_int64(pointer, index, value) } else { sqlite3_bind_null(pointer, index) }
        return self
    }

    /// Binds bytes in place: they must stay where they are until the statement is reset.
    @discardableResult
    func bind(_ index: Int32, blob bytes: UnsafeRawBufferPointer) -> Statement {
        if let base = bytes.baseAddress {
            sqlite3_bind_blob64(pointer, index, base, UInt64(bytes.count), nil)
        } else {
            sqlite3_bind_zeroblob(pointer, index, 0)
        }
        return self
    }

    /// Binds UTF-8 text in place: it must stay where it is until the statement is reset.
    @discardableResult
    func bind(_ index: Int32, text bytes: UnsafeRawBufferPointer) -> Statement {
        if let base = bytes.baseAddress {
            sqlite3_bind_text64(
                pointer, index, base.assumingMemoryBound(to: CChar.self), UInt64(bytes.count), nil, UInt8(SQLITE_UTF8))
        } else {
            sqlite3_bind_text(pointer, index, "", 0, Statement.transient)
        }
        return self
    }

    @discardableResult
    func bind(_ index: Int32, _ text: String?) -> Statement {
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
    func bind(_ index: Int32, blob bytes: [UInt8]?) -> Statement {
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
        throw storeError(connection, code, preparing: nil)
    }

    /// Steps a statement that returns no rows.
    func run() throws { while try step() {} }

    func reset() { sqlite3_reset(pointer) }

    func int(_ column: Int32) -> Int64 { sqlite3_column_int64(pointer, column) }
    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(pointer, column) == SQLITE_NULL }
    func optionalInt(_ column: Int32) -> Int64? { isNull(column) ? nil : int(column) }

    /// Valid until the next step or reset.
    func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        let start = sqlite3_column_blob(pointer, column)
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, column)))
    }

    func blob(_ column: Int32) -> [UInt8] { Array(bytes(column)) }
    func optionalBlob(_ column: Int32) -> [UInt8]? { isNull(column) ? nil : blob(column) }
    func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }
    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    /// SQLITE_TRANSIENT: SQLite makes its own copy.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
}

func storeError(_ connection: OpaquePointer, _ code: Int32, preparing sql: String?) -> HearthError {
    let message = String(cString: sqlite3_errmsg(connection))
    let place = Place.address("store")
    switch code & 0xFF {
    case SQLITE_BUSY, SQLITE_LOCKED:
        return HearthError(
            .init("store.busy"), "the store is in use by another writer (\(message))", at: place,
            advice: "wait for the other run to end; `hearth runs` shows it")
    case SQLITE_FULL:
        return HearthError(
            .init("store.full"), "no room left for the store (\(message))", at: place,
            advice: "free disk space, then run again")
    case SQLITE_CORRUPT, SQLITE_NOTADB:
        return HearthError(
            .init("store.corrupt"), "the store's file is damaged (\(message))", at: place,
            advice: "restore it from a copy, or move it away and sync again")
    case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM:
        return HearthError(
            .init("store.notWritable"), "the store cannot be opened for writing (\(message))", at: place,
            advice: "check the file's owner and mode")
    default:
        return HearthError(
            .init("store.failed"), "SQLite error \(code): \(message)\(sql.map { " in \($0)" } ?? "")", at: place)
    }
}
