import CLibPQ
import Glibc
import HeatModel

/// A session with PostgreSQL, read only unless it says otherwise, used by one thread. Every wait asks for cancellation at least every 200 ms.
final class PostgresConnection {
    let handle: OpaquePointer
    let target: PostgresTarget
    let zone: String
    private let isCancelled: @Sendable () -> Bool
    private let silenceTimeout: Int
    let settleTime: Int

    /// Connects and makes the session read only, unless it `writes`, as actions do and no connector.
    /// - Throws: ``HearthError`` of area `source` or `config`, `run.cancelled`.
    init(
        _ options: PostgresOptions, zone: String, writes: Bool = false,
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws {
        target = try PostgresTarget(options)
        self.zone = zone
        self.isCancelled = isCancelled
        silenceTimeout = options.silenceTimeout
        settleTime = options.settleTime
        handle = try Self.connect(target, timeout: options.connectTimeout, isCancelled: isCancelled)
        // A server that knows no encoding would refuse a whole table for one byte that is not UTF-8: take its bytes as they
        // are, so that only the row is a defect.
        let encoding = PQparameterStatus(handle, "server_encoding").map { String(cString: $0) }
        let settings = [
            ("default_transaction_read_only", writes ? "off" : "on"),
            // Rows that a policy hides would be missing silently: the server is to refuse instead.
            ("row_security", "off"),
            ("client_encoding", encoding == "SQL_ASCII" ? "SQL_ASCII" : "UTF8"),
            ("DateStyle", "ISO, YMD"), ("IntervalStyle", "iso_8601"), ("bytea_output", "hex"),
            ("extra_float_digits", "3"),
            ("TimeZone", zone), ("standard_conforming_strings", "on"),
            ("statement_timeout", "\(options.statementTimeout)s"),
        ]
        let calls = settings.indices.map { "set_config($\(2 * $0 + 1), $\(2 * $0 + 2), false)" }
        _ = try run("SELECT " + calls.joined(separator: ", "), settings.flatMap { [$0.0, $0.1] })
    }

    deinit { PQfinish(handle) }

    var serverVersion: String { PQparameterStatus(handle, "server_version").map { String(cString: $0) } ?? "unknown" }

    private static func connect(
        _ target: PostgresTarget, timeout: Int, isCancelled: @Sendable () -> Bool
    ) throws -> OpaquePointer {
        let names = target.settings.map { strdup($0.name) } + [nil]
        let values = target.settings.map { strdup($0.value) } + [nil]
        defer { for pointer in names + values { free(pointer) } }
        let handle = names.map { UnsafePointer($0) }.withUnsafeBufferPointer { names in
            values.map { UnsafePointer($0) }.withUnsafeBufferPointer { values in
                PQconnectStartParams(names.baseAddress, values.baseAddress, 0)
            }
        }
        guard let handle else { throw PostgresFailure.connect(nil, target) }
        do {
            // The SQLSTATE is the only part of a refusal that is not translated by the server.
            PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
            let deadline = ContinuousClock.now + .seconds(max(timeout, 1))
            var step = PQstatus(handle) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
            while step != PGRES_POLLING_OK {
                if step == PGRES_POLLING_FAILED { throw PostgresFailure.connect(handle, target) }
                if isCancelled() { throw SQLConnector.cancelled }
                if ContinuousClock.now > deadline { throw PostgresFailure.connectTimeout(target, seconds: timeout) }
                if wait(handle, for: step == PGRES_POLLING_READING ? POLLIN : POLLOUT) { step = PQconnectPoll(handle) }
            }
            PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
            PQsetNoticeProcessor(handle, { _, _ in }, nil)
            return handle
        } catch {
            PQfinish(handle)
            throw error
        }
    }

    /// Runs one statement to its end.
    /// - Parameter stream: the stream it is run for, named in errors.
    func run(_ sql: String, _ parameters: [String?] = [], stream: SQLStream? = nil) throws -> PostgresResult {
        try send(sql, parameters, stream: stream)
        let result = try nextResult(stream: stream)
        while let more = PQgetResult(handle) { PQclear(more) }
        guard let result else { throw PostgresFailure.lost(self, stream: stream) }
        return result
    }

    /// Runs `COPY … TO STDOUT` and hands over each row, without its line end. Returns the number of rows the server says it sent.
    func copy(
        _ sql: String, stream: SQLStream, row: (UnsafePointer<UInt8>, Int) throws -> Void
    ) throws -> Int64 {
        try send(sql, [], stream: stream)
        guard let start = try nextResult(stream: stream), PQresultStatus(start.handle) == PGRES_COPY_OUT else {
            throw PostgresFailure.lost(self, stream: stream)
        }
        var count = 0
        while true {
            var buffer: UnsafeMutablePointer<CChar>?
            let length = PQgetCopyData(handle, &buffer, 1)
            if length > 0, let buffer {
                defer { PQfreemem(buffer) }
                count &+= 1
                if count & 0x3ff == 0 && isCancelled() { throw cancel() }
                // Each row is complete and ends with a newline.
                try row(UnsafeRawPointer(buffer).assumingMemoryBound(to: UInt8.self), Int(length) - 1)
            } else if length == 0 {
                try awaitInput(stream: stream)
            } else {
                break
            }
        }
        guard let end = try nextResult(stream: stream) else { throw PostgresFailure.lost(self, stream: stream) }
        while let more = PQgetResult(handle) { PQclear(more) }
        return PQcmdTuples(end.handle).flatMap { Int64(String(cString: $0)) } ?? Int64(count)
    }

    /// Waits a little, unless the pull is cancelled.
    func pause(milliseconds: Int) throws {
        if isCancelled() { throw SQLConnector.cancelled }
        usleep(UInt32(milliseconds) * 1000)
    }

    /// Asks the server to stop what it does for us.
    func cancel() -> HearthError {
        if let request = PQgetCancel(handle) {
            var message = [CChar](repeating: 0, count: 256)
            PQcancel(request, &message, Int32(message.count))
            PQfreeCancel(request)
        }
        return SQLConnector.cancelled
    }

    private func send(_ sql: String, _ parameters: [String?], stream: SQLStream?) throws {
        if isCancelled() { throw SQLConnector.cancelled }
        let values = parameters.map { $0.map { strdup($0) } ?? nil }
        defer { for value in values { free(value) } }
        let sent = values.map { UnsafePointer($0) }.withUnsafeBufferPointer {
            PQsendQueryParams(handle, sql, Int32(values.count), nil, $0.baseAddress, nil, nil, 0)
        }
        guard sent == 1 else { throw PostgresFailure.lost(self, stream: stream) }
    }

    /// The next result of the statement under way; throws what the server refused.
    private func nextResult(stream: SQLStream?) throws -> PostgresResult? {
        while PQisBusy(handle) == 1 { try awaitInput(stream: stream) }
        guard let raw = PQgetResult(handle) else { return nil }
        let result = PostgresResult(raw)
        switch PQresultStatus(raw) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_COPY_OUT, PGRES_SINGLE_TUPLE: return result
        default:
            // The session can be used again.
            while let more = PQgetResult(handle) { PQclear(more) }
            throw PostgresFailure.refused(result, self, stream: stream)
        }
    }

    private func awaitInput(stream: SQLStream?) throws {
        let begin = ContinuousClock.now
        while true {
            if isCancelled() { throw cancel() }
            if Self.wait(handle, for: POLLIN) { break }
            if silenceTimeout > 0 && ContinuousClock.now - begin > .seconds(silenceTimeout) {
                _ = cancel()
                throw PostgresFailure.silent(self, stream: stream, seconds: silenceTimeout)
            }
        }
        guard PQconsumeInput(handle) == 1 else { throw PostgresFailure.lost(self, stream: stream) }
    }

    /// Waits at most 200 ms; whether the socket is ready.
    private static func wait(_ handle: OpaquePointer, for events: Int32) -> Bool {
        var entry = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
        return poll(&entry, 1, 200) > 0
    }
}

/// A result of libpq, cleared with its owner.
final class PostgresResult {
    let handle: OpaquePointer
    init(_ handle: OpaquePointer) { self.handle = handle }
    deinit { PQclear(handle) }

    var rowCount: Int { Int(PQntuples(handle)) }
    var columnCount: Int { Int(PQnfields(handle)) }

    func text(_ row: Int, _ column: Int) -> String? {
        if PQgetisnull(handle, Int32(row), Int32(column)) == 1 { return nil }
        return PQgetvalue(handle, Int32(row), Int32(column)).map { String(cString: $0) }
    }

    func name(_ column: Int) -> String { PQfname(handle, Int32(column)).map { String(cString: $0) } ?? "" }
}
