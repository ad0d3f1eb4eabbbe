import Dispatch
import GRDBSQLite
import HeatModel
import Store
import StoreSQL

/// A connection of its own, read only, without a mutex: its maker uses it on one thread at a time.
///
/// GRDB's pool hands a connection over through a dispatch queue, at 11,000 to 22,000 reads a second. A statement prepared once
/// and stepped within a read transaction that many reads share costs some microseconds.
final class SQLiteSnapshotReader: SnapshotReader {
    private let connection: OpaquePointer
    let session: Session
    private let beginning: Statement
    private let ending: Statement
    private var isOpen = false
    /// Nil where the file is never mapped.
    private var mapping: Mapping?

    var reader: any StoreReader { session }

    /// - Parameter waits: whether it may wait long where the store is busy, as threads may and event loops may not.
    init(path: String, cacheMegabytes: Int, clock: @escaping StoreClock, waits: Bool = false) throws {
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let opened else {
            defer { sqlite3_close_v2(opened) }
            throw HearthError(
                .storeNotReadable, "the store cannot be opened for reading (SQLite code \(code))",
                at: .file(path, line: 0, column: 0), advice: "check that the file is there and that you may read it")
        }
        connection = opened
        do {
            sqlite3_busy_timeout(opened, waits ? 30_000 : 2000)
            let settings =
                "PRAGMA cache_size = -\(cacheMegabytes * 1024); PRAGMA temp_store = MEMORY; PRAGMA query_only = 1"
            sqlite3_exec(opened, settings, nil, nil, nil)
            session = try Session(opened, clock: clock)
            beginning = try Statement(opened, "BEGIN")
            ending = try Statement(opened, "COMMIT")
            mapping = waits ? nil : Mapping()
        } catch {
            sqlite3_close_v2(opened)
            throw error
        }
    }

    /// The statements of the session are finalised after this: SQLite keeps the connection until then.
    deinit { sqlite3_close_v2(connection) }

    func begin() throws {
        guard !isOpen else { return }
        try beginning.run()
        isOpen = true
    }

    func end() {
        guard isOpen else { return }
        isOpen = false
        // A read transaction cannot fail to end; were it to, SQLite takes it back when the next one begins.
        do { try ending.run() } catch { sqlite3_exec(connection, "ROLLBACK", nil, nil, nil) }
        mapping?.look(at: connection)
    }

    func withView(number: UnsafeRawBufferPointer, _ body: (ViewSlice) throws -> Void) throws -> Bool {
        let statement = try session.viewByNumber.get()
        statement.bind(1, text: number)
        guard try statement.step() else { return false }
        defer { statement.reset() }
        try session.unpackingView(statement, body)
        return true
    }

    func forEachView(after: AccountID?, _ body: (AccountID, UnsafeRawBufferPointer) throws -> Bool) throws {
        let statement = try session.statement(
            "SELECT account_id, packing_id, packed FROM account_view WHERE account_id > ?1 ORDER BY account_id")
        statement.bind(1, after?.number ?? Int64.min)
        defer { statement.reset() }
        while try statement.step() {
            let goesOn = try session.unpackingView(statement) { try body(AccountID(statement.int(0)), $0.body) }
            if !goesOn { return }
        }
    }
}

/// Whether a connection maps the store's file: while nothing commits. Mapped, a page is not copied to be read, a tenth more lookups a second;
/// but SQLite lets the whole mapping go at each commit, and while a sync commits many times a second that costs more than it
/// gives (the slowest hundredth of lookups: 50 ms instead of 12).
private struct Mapping {
    /// Nanoseconds without a commit after which the file is mapped.
    private static let quiet: UInt64 = 5_000_000_000
    /// SQLite's most.
    private static let bytes = 2_147_418_112

    /// Nil until the first look.
    private var version: UInt32?
    private var changed = DispatchTime.now().uptimeNanoseconds
    private var isMapped = false

    /// To be called between transactions.
    mutating func look(at connection: OpaquePointer) {
        var seen: UInt32 = 0
        sqlite3_file_control(connection, "main", SQLITE_FCNTL_DATA_VERSION, &seen)
        if version == nil { version = seen }
        if seen != version {
            version = seen
            changed = DispatchTime.now().uptimeNanoseconds
            if isMapped { map(connection, 0) }
        } else if !isMapped, DispatchTime.now().uptimeNanoseconds - changed > Self.quiet {
            map(connection, Self.bytes)
        }
    }

    private mutating func map(_ connection: OpaquePointer, _ bytes: Int) {
        isMapped = bytes > 0
        sqlite3_exec(connection, "PRAGMA mmap_size = \(bytes)", nil, nil, nil)
    }
}
