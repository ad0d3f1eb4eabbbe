import CODBC
import Foundation
import HeatModel
import Records

/// A statement under way: its columns bound in order as characters, a rowset at a time; what is long is read a part at a time, a row at a
/// time, so that a rowset never holds more than its bytes.
///
/// `@unchecked Sendable`: what changes in it is read and written by the pull's thread alone; its handle is used on the statement's thread.
final class ODBCStatement: @unchecked Sendable {
    private(set) var columns: [ODBCColumn] = []
    private let connection: ODBCConnection
    private let stream: SQLStream?
    private let thread: ODBCThread
    private let handle: SQLHANDLE
    private let cancelling: ODBCCancelling
    private var begun: ODBCConnection.Call<Result<[ODBCColumn], ODBCFailure>>?
    /// Whether the cursor stands elsewhere than before the first row.
    private var isMoved = false

    /// Runs a statement.
    convenience init(_ connection: ODBCConnection, _ sql: String, stream: SQLStream?) throws {
        try self.init(beginning: sql, connection, stream: stream)
        try finish()
    }

    /// Asks the driver's catalogue.
    convenience init(
        _ connection: ODBCConnection, stream: SQLStream?, asking ask: @escaping (SQLHANDLE) -> SQLRETURN
    ) throws {
        try self.init(connection, stream, connection.thread, SQL_CURSOR_FORWARD_ONLY, ask)
        try finish()
    }

    /// Begins a statement, to be waited for by ``finish()``.
    /// - Parameters:
    ///   - thread: its calls are made on this one; the connection's own without it.
    ///   - scrolls: whether a row can be asked for by its number (``texts(ofRow:_:)``): of a driver that holds the whole result.
    convenience init(
        beginning sql: String, _ connection: ODBCConnection, stream: SQLStream?, on thread: ODBCThread? = nil,
        scrolls: Bool = false
    ) throws {
        let bytes = Array(sql.utf8) + [0]
        let preparesFirst = connection.odbc.preparesFirst
        let cursor = scrolls ? SQL_CURSOR_STATIC : SQL_CURSOR_FORWARD_ONLY
        try self.init(connection, stream, thread ?? connection.thread, cursor) { handle in
            var bytes = bytes
            if !preparesFirst { return SQLExecDirect(handle, &bytes, SQL_NTS) }
            let prepared = SQLPrepare(handle, &bytes, SQL_NTS)
            return ODBCConnection.isGood(prepared) ? SQLExecute(handle) : prepared
        }
    }

    private init(
        _ connection: ODBCConnection, _ stream: SQLStream?, _ thread: ODBCThread, _ cursor: UInt,
        _ run: @escaping (SQLHANDLE) -> SQLRETURN
    ) throws {
        self.connection = connection
        self.stream = stream
        self.thread = thread
        handle = try Self.allocate(connection, stream, thread, cursor)
        cancelling = connection.cancelling(handle)
        let (handle, cancelling) = (handle, cancelling)
        begun = try connection.start(cancelling, stream: stream, on: thread) {
            let result = cancelling.waiting { run(handle) }
            guard ODBCConnection.isGood(result) || result == SQL_NO_DATA else {
                return .failure(ODBCFailure(SQL_HANDLE_STMT, handle))
            }
            return .success(Self.describe(handle))
        }
    }

    deinit {
        let handle = handle
        // Nobody waits for it any more.
        if begun != nil && !connection.isLost { cancelling.cancel() }
        connection.release(on: thread) { SQLFreeHandle(SQLSMALLINT(SQL_HANDLE_STMT), handle) }
    }

    private static func allocate(
        _ connection: ODBCConnection, _ stream: SQLStream?, _ thread: ODBCThread, _ cursor: UInt
    ) throws -> SQLHANDLE {
        let owner = connection.handle
        let timeout = connection.options.statementTimeout
        let allocated = try connection.call(stream: stream, on: thread) { () -> Result<SQLHANDLE, ODBCFailure> in
            var made: SQLHANDLE?
            SQLAllocHandle(SQLSMALLINT(SQL_HANDLE_STMT), owner, &made)
            guard let handle = made else { return .failure(ODBCFailure(SQL_HANDLE_DBC, owner)) }
            SQLSetStmtAttr(handle, SQL_ATTR_CURSOR_TYPE, UnsafeMutableRawPointer(bitPattern: cursor), 0)
            if timeout > 0 {
                SQLSetStmtAttr(handle, SQL_ATTR_QUERY_TIMEOUT, UnsafeMutableRawPointer(bitPattern: timeout), 0)
            }
            return .success(handle)
        }
        switch allocated {
        case .success(let made): return made
        case .failure(let failure): throw failure.refused(connection.target, connection.odbc.system, stream)
        }
    }

    /// Waits until the statement has run.
    func finish() throws {
        guard let begun else { return }
        // What a driver did not come back from is left to the end, which cancels it.
        let result = try connection.finish(begun)
        self.begun = nil
        switch result {
        case .success(let columns): self.columns = columns
        case .failure(let failure): throw refused(failure)
        }
    }

    private func refused(_ failure: ODBCFailure) -> HearthError {
        failure.refused(connection.target, connection.odbc.system, stream)
    }

    private static func describe(_ handle: SQLHANDLE) -> [ODBCColumn] {
        var count: SQLSMALLINT = 0
        SQLNumResultCols(handle, &count)
        return (0..<max(0, count)).map { index in
            let number = SQLUSMALLINT(index + 1)
            var name = [SQLCHAR](repeating: 0, count: 512)
            var (nameLength, type, digits, nullable): (SQLSMALLINT, SQLSMALLINT, SQLSMALLINT, SQLSMALLINT) = (
                0, 0, 0, 0
            )
            var size: SQLULEN = 0
            SQLDescribeCol(handle, number, &name, 512, &nameLength, &type, &size, &digits, &nullable)
            var typeName = [SQLCHAR](repeating: 0, count: 256)
            SQLColAttribute(handle, number, SQLUSMALLINT(SQL_DESC_TYPE_NAME), &typeName, 256, &nameLength, nil)
            return ODBCColumn(
                name: ODBCFailure.string(name), typeName: ODBCFailure.string(typeName), type: Int(type),
                size: Int(clamping: size), isNullable: nullable != SQL_NO_NULLS)
        }
    }

    // MARK: Rows

    /// The texts of a row's fields, of a statement that scrolls and has run; nil where there is no such row, or the driver does not say.
    /// - Parameter number: from 1.
    func texts(ofRow number: Int, _ fields: [Int]) throws -> [String]? {
        var capacities = columns.map { _ in 0 }
        for field in fields {
            guard let capacity = columns[field].capacity(leastText: connection.odbc.leastText) else { return nil }
            capacities[field] = capacity
        }
        let rowset = ODBCRowset(capacities, rows: 1)
        let handle = handle
        let fetching = fetching
        isMoved = try connection.call(cancelling, stream: stream, on: thread) {
            guard rowset.bind(handle) else { return false }
            let result = fetching { SQLFetchScroll(handle, SQLSMALLINT(SQL_FETCH_ABSOLUTE), number) }
            return ODBCConnection.isGood(result) || result == SQL_NO_DATA
        }
        if !isMoved || rowset.fetched != 1 { return nil }
        let texts = fields.compactMap { rowset.text($0) }
        return texts.count == fields.count ? texts : nil
    }

    /// Makes calls that fetch. Those of a driver that keeps results wait for nothing, and are not cancelled.
    private var fetching: (() -> SQLRETURN) -> SQLRETURN {
        let cancelling = cancelling
        return connection.odbc.holdsResults ? { $0() } : { cancelling.waiting($0) }
    }

    /// Fetches the next rowset, or the first one, wherever the cursor stands.
    private static func fetch(_ handle: SQLHANDLE, isFirst: Bool) -> SQLRETURN {
        isFirst ? SQLFetchScroll(handle, SQLSMALLINT(SQL_FETCH_FIRST), 0) : SQLFetch(handle)
    }

    /// Hands over each row.
    func each(_ take: (SQLRow) throws -> Void) throws {
        if columns.isEmpty { return }
        let capacities = columns.map { $0.capacity(leastText: connection.odbc.leastText) }
        if let firstLong = capacities.firstIndex(of: nil) {
            try eachLong(capacities, from: firstLong, take)
        } else {
            try eachOfRowsets(capacities.compactMap(\.self), take)
        }
    }

    private func eachOfRowsets(_ capacities: [Int], _ take: (SQLRow) throws -> Void) throws {
        let width = capacities.reduce(0, +) + capacities.count * MemoryLayout<SQLLEN>.size
        let count = max(1, min(connection.options.rowsetRows, connection.options.rowsetBytes / max(1, width)))
        // While the rows of one are taken, the driver fills the other.
        let rowsets = [ODBCRowset(capacities, rows: count), ODBCRowset(capacities, rows: count)]
        var current = rowsets[0]
        var fetching = try fetch(current)
        var isFetching = true
        defer { if isFetching { _ = try? connection.finish(fetching) } }
        while true {
            isFetching = false
            let (result, failure) = try connection.finish(fetching)
            if result == SQL_NO_DATA { return }
            if let failure { throw refused(failure) }
            let full = current
            current = current === rowsets[0] ? rowsets[1] : rowsets[0]
            fetching = try fetch(current)
            isFetching = true
            try full.each(take)
        }
    }

    /// Begins to fetch a rowset. It is kept by the call: a driver that is left behind may still write into it.
    private func fetch(_ rowset: ODBCRowset) throws -> ODBCConnection.Call<(SQLRETURN, ODBCFailure?)> {
        let handle = handle
        let isFirst = isMoved
        isMoved = false
        let fetching = fetching
        return try connection.start(cancelling, stream: stream, on: thread) {
            guard rowset.bind(handle) else { return (SQLRETURN(SQL_ERROR), ODBCFailure(SQL_HANDLE_STMT, handle)) }
            let result = fetching { Self.fetch(handle, isFirst: isFirst) }
            let isGood = result == SQL_NO_DATA || (ODBCConnection.isGood(result) && !rowset.hasFailed)
            return (result, isGood ? nil : ODBCFailure(SQL_HANDLE_STMT, handle))
        }
    }

    /// A row at a time. Where a driver reads long values in order and last only, all that stand behind the first are read so.
    private func eachLong(_ capacities: [Int?], from first: Int, _ take: (SQLRow) throws -> Void) throws {
        let bound =
            connection.readsAnyColumn ? capacities : capacities.indices.map { $0 < first ? capacities[$0] : nil }
        let rowset = ODBCRowset(bound.map { $0 ?? 0 }, rows: 1)
        let row = ODBCRowBox(width: columns.count)
        let (handle, fetching) = (handle, fetching)
        while true {
            let isFirst = isMoved
            isMoved = false
            let (result, failure) = try connection.call(cancelling, stream: stream, on: thread) {
                () -> (SQLRETURN, ODBCFailure?) in
                func failed() -> (SQLRETURN, ODBCFailure?) {
                    (SQLRETURN(SQL_ERROR), ODBCFailure(SQL_HANDLE_STMT, handle))
                }
                guard rowset.bind(handle) else { return failed() }
                let result = fetching { Self.fetch(handle, isFirst: isFirst) }
                if result == SQL_NO_DATA { return (result, nil) }
                guard ODBCConnection.isGood(result) else { return failed() }
                row.row.clear()
                for column in bound.indices {
                    if bound[column] != nil {
                        rowset.copy(0, column, to: &row.row)
                    } else if !row.row.read(handle, column) {
                        return failed()
                    }
                }
                return (result, nil)
            }
            if result == SQL_NO_DATA { return }
            if let failure { throw refused(failure) }
            try row.row.hand(take)
        }
    }
}

/// A row that is filled on the statement's thread.
///
/// `@unchecked Sendable`: filled by a call, read after its end.
private final class ODBCRowBox: @unchecked Sendable {
    var row: ODBCRow
    init(width: Int) { row = ODBCRow(width: width) }
}
