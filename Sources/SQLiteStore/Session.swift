import GRDBSQLite
import HeatModel
import Store
import StoreSQL

/// A connection with its prepared statements: what the contract's readers and writers really are.
final class Session: SQLSession {
    let connection: OpaquePointer
    private var statements: [String: Statement] = [:]
    var memory = SessionMemory()

    /// The store's clock, in microseconds since 1970.
    let clock: StoreClock

    /// What rows are packed by.
    let packing: Packing

    /// Memory for what is bound of the rows that are being inserted.
    var boundRows = BoundRows()

    /// - Throws: `store.failed` where there is no memory for it.
    init(_ connection: OpaquePointer, clock: @escaping StoreClock) throws {
        self.connection = connection
        self.clock = clock
        packing = try Packing(PackingTable { try Statement(connection, $0) })
        PackedColumns.add(to: connection, packing)
    }

    // The statements of the hot paths, without a look-up by their text.
    lazy var beginImmediate = lazily("BEGIN IMMEDIATE")
    lazy var commit = lazily("COMMIT")
    lazy var rollback = lazily("ROLLBACK")
    lazy var insertRecord = lazily(Self.insertion(ofRows: 1))
    lazy var insertRecords = lazily(Self.insertion(ofRows: Self.rowsAtOnce))
    lazy var currentRecord = lazily("SELECT id, hash, account_id, run_id FROM record WHERE stream_id = ?1 AND key = ?2")
    lazy var accountByNumber = lazily("SELECT id FROM account WHERE number = ?1")
    lazy var putPlace = lazily(
        """
        INSERT INTO place(record_id, account_id, community, building, unit, room) VALUES(?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT(record_id) DO UPDATE SET account_id = ?2, community = ?3, building = ?4, unit = ?5, room = ?6
        WHERE (account_id, community, building, unit, room) <> (?2, ?3, ?4, ?5, ?6)
        """)
    lazy var putForeignID = lazily(
        """
        INSERT INTO crosswalk(record_id, account_id, system, external_id) VALUES(?1, ?2, ?3, ?4)
        ON CONFLICT(record_id) DO UPDATE SET account_id = ?2, system = ?3, external_id = ?4
        WHERE (account_id, system, external_id) <> (?2, ?3, ?4)
        """)
    lazy var removePlace = lazily("DELETE FROM place WHERE record_id = ?1")
    lazy var removeForeignID = lazily("DELETE FROM crosswalk WHERE record_id = ?1")
    lazy var touchAccount = lazily(Self.touching(1))
    lazy var touchAccounts = lazily(Self.touching(Self.rowsAtOnce))
    lazy var packedView = lazily("SELECT packing_id, packed FROM account_view WHERE account_id = ?1")
    lazy var touchesBetween = lazily(
        "SELECT account_id, touch FROM touched_account WHERE account_id BETWEEN ?1 AND ?2 ORDER BY account_id")
    lazy var untouchBetween = lazily("DELETE FROM touched_account WHERE account_id BETWEEN ?1 AND ?2")
    lazy var untouchStatement = lazily("DELETE FROM touched_account WHERE account_id = ?1 AND touch = ?2")
    lazy var putViewStatement = lazily(
        """
        \(Self.newViews(1)) ON CONFLICT(account_id) DO UPDATE SET
            packing_id = excluded.packing_id, packed = excluded.packed, settled_us = excluded.settled_us
        """)
    lazy var insertViews = lazily(Self.newViews(Self.rowsAtOnce))
    lazy var viewByNumber = lazily(
        "SELECT a.id, v.packing_id, v.packed FROM account a JOIN account_view v ON v.account_id = a.id WHERE a.number = ?1"
    )

    lazy var dataVersion = lazily("PRAGMA data_version")

    /// See ``runMark()``; of the state of the store that these numbers stand for.
    var knownRunMark: (version: Int64, changes: Int64, mark: String)?

    private func lazily(_ sql: String) -> Result<Statement, any Error> { Result { try Statement(connection, sql) } }

    /// The prepared statement of a text, made once a connection.
    func statement(_ sql: String) throws -> Statement {
        if let statement = statements[sql] { return statement }
        let statement = try Statement(connection, sql)
        statements[sql] = statement
        return statement
    }

    func scan(_ sql: String) throws -> Statement { try statement(sql) }

    static func hint(_ index: IndexHint) -> String {
        switch index {
        case .any: ""
        case .none: "NOT INDEXED"
        case .of(let name): "INDEXED BY \(name)"
        }
    }

    /// To be called where a transaction begins.
    func begin() { memory.settled = nil }

    /// To be called where a transaction is taken back: a set that it made may get another's number.
    func forgetUncommitted() {
        memory.forgetUncommitted()
        knownRunMark = nil
        packing.forgetUncommitted()
    }
}
