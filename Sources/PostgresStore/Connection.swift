import CLibPQ
import Glibc
import HeatModel
import StoreSQL

/// A session with the server, used by one thread at a time, with its prepared statements.
final class Connection {
    let handle: OpaquePointer
    let target: Target
    /// Milliseconds of silence after which the server is asked whether it still answers at all.
    var silence: Int32 = 5000
    private var isLost = false
    private var statements: [String: Statement] = [:]
    private var names = 0

    /// Oldest server that has all that the statements ask for.
    private static let oldest: Int32 = 130_000

    /// Plans are made once a session and must not depend on how small a table was then: joins go through indexes. `jit` would compile what
    /// the planner is told to think dear.
    private static let settings = """
        SET client_encoding = 'UTF8'; SET standard_conforming_strings = on; SET TimeZone = 'UTC'; SET jit = off;
        SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_material = off;
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

    /// A connection that is none yet: whatever is asked of it is `store.disconnected`.
    init(none target: Target) throws {
        self.target = target
        // What cannot be read is tried nowhere.
        guard let unopened = PQconnectStart("=") else { throw Failure.connecting(nil, target) }
        handle = unopened
    }

    deinit { PQfinish(handle) }

    /// Names that the settings do not give: a connection that hangs is found dead within half a minute.
    private static func connect(_ target: Target) -> OpaquePointer? {
        var settings = [
            ("connect_timeout", target.isSeveral ? "3" : "10"), ("keepalives_idle", "10"), ("keepalives_interval", "5"),
            ("keepalives_count", "4"), ("tcp_user_timeout", "30000"), ("fallback_application_name", "hearth"),
        ]
        if target.isSeveral, target.takesWrites { settings.append(("target_session_attrs", "read-write")) }
        settings.append(("dbname", target.conninfo))
        if let only = target.only {
            // What comes after the conninfo holds before it.
            settings += [
                ("host", only.host), ("port", only.port), ("target_session_attrs", "any"), ("connect_timeout", "3"),
            ]
        }
        return withParameters(settings) { PQconnectdbParams($0, $1, 1) }
    }

    private static func withParameters<Result>(
        _ settings: [(String, String)],
        _ call: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<UnsafePointer<CChar>?>?) -> Result
    ) -> Result {
        let names = settings.map { strdup($0.0) } + [nil]
        let values = settings.map { strdup($0.1) } + [nil]
        defer { for pointer in names + values { free(pointer) } }
        return names.map { UnsafePointer($0) }.withUnsafeBufferPointer { names in
            values.map { UnsafePointer($0) }.withUnsafeBufferPointer { values in
                // `dbname` may hold a whole conninfo, whose settings come after, and so before, those above.
                call(names.baseAddress, values.baseAddress)
            }
        }
    }

    /// Uses it no more: another one takes its place.
    func abandon() { isLost = true }

    var isBroken: Bool { isLost || PQstatus(handle) != CONNECTION_OK }
    var isInTransaction: Bool { PQtransactionStatus(handle) != PQTRANS_IDLE }

    /// Waits for what was sent, and returns the last result, or that the server waits for rows; nil where the connection is gone.
    ///
    /// A machine that stands still keeps its connections open and says nothing: after some silence the server is asked by another
    /// connection, and what it does not answer within three seconds is lost.
    func answer(sent isSent: Int32) -> OpaquePointer? {
        if isSent == 0 || isLost { return nil }
        var last: OpaquePointer?
        while true {
            while PQisBusy(handle) == 1 {
                var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
                if descriptor.fd < 0 { break }
                let ready = poll(&descriptor, 1, silence)
                if ready == 0, !answersAtAll {
                    isLost = true
                    PQclear(last)
                    return nil
                }
                if ready > 0, PQconsumeInput(handle) == 0 { break }
            }
            guard let result = PQgetResult(handle) else { return last }
            if PQresultStatus(result) == PGRES_COPY_IN {
                PQclear(last)
                return result
            }
            // As PQexec does: of several the last, but the first that failed.
            if let kept = last, PQresultStatus(kept) == PGRES_FATAL_ERROR {
                PQclear(result)
            } else {
                PQclear(last)
                last = result
            }
        }
    }

    private var answersAtAll: Bool {
        let host = PQhost(handle).map { String(cString: $0) } ?? ""
        let port = PQport(handle).map { String(cString: $0) } ?? ""
        var settings = [("dbname", target.conninfo), ("host", host), ("port", port), ("connect_timeout", "3")]
        if let address = PQhostaddr(handle).map({ String(cString: $0) }), !address.isEmpty {
            settings.append(("hostaddr", address))
        }
        return Self.withParameters(settings + [("target_session_attrs", "any")]) { PQpingParams($0, $1, 1) }
            == PQPING_OK
    }

    /// Runs statements that have no parameters, and returns the last one's first row as text.
    @discardableResult
    func execute(_ sql: String) throws -> [String?] {
        guard let result = answer(sent: PQsendQuery(handle, sql)) else { throw failure(nil) }
        defer { PQclear(result) }
        let status = PQresultStatus(result)
        guard status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK else {
            throw failure(result)
        }
        guard PQntuples(result) > 0 else {
            return status == PGRES_COMMAND_OK ? [PQcmdStatus(result).map { String(cString: $0) }] : []
        }
        return (0..<PQnfields(result)).map { column in
            PQgetisnull(result, 0, column) == 1 ? nil : PQgetvalue(result, 0, column).map { String(cString: $0) }
        }
    }

    /// Writes rows into a table: the fastest way in, which lets no row go by. The server takes the first while the next are being made.
    ///
    /// - Parameters:
    ///   - table: with the columns in the order of the rows' fields.
    ///   - rows: has each row written by what it is given. It must not use the connection.
    func copy(into table: String, _ rows: (_ add: (_ write: (inout CopiedRow) -> Void) -> Void) throws -> Void) throws {
        let ready = answer(sent: PQsendQuery(handle, "COPY \(table) FROM STDIN (FORMAT binary)"))
        defer { PQclear(ready) }
        guard PQresultStatus(ready) == PGRES_COPY_IN else { throw failure(ready) }
        var row = CopiedRow()
        var isSent = true
        func send() {
            isSent =
                isSent
                && row.bytes.withUnsafeBytes {
                    PQputCopyData(handle, $0.assumingMemoryBound(to: CChar.self).baseAddress, Int32($0.count)) == 1
                }
            row.bytes.removeAll(keepingCapacity: true)
        }
        do {
            row.putHead()
            try rows { write in
                write(&row)
                if row.bytes.count >= 16_384 { send() }
            }
            row.putEnd()
            send()
        } catch {
            PQputCopyEnd(handle, "not all rows came")
            PQclear(answer(sent: 1))
            throw error
        }
        // What it took of them nobody knows.
        if !isSent { abandon() }
        let done = answer(sent: PQputCopyEnd(handle, nil))
        defer { PQclear(done) }
        guard PQresultStatus(done) == PGRES_COMMAND_OK else { throw failure(done) }
    }

    /// What a result that is no success means.
    func failure(_ result: OpaquePointer?) -> HearthError {
        Failure.statement(result, handle, target.place, isLost: isLost)
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
