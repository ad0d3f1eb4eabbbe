import CLibPQ
import Glibc
import HeatModel
import StoreSQL

/// A session with the server, used by one thread at a time, with its prepared statements.
final class Connection {
    let handle: OpaquePointer
    let target: Target
    private var statements: [String: Statement] = [:]
    private var names = 0

    /// Oldest server that has all that the statements ask for.
    private static let oldest: Int32 = 130_000

    /// Plans are made once a session and must not depend on how small a table was then: joins go through indexes. `jit` would compile what
    /// the planner is told to think dear.
    private static let settings = """
        SET client_encoding = 'UTF8'; SET standard_conforming_strings = on; SET TimeZone = 'UTC'; SET jit = off;
        SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
        SET plan_cache_mode = 'force_generic_plan'; SET lock_timeout = '30s'; SET statement_timeout = 0;
        SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = 'error'
        """

    /// - Throws: `store.unreachable`, `store.unauthorized`, `store.serverTooOld`, `store.wrongEncoding`.
    init(_ target: Target) throws {
        self.target = target
        let opened = Self.connect(target)
        guard let opened, PQstatus(opened) == CONNECTION_OK else {
            defer { PQfinish(opened) }
            throw Failure.connecting(opened, target)
        }
        handle = opened
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        if PQserverVersion(handle) < Self.oldest {
            let version = PQparameterStatus(handle, "server_version").map { String(cString: $0) } ?? "unknown"
            throw HearthError(
                .storeServerTooOld, "the store's server is PostgreSQL \(version)", at: target.place,
                advice: "use PostgreSQL 13 or later")
        }
        let encoding = PQparameterStatus(handle, "server_encoding").map { String(cString: $0) } ?? ""
        if encoding != "UTF8" {
            throw HearthError(
                .storeWrongEncoding, "the store's database is encoded as \(encoding)", at: target.place,
                advice: "make the database anew with ENCODING 'UTF8'")
        }
        try execute(Self.settings)
    }

    deinit { PQfinish(handle) }

    /// Names that the settings do not give: a connection that hangs is found dead within half a minute.
    private static func connect(_ target: Target) -> OpaquePointer? {
        let settings = [
            ("connect_timeout", "10"), ("keepalives_idle", "10"), ("keepalives_interval", "5"),
            ("keepalives_count", "4"),
            ("tcp_user_timeout", "30000"), ("fallback_application_name", "hearth"), ("dbname", target.conninfo),
        ]
        let names = settings.map { strdup($0.0) } + [nil]
        let values = settings.map { strdup($0.1) } + [nil]
        defer { for pointer in names + values { free(pointer) } }
        return names.map { UnsafePointer($0) }.withUnsafeBufferPointer { names in
            values.map { UnsafePointer($0) }.withUnsafeBufferPointer { values in
                // `dbname` may hold a whole conninfo, whose settings come after, and so before, those above.
                PQconnectdbParams(names.baseAddress, values.baseAddress, 1)
            }
        }
    }

    var isBroken: Bool { PQstatus(handle) != CONNECTION_OK }
    var isInTransaction: Bool { PQtransactionStatus(handle) != PQTRANS_IDLE }

    /// Runs statements that have no parameters, and returns the last one's first row as text.
    @discardableResult
    func execute(_ sql: String) throws -> [String?] {
        guard let result = PQexec(handle, sql) else { throw Failure.statement(nil, handle, target.place) }
        defer { PQclear(result) }
        let status = PQresultStatus(result)
        guard status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK else {
            throw Failure.statement(result, handle, target.place)
        }
        guard PQntuples(result) > 0 else {
            return status == PGRES_COMMAND_OK ? [PQcmdStatus(result).map { String(cString: $0) }] : []
        }
        return (0..<PQnfields(result)).map { column in
            PQgetisnull(result, 0, column) == 1 ? nil : PQgetvalue(result, 0, column).map { String(cString: $0) }
        }
    }

    func statement(_ sql: String) -> Statement {
        if let known = statements[sql] { return known }
        let made = Statement(self, sql)
        statements[sql] = made
        return made
    }

    func newName() -> String {
        names += 1
        return "h\(names)"
    }
}
