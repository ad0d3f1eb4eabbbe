import GRDBSQLite
import HeatModel
import Store

/// A connection of its own, read only, without a mutex: whoever made it uses it on one thread at a time.
///
/// GRDB's pool hands a connection over through a dispatch queue, at 11,000 to 22,000 reads a second. A statement prepared once
/// and stepped within a read transaction that many reads share costs some microseconds.
final class SQLiteSnapshotReader: SnapshotReader {
    private let connection: OpaquePointer
    private let session: Session
    private let beginning: Statement
    private let ending: Statement
    private var isOpen = false

    var reader: any StoreReader { session }

    init(path: String, cacheMegabytes: Int) throws {
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let opened else {
            defer { sqlite3_close_v2(opened) }
            throw HearthError(
                .init("store.notReadable"), "the store cannot be opened for reading (SQLite code \(code))",
                at: .file(path, line: 0, column: 0), advice: "check that the file is there and that you may read it")
        }
        connection = opened
        do {
            sqlite3_busy_timeout(opened, 2000)
            // The first 2 GB of the file, SQLite's most, are mapped, not read: a tenth more lookups a second, and no second copy of
            // a page that the system holds. Those pages count as the process's, though they are the system's to take back.
            let pragmas =
                "PRAGMA cache_size = -\(cacheMegabytes * 1024); PRAGMA mmap_size = 2147418112; PRAGMA query_only = 1"
            sqlite3_exec(opened, pragmas, nil, nil, nil)
            session = Session(opened)
            beginning = try Statement(opened, "BEGIN")
            ending = try Statement(opened, "COMMIT")
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
    }

    func withView(number: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
        let statement = try session.viewByNumber.get()
        statement.bind(1, text: number)
        guard try statement.step() else { return false }
        defer { statement.reset() }
        try body(statement.bytes(1))
        return true
    }

    func forEachView(after: AccountID?, _ body: (AccountID, UnsafeRawBufferPointer) throws -> Bool) throws {
        let statement = try session.statement(
            "SELECT account_id, body FROM account_view WHERE account_id > ?1 ORDER BY account_id")
        statement.bind(1, after?.number ?? Int64.min)
        defer { statement.reset() }
        while try statement.step() {
            guard try body(AccountID(statement.int(0)), statement.bytes(1)) else { return }
        }
    }
}
