import CSQLite
import Foundation
import GRDB
import GRDBSQLite
import HeatModel
package import Store
package import StoreSQL
import Synchronization

/// The embedded store: one SQLite file in WAL mode. One writer at a time, readers never wait for it.
///
/// A commit survives the death of the process at any instant (`synchronous = NORMAL`); after a power failure the last
/// commits may be missing, records and cursor together, and the next run reads them again.
package final class SQLiteStore: Store {
    /// Who writes, and what looks at the whole file.
    private let pool: DatabasePool
    private let readers: Readers
    private let sharedCommits = SharedCommits()
    private let path: String
    private let checkpointer: Checkpointer
    private let clock: StoreClock
    /// Prepared statements by the address of their connection. GRDB hands a connection to one thread at a time; the map is under the mutex.
    private let sessions = Mutex<[UInt: SessionBox]>([:])

    /// Opens the store at `path`, making and migrating it as needed.
    ///
    /// - Parameters:
    ///   - mustExist: whether a file that is not there, or that holds nothing, is refused instead of made.
    ///   - clock: the present in microseconds since 1970, by which leases expire and failed attempts are forgotten.
    /// - Throws: `store.notWritable`, `store.corrupt`, `store.missing`, `store.foreign` where the file is another program's database
    ///   (it is left untouched), or `store.tooNew` where a later version of Hearth has written it (also left untouched).
    package init(
        path: String, cacheMegabytes: Int = 64, mustExist: Bool = false,
        clock: @escaping StoreClock = SQLiteStore.systemClock
    ) throws {
        Self.prepareLibrary
        self.clock = clock
        self.path = path
        checkpointer = Checkpointer(path: path)
        var configuration = Configuration()
        configuration.label = "hearth"
        configuration.busyMode = .timeout(30)
        configuration.maximumReaderCount = 1
        // The pool, which keeps this closure, keeps the checkpointer as long as its connections.
        configuration.prepareDatabase { [checkpointer] db in
            // Of a new store: pages of 8 KB take no less for a first sync, and twice as much for a change scattered over the store.
            // Of the memory for pages the writer, which looks into every index, has the most.
            let cache = db.configuration.readonly ? cacheMegabytes / 4 : cacheMegabytes
            try db.execute(
                sql: """
                    PRAGMA page_size = 4096; PRAGMA cache_size = -\(cache * 1024); PRAGMA temp_store = MEMORY;
                    """)
            if !db.configuration.readonly, let connection = db.sqliteConnection { checkpointer.watch(connection) }
        }
        do {
            let migrator = Schema.migrator
            let isThere = try SQLiteStore.refuseOthers(path: path, migrator)
            if mustExist, !isThere { throw SQLiteStore.missing(path) }
            if !isThere {
                // It is to hold personal data: its owner's alone. SQLite gives its log the same mode.
                let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
                if file >= 0 { close(file) }
            }
            let pool = try DatabasePool(path: path, configuration: configuration)
            try SQLiteStore.migrate(pool, migrator)
            self.pool = pool
            readers = Readers(path: path, cacheMegabytes: cacheMegabytes / 4, clock: clock)
            // A store of before packed rows: this process and any other that opens it move them together.
            while try inSnapshot({ try $0.tableToRepack() }) != nil {
                try inTransaction { try $0.repack() }
            }
        } catch let error as DatabaseError {
            throw StoreErrors.error(error, path: path)
        }
    }

    deinit { checkpointer.stop() }

    /// Copies the store as it was committed last into a new file.
    package func copy(to path: String) throws {
        do { try pool.backup(to: try DatabaseQueue(path: path)) } catch let error as DatabaseError {
            throw StoreErrors.error(error, path: path)
        }
    }

    /// The machine's clock.
    package static let systemClock: StoreClock = {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000
    }

    /// Once a process, before its first connection: SQLite's statistics of its memory, which are not read, cost a lock at each
    /// allocation, 5 % of a sync.
    private static let prepareLibrary: Void = { _ = hearth_sqlite_without_memory_statistics() }()

    /// Brings the tables up to date. Several processes may open a new store at once: a step that another one has taken meanwhile
    /// fails here, and the next look finds it done.
    private static func migrate(_ pool: DatabasePool, _ migrator: DatabaseMigrator) throws {
        var stepsLeft = migrator.migrations.count
        while true {
            do {
                return try migrator.migrate(pool)
            } catch let error as DatabaseError
                where [.SQLITE_ERROR, .SQLITE_BUSY, .SQLITE_CONSTRAINT].contains(error.resultCode) && stepsLeft > 0
            {
                stepsLeft -= 1
            }
        }
    }

    package func write<Result>(_ body: (any StoreWriter) throws -> Result) throws -> Result {
        try inTransaction { try body($0) }
    }

    package func writeTogether<Result>(_ body: (any StoreWriter) throws -> Result) throws -> Result {
        readers.letGo()
        var result: Result?
        let isCommitted = try withoutActuallyEscaping(body) { body in
            try sharedCommits.run({ result = try body($0) }) { try inTransaction($0) }
        }
        if isCommitted, let result { return result }
        return try write(body)
    }

    func inTransaction<Result>(_ body: (Session) throws -> Result) throws -> Result {
        readers.letGo()
        do {
            return try pool.writeWithoutTransaction { db in
                let session = try session(of: db)
                // Statements of our own, prepared once: GRDB parses its own each time.
                try session.beginImmediate.get().run()
                do {
                    session.begin()
                    let result = try body(session)
                    try session.commit.get().run()
                    return result
                } catch {
                    // Also where it is the commit that fails. After some errors SQLite has taken all back itself.
                    if db.isInsideTransaction { try? session.rollback.get().run() }
                    session.forgetUncommitted()
                    throw error
                }
            }
        } catch {
            throw SQLiteStore.located(error, path: path)
        }
    }

    package func read<Result>(_ body: (any StoreReader) throws -> Result) throws -> Result {
        try inSnapshot { try body($0) }
    }

    package func holdingReads<Result>(_ body: () throws -> Result) throws -> Result { try readers.holding(body) }

    package func releaseReads() { readers.letGo() }

    func inSnapshot<Result>(_ body: (Session) throws -> Result) throws -> Result {
        do {
            return try readers.read(body)
        } catch {
            throw SQLiteStore.located(error, path: path)
        }
    }

    package func view(number: [UInt8]) async throws -> StoredView? {
        try read { store in try number.withUnsafeBytes { try store.view(number: $0) } }
    }

    /// Counts over this process.
    package func makeRateLimiter(_ limit: RateLimit) -> any RateLimiting { RateLimiter(limit) }

    package func size() throws -> Int64 {
        var total: Int64 = 0
        for suffix in ["", "-wal"] {
            let attributes = try? FileManager.default.attributesOfItem(atPath: path + suffix)
            total += (attributes?[.size] as? NSNumber)?.int64Value ?? 0
        }
        return total
    }

    /// What is damaged in the file, at most twenty things; empty where it is sound.
    ///
    /// - Parameter deep: whether indexes are held against their tables, too: all of the file is read either way, this takes several times as
    ///   long.
    package func damages(deep: Bool) throws -> [String] {
        do {
            return try pool.read { db in
                try String.fetchAll(db, sql: deep ? "PRAGMA integrity_check(20)" : "PRAGMA quick_check(20)")
                    .filter { $0 != "ok" }
            }
        } catch {
            throw SQLiteStore.located(error, path: path)
        }
    }

    /// Copies the WAL into the file, as far as readers allow.
    package func checkpoint() throws {
        _ = try pool.writeWithoutTransaction { db in try db.checkpoint(.truncate) }
    }

    package func makeSnapshotReader(cacheMegabytes: Int) throws -> any SnapshotReader {
        try SQLiteSnapshotReader(path: path, cacheMegabytes: cacheMegabytes, clock: clock)
    }

    private func session(of db: Database) throws -> Session {
        guard let connection = db.sqliteConnection else {
            throw HearthError(.storeFailed, "the store is closed", at: .file(path, line: 0, column: 0))
        }
        let name = UInt(bitPattern: connection)
        if let known = sessions.withLock({ $0[name] }) { return known.session }
        let made = SessionBox(try Session(connection, clock: clock))
        sessions.withLock { $0[name] = made }
        return made.session
    }

    /// A database that is there already must be a store, and none of a later version. It is only read for that: a wrong path in the
    /// configuration must not write into a legacy system, and an old program not into a new store.
    ///
    /// - Returns: whether there is one.
    private static func refuseOthers(path: String, _ migrator: DatabaseMigrator) throws -> Bool {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { return false }
        if attributes[.type] as? FileAttributeType == .typeDirectory {
            throw HearthError(
                .storeNotWritable, "the store's path is a folder", at: .file(path, line: 0, column: 0),
                advice: "name a file in it, such as hearth.db")
        }
        if (attributes[.size] as? NSNumber)?.int64Value ?? 0 == 0 { return false }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(30)
        let (tables, isStore, isTooNew) = try DatabaseQueue(path: path, configuration: configuration).read { db in
            let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
            return try (tables, db.tableExists("grdb_migrations"), migrator.hasBeenSuperseded(db))
        }
        if isTooNew {
            throw HearthError(
                .storeTooNew, "the store was written by a later version of hearth",
                at: .file(path, line: 0, column: 0),
                advice: "use that version, or another store; nothing was written to this one")
        }
        if tables > 0, !isStore {
            throw HearthError(
                .storeForeign, "the file is a database of another program, not a store",
                at: .file(path, line: 0, column: 0),
                advice: "name another file under `store: sqlite:`; nothing was written to this one")
        }
        return isStore
    }

    private static func missing(_ path: String) -> HearthError {
        let isFile = FileManager.default.fileExists(atPath: path)
        return HearthError(
            .storeMissing, isFile ? "there is no store in the file: it is empty" : "there is no store",
            at: .file(path, line: 0, column: 0),
            advice: "\(.sync) makes it; if there was one, look at `store:` in the configuration")
    }

    /// An error of a transaction, with the store's file for its place.
    private static func located(_ error: any Error, path: String) -> any Error {
        if let error = error as? DatabaseError { return StoreErrors.error(error, path: path) }
        guard var error = error as? HearthError, error.code.area == "store", error.place == .address("store") else {
            return error
        }
        error.place = .file(path, line: 0, column: 0)
        return error
    }
}

/// Lets a session stand in the mutex's map. A session is used only by the thread that GRDB has given its connection to.
private struct SessionBox: @unchecked Sendable {
    let session: Session
    init(_ session: Session) { self.session = session }
}
