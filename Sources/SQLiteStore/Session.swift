import GRDBSQLite
import HeatModel
import Store

/// A connection with its prepared statements: what the contract's readers and writers really are.
final class Session: StoreWriter {
    let connection: OpaquePointer
    private var statements: [String: Statement] = [:]
    /// Column names by the number of their set; a committed set never changes.
    private var columnSets: [Int64: [String]] = [:]

    /// The store's clock, in microseconds since 1970.
    let clock: StoreClock

    /// What rows are packed by.
    let packing: Packing

    /// Memory for what is bound of the rows that are being inserted.
    var boundRows = BoundRows()

    /// Memory for the records of an account.
    var accountRows = AccountRows()

    /// - Throws: `store.failed` where there is no memory for it.
    init(_ connection: OpaquePointer, clock: @escaping StoreClock) throws {
        self.connection = connection
        self.clock = clock
        packing = try Packing(connection)
        PackedColumns.add(to: connection, packing)
    }

    // The statements of the hot paths, without a look-up by their text.
    lazy var insertRecord = lazily(Self.insertion(ofRows: 1))
    lazy var insertRecords = lazily(Self.insertion(ofRows: Self.rowsAtOnce))
    lazy var currentRecord = lazily("SELECT id, hash, account_id, run_id FROM record WHERE stream_id = ?1 AND key = ?2")
    lazy var accountByNumber = lazily("SELECT id FROM account WHERE number = ?1")
    lazy var twoAccountsByCrosswalk = lazily(
        "SELECT DISTINCT account_id FROM crosswalk WHERE system = ?1 AND external_id = ?2 ORDER BY account_id LIMIT 2")
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
    lazy var introduceStatement = lazily("INSERT INTO account(number, run_id) VALUES(?1, ?2)")
    lazy var lastChangeBatch = lazily("SELECT first + count FROM change_batch ORDER BY first DESC LIMIT 1")
    lazy var putChangeBatch = lazily(
        "INSERT INTO change_batch(first, count, run_id, entity, low, high, body) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)")
    lazy var leaseHeld = lazily("SELECT 1 FROM lease WHERE stream_id = ?1 AND fence = ?2")
    lazy var touchesBetween = lazily(
        "SELECT account_id, touch FROM touched_account WHERE account_id BETWEEN ?1 AND ?2 ORDER BY account_id")
    lazy var untouchBetween = lazily("DELETE FROM touched_account WHERE account_id BETWEEN ?1 AND ?2")
    lazy var untouchStatement = lazily("DELETE FROM touched_account WHERE account_id = ?1 AND touch = ?2")
    lazy var recordsOfAccount = lazily(
        "SELECT stream_id, key, packing_id, packed, run_id, id FROM record WHERE account_id = ?1 AND voided = 0")
    lazy var runsOfView = lazily(
        "SELECT \(PackedColumns.beside("v", "view", number: "account_id")) FROM account_view v WHERE account_id = ?1")
    lazy var runsOfAccount = lazily(
        "SELECT stream_id, key, run_id FROM record WHERE account_id = ?1 ORDER BY stream_id, key")
    lazy var putViewStatement = lazily(
        """
        \(Self.newViews(1)) ON CONFLICT(account_id) DO UPDATE SET
            packing_id = excluded.packing_id, packed = excluded.packed, settled_us = excluded.settled_us
        """)
    lazy var insertViews = lazily(Self.newViews(Self.rowsAtOnce))
    lazy var numberOfAccount = lazily("SELECT number FROM account WHERE id = ?1")
    lazy var viewByNumber = lazily(
        "SELECT a.id, v.packing_id, v.packed FROM account a JOIN account_view v ON v.account_id = a.id WHERE a.number = ?1"
    )

    lazy var unchangedViewByNumber = lazily(
        """
        SELECT a.id, v.packing_id, v.packed FROM account a JOIN account_view v ON v.account_id = a.id
        WHERE a.number = ?1 AND v.settled_us <= ?2 AND NOT EXISTS (SELECT 1 FROM touched_account WHERE account_id = a.id)
        """)
    lazy var recordsOfAccountAsOf = lazily(Self.recordsAsOf)
    lazy var versionsOfAccountAsOf = lazily(Self.versionsAsOf)
    lazy var accountByNumberAsOf = lazily(Self.accountAsOf)
    lazy var endOfRun = lazily("SELECT ended_us FROM run WHERE id = ?1")
    lazy var allStreams = lazily("SELECT id, name, entity FROM stream ORDER BY name")

    lazy var cohortStatement = lazily("SELECT body FROM cohort WHERE level = ?1 AND place = ?2 AND kind = ?3")
    lazy var dataVersion = lazily("PRAGMA data_version")

    /// See ``runMark()``; of the state of the store that these numbers stand for.
    var knownRunMark: (version: Int64, changes: Int64, mark: String)?
    /// See ``settledMoment()``; known for the present transaction.
    var settled: (moment: Int64?, Void)?

    private func lazily(_ sql: String) -> Result<Statement, any Error> { Result { try Statement(connection, sql) } }

    /// The prepared statement of a text, made once a connection.
    func statement(_ sql: String) throws -> Statement {
        if let statement = statements[sql] { return statement }
        let statement = try Statement(connection, sql)
        statements[sql] = statement
        return statement
    }

    /// The column names of a set, kept as one text joined by U+001F.
    func columns(ofSet id: Int64) throws -> [String] {
        if let known = columnSets[id] { return known }
        let joined = try first(statement("SELECT columns FROM column_set WHERE id = ?1").bind(1, id)) { $0.text(0) }
        let columns = (joined ?? "").split(separator: "\u{1F}", omittingEmptySubsequences: false).map(String.init)
        columnSets[id] = columns
        return columns
    }

    /// To be called where a transaction begins.
    func begin() { settled = nil }

    /// To be called where a transaction is taken back: a set that it made may get another's number.
    func forgetUncommitted() {
        columnSets = [:]
        knownRunMark = nil
        packing.forgetUncommitted()
    }

    /// Collects the rows of a statement.
    func rows<Row>(_ statement: Statement, _ make: (Statement) throws -> Row) throws -> [Row] {
        var rows: [Row] = []
        defer { statement.reset() }
        while try statement.step() { rows.append(try make(statement)) }
        return rows
    }

    func first<Row>(_ statement: Statement, _ make: (Statement) throws -> Row) throws -> Row? {
        defer { statement.reset() }
        return try statement.step() ? try make(statement) : nil
    }
}
