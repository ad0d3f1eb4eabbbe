import CODBC
import Foundation
import HeatModel
import Records

/// A read-only session through an ODBC driver. Every call of the driver is made on a thread of its own; while one is waited for,
/// cancellation is asked every 200 ms.
///
/// `@unchecked Sendable`: its state is read and written by the pull's thread alone; a call on another thread has only the handles that it
/// was given, and has ended before the next one on that thread begins (``ODBCThread``).
final class ODBCConnection: @unchecked Sendable {
    let options: ODBCOptions
    let target: ODBCTarget
    let zone: String
    private(set) var odbc: ODBCDialect
    private let isCancelled: @Sendable () -> Bool
    /// Where calls are made, but for those of a statement that has another one.
    let thread = ODBCThread()
    private var environment: SQLHANDLE?
    fileprivate(set) var handle: SQLHANDLE?
    /// Whether a call was left behind: then the driver is not to be touched any more.
    private(set) var isLost = false
    /// `MariaDB 10.11.19`, as the driver has it.
    private(set) var serverName = ""
    private(set) var driverName = ""
    /// What ends a statement of this connection, told by another one; nil where the driver is asked.
    private var cancel: String?
    /// Whether a long value may stand before one that is bound.
    private(set) var readsAnyColumn = false

    /// Connects, makes the session read only and tries whether characters survive.
    /// - Throws: ``HearthError`` of area `source` or `config`, `run.cancelled`.
    init(_ options: ODBCOptions, zone: String, isCancelled: @escaping @Sendable () -> Bool = { false }) throws {
        self.options = options
        self.zone = zone
        self.isCancelled = isCancelled
        target = ODBCTarget(options)
        odbc = .of(options.system ?? .sqlite)
        try connect()
        let name = try info(SQL_DBMS_NAME)
        let found = options.system ?? ODBCDialect.system(named: name)
        guard let found else {
            throw HearthError(
                .configBadConnection, "the driver reads from \"\(name)\", whose SQL is not known",
                at: target.place,
                advice:
                    "Say with system which one it is like: \(ODBCOptions.System.allCases.map(\.rawValue).joined(separator: ", "))."
            )
        }
        odbc = .of(found)
        serverName = "\(name) \(try info(SQL_DBMS_VER))"
        driverName = "\(try info(SQL_DRIVER_NAME)) \(try info(SQL_DRIVER_VER))"
        let connection = handle
        readsAnyColumn = try call(stream: nil) {
            var extensions: SQLUINTEGER = 0
            SQLGetInfo(connection, SQLUSMALLINT(SQL_GETDATA_EXTENSIONS), &extensions, 4, nil)
            return extensions & SQLUINTEGER(SQL_GD_ANY_COLUMN) != 0
        }
        if let cancel = odbc.cancel, let number = try rows(cancel.number, stream: nil).first?.first.flatMap(\.self) {
            self.cancel = cancel.statement.replacing("?", with: number)
        }
        for statement in odbc.session { _ = try rows(statement.replacing("?", with: zone), stream: nil) }
        if found == .mysql { try setMySQLZone() }
        try probe()
    }

    deinit {
        // What a driver still works on may not be freed under it.
        if isLost { return thread.end() }
        let (connection, environment) = (handle, environment)
        thread.start {
            if connection != nil {
                SQLEndTran(SQLSMALLINT(SQL_HANDLE_DBC), connection, SQLSMALLINT(SQL_ROLLBACK))
                SQLDisconnect(connection)
                SQLFreeHandle(SQLSMALLINT(SQL_HANDLE_DBC), connection)
            }
            SQLFreeHandle(SQLSMALLINT(SQL_HANDLE_ENV), environment)
        }
        thread.end()
    }

    // MARK: Calls

    /// A call under way.
    struct Call<Result> {
        /// Written by the other thread before the call has ended, read after it.
        fileprivate final class Box: @unchecked Sendable { var result: Result? }
        fileprivate let box = Box()
        fileprivate let thread: ODBCThread
        fileprivate let statement: ODBCCancelling?
        fileprivate let stream: SQLStream?
        fileprivate let begin = ContinuousClock.now
    }

    /// Begins calls on a thread, to be ended by ``finish(_:)`` before others are made on it.
    /// - Parameters:
    ///   - statement: what is to be cancelled, where it is.
    ///   - thread: the connection's own without it.
    func start<Result>(
        _ statement: ODBCCancelling?, stream: SQLStream?, on thread: ODBCThread? = nil, _ body: @escaping () -> Result
    ) throws -> Call<Result> {
        if isCancelled() { throw SQLConnector.cancelled }
        if isLost { throw lost(stream) }
        let call = Call<Result>(thread: thread ?? self.thread, statement: statement, stream: stream)
        let box = call.box
        call.thread.start { box.result = body() }
        return call
    }

    /// How a statement of this connection is cancelled.
    func cancelling(_ statement: SQLHANDLE) -> ODBCCancelling {
        // A pointer of the driver's, which lives as long as the statement.
        nonisolated(unsafe) let statement = statement
        guard let cancel else { return ODBCCancelling { SQLCancel(statement) } }
        return ODBCCancelling { [target] in target.tell(cancel, within: 3) }
    }

    /// Waits for calls that were begun.
    func finish<Result>(_ call: Call<Result>) throws -> Result {
        var cancelled: ContinuousClock.Instant?
        try call.thread.wait {
            let now = ContinuousClock.now
            if let cancelled {
                // The driver was asked and does not come back.
                if now - cancelled > .seconds(3) {
                    isLost = true
                    throw isCancelled() ? SQLConnector.cancelled : silent(call.stream)
                }
                return
            }
            let isSilent = options.silenceTimeout > 0 && now - call.begin > .seconds(options.silenceTimeout)
            if isCancelled() || isSilent {
                call.statement?.cancel()
                // From when on the driver may come back: asking takes a while, too.
                cancelled = .now
            }
        }
        if isCancelled() { throw SQLConnector.cancelled }
        if cancelled != nil { throw silent(call.stream) }
        guard let result = call.box.result else { throw lost(call.stream) }
        return result
    }

    /// Makes calls on a thread and waits for them.
    func call<Result>(
        _ statement: ODBCCancelling? = nil, stream: SQLStream?, on thread: ODBCThread? = nil, _ body: @escaping () -> Result
    ) throws -> Result {
        try finish(start(statement, stream: stream, on: thread, body))
    }

    /// Gives something back to the driver, on the thread that got it: drivers keep locks that only the thread opens which took them. It is
    /// left behind where the driver does not come back.
    func release(on thread: ODBCThread, _ body: @escaping () -> Void) {
        if isLost { return }
        let deadline = ContinuousClock.now + .seconds(5)
        func wait() throws { try thread.wait { if ContinuousClock.now > deadline { throw SQLConnector.cancelled } } }
        do {
            try wait()
            thread.start(body)
            try wait()
        } catch {
            isLost = true
        }
    }

    private func silent(_ stream: SQLStream?) -> HearthError {
        HearthError(
            .sourceTimeout,
            "\(stream.map { "stream \($0.name): " } ?? "")the driver did not come back for \(options.silenceTimeout) s",
            at: stream.map { .table($0.relationName, key: nil) } ?? target.place,
            advice: "Give the table an index on its key, or raise the silence timeout of the source.")
    }

    private func lost(_ stream: SQLStream?) -> HearthError {
        HearthError(
            .sourceConnectionLost, "\(stream.map { "stream \($0.name): " } ?? "")the connection was lost",
            at: stream.map { .table($0.relationName, key: nil) } ?? target.place,
            advice: "Run again: committed batches stay, and the next run carries on after them.")
    }

    static func isGood(_ result: SQLRETURN) -> Bool { result == SQL_SUCCESS || result == SQL_SUCCESS_WITH_INFO }

    // MARK: Connecting

    private func connect() throws {
        // A setting file that is wrong does not change what another connection reads.
        guard SQLAllocHandle(SQLSMALLINT(SQL_HANDLE_ENV), nil, &environment) == SQL_SUCCESS else { throw lost(nil) }
        SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, UnsafeMutableRawPointer(bitPattern: Int(SQL_OV_ODBC3)), 0)
        var made: SQLHANDLE?
        guard SQLAllocHandle(SQLSMALLINT(SQL_HANDLE_DBC), environment, &made) == SQL_SUCCESS else { throw lost(nil) }
        let connection = made
        SQLSetConnectAttr(
            connection, SQL_ATTR_LOGIN_TIMEOUT, UnsafeMutableRawPointer(bitPattern: max(1, options.connectTimeout)), 0)
        let text = target.connection
        let begin = ContinuousClock.now
        // Written by the call, read after its end; one that is left behind writes into what nobody reads any more.
        nonisolated(unsafe) var failure: ODBCFailure?
        thread.start {
            var bytes = Array(text.utf8) + [0]
            let result = SQLDriverConnect(
                connection, nil, &bytes, SQLSMALLINT(SQL_NTS), nil, 0, nil, SQLUSMALLINT(SQL_DRIVER_NOPROMPT))
            if Self.isGood(result) { return }
            failure = ODBCFailure(SQL_HANDLE_DBC, connection)
            SQLFreeHandle(SQLSMALLINT(SQL_HANDLE_DBC), connection)
        }
        try thread.wait {
            if isCancelled() {
                isLost = true
                throw SQLConnector.cancelled
            }
            if ContinuousClock.now - begin > .seconds(max(1, options.connectTimeout) + 2) {
                isLost = true
                throw HearthError(
                    .sourceUnreachable, "no connection within \(options.connectTimeout) s", at: target.place,
                    advice: "Check host, port and network of the source, or raise its connect timeout.")
            }
        }
        if let failure { throw failure.connecting(target, options.system) }
        handle = connection
    }

    private func info(_ kind: Int32) throws -> String {
        let connection = handle
        return try call(stream: nil) {
            var bytes = [SQLCHAR](repeating: 0, count: 256)
            var length: SQLSMALLINT = 0
            let result = SQLGetInfo(connection, SQLUSMALLINT(kind), &bytes, 256, &length)
            return Self.isGood(result) ? ODBCFailure.string(bytes) : ""
        }
    }

    /// A zone by its name where the server knows names, else by its offset where that never changes.
    private func setMySQLZone() throws {
        do {
            _ = try rows("SET time_zone = '\(zone)'", stream: nil)
            return
        } catch let error as HearthError where error.code == .sourceQueryFailed {
            // The server does not know the name.
        }
        let known = TimeZone(identifier: zone) ?? .gmt
        guard known.nextDaylightSavingTimeTransition == nil else {
            throw HearthError(
                .configBadConnection, "the server does not know the zone \(zone), whose clock is put forward and back",
                at: target.place,
                advice: "Load the server's table of zones (mariadb-tzinfo-to-sql /usr/share/zoneinfo | mariadb mysql).")
        }
        let minutes = known.secondsFromGMT() / 60
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let offset = "\(minutes < 0 ? "-" : "+")\(two(abs(minutes) / 60)):\(two(abs(minutes) % 60))"
        _ = try rows("SET time_zone = '\(offset)'", stream: nil)
    }

    /// A known text is made by the server and read back, and sent and compared by it: a driver that knows another charset would turn every
    /// 汉字 into a question mark, without an error.
    private func probe() throws {
        let text = "汉字"
        var found: [[String?]] = []
        var refusal: HearthError?
        do {
            found = try rows(
                "SELECT \(odbc.probe), CASE WHEN \(odbc.probe) = '\(text)' THEN 1 ELSE 0 END\(odbc.dual)", stream: nil)
        } catch let error as HearthError where error.code == .sourceQueryFailed || error.code == .sourceCharset {
            // The server may refuse what the driver made of the characters.
            refusal = error
        }
        if found.first?[0] == text && found.first?[1] == "1" { return }
        throw HearthError(
            .sourceCharset,
            "characters do not survive the driver: 汉字 is read back as \"\(found.first?[0] ?? "nothing")\"",
            at: target.place,
            advice: Advice(charsetAdvice), cause: refusal)
    }

    private var charsetAdvice: String {
        switch odbc.system {
        case .mysql: "Set CHARSET=utf8mb4 for the driver."
        case .postgres: "Use the driver PostgreSQL Unicode, and a database whose encoding knows 汉字."
        case .sqlserver:
            "Set ClientCharset=UTF-8 for FreeTDS; Microsoft's driver goes by the locale: start with LC_ALL=C.UTF-8."
        case .oracle: "Set NLS_LANG=.AL32UTF8 where the gateway is started."
        case .dameng: "Set the client's charset to UTF-8 (CHAR_CODE=PG_UTF8 in dm_svc.conf)."
        case .sqlite: "Use the driver SQLite3."
        }
    }

    // MARK: Statements

    /// All rows as texts; for the catalogue and single values.
    func rows(_ sql: String, stream: SQLStream?) throws -> [[String?]] {
        try rows(of: ODBCStatement(self, sql, stream: stream))
    }

    func rows(of statement: ODBCStatement) throws -> [[String?]] {
        var rows: [[String?]] = []
        try statement.each { row in
            guard case .fields(let bytes, let ranges) = row else { return }
            rows.append(
                ranges.map { range in
                    if range.isNone { return nil }
                    let start = Int(range.offset)
                    return String(decoding: bytes[start..<start + Int(range.length)], as: UTF8.self)
                })
        }
        return rows
    }

    func setAutocommit(_ isOn: Bool, stream: SQLStream?) throws {
        let connection = handle
        let value = UnsafeMutableRawPointer(bitPattern: Int(isOn ? SQL_AUTOCOMMIT_ON : SQL_AUTOCOMMIT_OFF))
        let failure = try call(stream: stream) { () -> ODBCFailure? in
            Self.isGood(SQLSetConnectAttr(connection, SQL_ATTR_AUTOCOMMIT, value, 0))
                ? nil : ODBCFailure(SQL_HANDLE_DBC, connection)
        }
        if let failure { throw failure.refused(target, odbc.system, stream) }
    }

    /// Waits a little, unless the pull is cancelled.
    func pause(milliseconds: Int) throws {
        if isCancelled() { throw SQLConnector.cancelled }
        usleep(UInt32(milliseconds) * 1000)
    }

    func pause(until moment: ContinuousClock.Instant) throws {
        while ContinuousClock.now < moment { try pause(milliseconds: 10) }
    }
}
