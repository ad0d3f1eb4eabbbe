import Glibc
import HeatModel
import Store
import StoreSQL

/// A connection as the contract's reader and writer. Used by one thread at a time, and only within a transaction.
final class Session: SQLSession {
    let connection: Connection
    let packing: Packing
    var memory = SessionMemory()
    private let givenClock: StoreClock?
    private var scans: [String: Statement] = [:]
    /// Microseconds by which the server's clock is ahead of this machine's, as of the transaction's beginning.
    private var ahead: Int64 = 0

    /// - Parameter clock: the store's clock; nil is the server's.
    convenience init(_ target: Target, clock: StoreClock?, silence: Duration = .seconds(5)) throws {
        let connection = try Connection(target)
        connection.silence = Int32(silence / .milliseconds(1))
        try self.init(connection, clock: clock)
    }

    /// See ``Connection/init(none:)``.
    convenience init(none target: Target) throws { try self.init(Connection(none: target), clock: nil) }

    private init(_ connection: Connection, clock: StoreClock?) throws {
        self.connection = connection
        givenClock = clock
        packing = try Packing(PackingTable { [unowned connection] in connection.statement($0) })
    }

    func statement(_ sql: String) throws -> Statement { connection.statement(sql) }

    func scan(_ sql: String) throws -> Statement {
        if let known = scans[sql] { return known }
        let made = Statement(connection, sql, isScan: true)
        scans[sql] = made
        return made
    }

    /// The rows of a table for each row of `w`, which stands before it. They are looked for by an index, once for each, whatever the planner
    /// thinks: it plans once a session, when a table may still be empty, and would then go through all of it for each row.
    static func each(_ table: String, _ condition: String) -> String {
        "LATERAL (SELECT * FROM \(table) WHERE \(condition) OFFSET 0)"
    }

    /// The planner chooses.
    static func hint(_ index: IndexHint) -> String { "" }

    var clock: StoreClock {
        if let givenClock { return givenClock }
        return { [ahead] in Self.machineTime + ahead }
    }

    func forgetUncommitted() {
        memory.forgetUncommitted()
        packing.forgetUncommitted()
    }

    private static var machineTime: Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000
    }

    // MARK: Transactions

    /// A transaction that writes, as it is looked for later where nobody knows what became of it. Other than PostgreSQL's own numbers of
    /// transactions, which a promoted server gives again, the two together come once.
    struct Commit {
        var number: Int64
        var mark: Int64
    }

    /// Commits that are remembered.
    static let remembered: Int64 = 1024

    private static let serverTime = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
    private var isPrepared = false

    /// Rows of `committed` that are no commit: 0 counts them, -1 has the last run whose views are all there.
    static let (counted, viewed) = (0, -1)

    /// A plan is made once, not with each transaction.
    private func prepare() throws {
        if isPrepared { return }
        try connection.execute(
            """
            PREPARE hearth_write(bigint) AS WITH head AS (UPDATE committed SET number = number + 1 WHERE slot = \(Self.counted) RETURNING number),
                remembered AS (UPDATE committed c SET number = head.number, mark = $1 FROM head
                    WHERE c.slot = 1 + head.number % \(Self.remembered) RETURNING c.number)
                SELECT number, \(Self.serverTime) FROM remembered;
            PREPARE hearth_read AS SELECT number, \(Self.serverTime),
                (SELECT nullif(number, 0) FROM committed WHERE slot = \(Self.viewed)) FROM committed WHERE slot = \(Self.counted)
            """)
        isPrepared = true
    }

    /// Begins a transaction that writes, once no other does in this store, on whichever machine.
    ///
    /// - Throws: `store.replica`, `store.readOnly`.
    func beginWriting() throws -> Commit {
        memory.settled = nil
        try prepare()
        let mark = Int64.random(in: .min ... .max)
        do {
            let row = try connection.execute(
                "BEGIN; SELECT pg_advisory_xact_lock(\(Self.writersLock), hashtext(current_schema())); EXECUTE hearth_write('\(mark)')"
            )
            return Commit(number: try noteTime(row), mark: mark)
        } catch let error as HearthError where error.code == .storeReadOnly {
            takeBack()
            let isReplica = try connection.execute("SELECT pg_is_in_recovery()").first == "t"
            throw isReplica ? Failure.replica(connection.target.place) : error
        }
    }

    /// Begins a transaction in which all reads see one state.
    @discardableResult
    func beginReading() throws -> StoreState {
        memory.settled = nil
        try prepare()
        let row = try connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; EXECUTE hearth_read")
        return StoreState(commit: try noteTime(row), run: row.last?.flatMap { Int64($0) }.map { RunID($0) })
    }

    /// Whether a transaction is there; nil where too many came after it to tell. Waits for its end where it is still under way.
    func isThere(_ commit: Commit) throws -> Bool? {
        let look = """
            SELECT number, mark FROM committed WHERE slot = 1 + \(commit.number) % \(Self.remembered)
            """
        func found() throws -> Bool? {
            let row = try connection.execute(look).map { $0.flatMap { Int64($0) } }
            guard row.count == 2, let number = row[0] else { return nil }
            return number > commit.number ? nil : number == commit.number && row[1] == commit.mark
        }
        // What is seen is there on a replica, too.
        if try found() == true { return true }
        try connection.execute(
            "BEGIN; SELECT pg_advisory_xact_lock(\(Self.writersLock), hashtext(current_schema()))")
        defer { takeBack() }
        // What is not on a replica may still come.
        if try connection.execute("SELECT pg_is_in_recovery()").first == "t" {
            throw Failure.replica(connection.target.place)
        }
        return try found()
    }

    private func noteTime(_ row: [String?]) throws -> Int64 {
        guard row.count >= 2, let number = row[0].flatMap({ Int64($0) }), let time = row[1].flatMap({ Int64($0) })
        else {
            throw HearthError(.storeFailed, "the store's server did not say its time", at: connection.target.place)
        }
        ahead = time - Self.machineTime
        return number
    }

    /// - Throws: `store.failed` where a statement of the transaction had failed: the server has taken it back.
    func commit() throws {
        let tag = try connection.execute("COMMIT").first ?? nil
        if tag == "ROLLBACK" {
            throw HearthError(
                .storeFailed, "a statement of the transaction had failed, so that none of it is kept",
                at: connection.target.place)
        }
    }

    func takeBack() {
        forgetUncommitted()
        if !connection.isBroken, connection.isInTransaction { _ = try? connection.execute("ROLLBACK") }
    }

    /// First half of the advisory lock that writers take in turn; the second half is the schema's.
    static let writersLock = 0x4852_5448
}
