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
    init(_ target: Target, clock: StoreClock?) throws {
        let connection = try Connection(target)
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

    private static let serverTime = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"

    /// Begins a transaction that writes, once no other does in this store, on whichever machine.
    ///
    /// - Returns: the transaction's number, by which the server knows later what became of it.
    /// - Throws: `store.replica`, `store.readOnly`.
    func beginWriting() throws -> String {
        memory.settled = nil
        let row = try connection.execute(
            """
            BEGIN; SELECT pg_advisory_xact_lock(\(Self.writersLock), hashtext(current_schema()));
            SELECT CASE WHEN pg_is_in_recovery() THEN 'replica' WHEN current_setting('transaction_read_only') = 'on' THEN 'read-only'
                ELSE pg_current_xact_id()::text END, \(Self.serverTime)
            """)
        switch try noteTime(row) {
        case "replica": throw Failure.replica(connection.target.place)
        case "read-only": throw Failure.readOnly(connection.target.place)
        case let number: return number
        }
    }

    /// Begins a transaction in which all reads see one state.
    func beginReading() throws {
        memory.settled = nil
        let row = try connection.execute(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT '', \(Self.serverTime)")
        _ = try noteTime(row)
    }

    private func noteTime(_ row: [String?]) throws -> String {
        guard row.count == 2, let number = row[0], let time = row[1].flatMap({ Int64($0) }) else {
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
