import GRDBSQLite
import Glibc
import HeatModel

/// A database file, opened for reading only unless it says otherwise, used by one thread.
final class SQLiteConnection {
    let handle: OpaquePointer
    let path: String
    let zone: String
    private let interruption: Interruption

    /// What SQLite asks while it works.
    private final class Interruption {
        let isCancelled: @Sendable () -> Bool
        init(_ isCancelled: @escaping @Sendable () -> Bool) { self.isCancelled = isCancelled }
    }

    /// - Throws: ``HearthError`` `source.unreachable` when there is no such file, or another of area `source`.
    ///
    /// - Parameter writes: whether it may be written, as actions do and no connector.
    init(
        path: String, zone: String, writes: Bool = false, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws {
        self.path = path
        self.zone = zone
        interruption = Interruption(isCancelled)
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(
            path, &opened, (writes ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let opened else {
            sqlite3_close_v2(opened)
            throw Self.failure(code, path: path, stream: nil, text: "")
        }
        handle = opened
        sqlite3_extended_result_codes(handle, 1)
        // The handle, and with it the handler, is closed before `interruption` goes.
        sqlite3_progress_handler(
            handle, 10_000,
            { Unmanaged<Interruption>.fromOpaque($0!).takeUnretainedValue().isCancelled() ? 1 : 0 },
            Unmanaged.passUnretained(interruption).toOpaque())
        // Waits for a lock as long as a busy timeout of five seconds would, and no longer than the caller does.
        sqlite3_busy_handler(
            handle,
            { context, tries in
                if tries >= 500 || Unmanaged<Interruption>.fromOpaque(context!).takeUnretainedValue().isCancelled() {
                    return 0
                }
                usleep(10_000)
                return 1
            }, Unmanaged.passUnretained(interruption).toOpaque())
        if !writes { try execute("PRAGMA query_only = 1") }
    }

    deinit { sqlite3_close_v2(handle) }

    func execute(_ sql: String, stream: SQLStream? = nil) throws {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        if code != SQLITE_OK { throw failure(code, stream: stream) }
    }

    func prepare(_ sql: String, stream: SQLStream? = nil) throws -> SQLiteStatement {
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
        guard code == SQLITE_OK, let statement else { throw failure(code, stream: stream) }
        return SQLiteStatement(statement, self, stream)
    }

    /// All rows as texts; for the catalogue and single values.
    func rows(_ sql: String, stream: SQLStream? = nil) throws -> [[String?]] {
        let statement = try prepare(sql, stream: stream)
        var rows: [[String?]] = []
        while try statement.step() {
            rows.append((0..<statement.columnCount).map { statement.text($0) })
        }
        return rows
    }

    func failure(_ code: Int32, stream: SQLStream?) -> HearthError {
        Self.failure(code, path: path, stream: stream, text: String(cString: sqlite3_errmsg(handle)))
    }

    private static func failure(_ code: Int32, path: String, stream: SQLStream?, text: String) -> HearthError {
        let place: Place = stream.map { .table($0.relationName, key: nil) } ?? .file(path, line: 0, column: 0)
        let subject = stream.map { "stream \($0.name): " } ?? ""
        func error(_ code: HearthError.Code, _ message: String, _ advice: String) -> HearthError {
            HearthError(code, subject + message, at: place, advice: advice)
        }
        switch code & 0xff {
        case SQLITE_INTERRUPT: return SQLConnector.cancelled
        case SQLITE_CANTOPEN:
            return error(
                .sourceUnreachable, "the database file cannot be opened", "Check the path and its permissions.")
        case SQLITE_PERM, SQLITE_AUTH:
            return error(.sourceForbidden, "the file may not be read", "Check the file's permissions.")
        case SQLITE_BUSY, SQLITE_LOCKED:
            return error(.sourceTimeout, "another program keeps the database locked", "Try again later.")
        case SQLITE_NOTADB, SQLITE_CORRUPT, SQLITE_IOERR:
            return error(
                .sourceBrokenData, "the file is not a database, or is damaged",
                "Check the path; run PRAGMA integrity_check on a copy.")
        case SQLITE_READONLY:
            return error(
                .configWrites, "the query would write, and the session is read only", "Use a query that only reads.")
        default:
            // SQLite's messages tell of names and syntax, not of values.
            return error(.configBadQuery, text, "Check table, query, columns and filter of the stream.")
        }
    }
}

/// A prepared statement, finalised with its owner.
final class SQLiteStatement {
    let handle: OpaquePointer
    private let connection: SQLiteConnection
    private let stream: SQLStream?

    init(_ handle: OpaquePointer, _ connection: SQLiteConnection, _ stream: SQLStream?) {
        self.handle = handle
        self.connection = connection
        self.stream = stream
    }

    deinit { sqlite3_finalize(handle) }

    var columnCount: Int { Int(sqlite3_column_count(handle)) }

    /// Whether there is a row.
    func step() throws -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw connection.failure(code, stream: stream)
        }
    }

    func text(_ column: Int) -> String? { sqlite3_column_text(handle, Int32(column)).map { String(cString: $0) } }
}
