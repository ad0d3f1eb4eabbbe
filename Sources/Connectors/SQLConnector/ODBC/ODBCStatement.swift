import CODBC
import Foundation
import HeatModel
import Records

/// A statement under way: its columns bound in order as characters, a rowset at a time; what is long is read a part at a time, a row at a
/// time, so that a rowset never holds more than its bytes.
///
/// `@unchecked Sendable`: nothing in it changes; its handle is used on the connection's thread.
final class ODBCStatement: @unchecked Sendable {
    let columns: [ODBCColumn]
    private let connection: ODBCConnection
    private let stream: SQLStream?
    private let handle: SQLHANDLE

    /// Runs a statement.
    init(_ connection: ODBCConnection, _ sql: String, stream: SQLStream?) throws {
        let bytes = Array(sql.utf8) + [0]
        let preparesFirst = connection.odbc.preparesFirst
        (handle, columns) = try Self.begin(connection, stream) { handle in
            var bytes = bytes
            if !preparesFirst { return SQLExecDirect(handle, &bytes, SQL_NTS) }
            let prepared = SQLPrepare(handle, &bytes, SQL_NTS)
            return ODBCConnection.isGood(prepared) ? SQLExecute(handle) : prepared
        }
        self.connection = connection
        self.stream = stream
    }

    /// Asks the driver's catalogue.
    init(_ connection: ODBCConnection, stream: SQLStream?, asking ask: @escaping (SQLHANDLE) -> SQLRETURN) throws {
        (handle, columns) = try Self.begin(connection, stream, ask)
        self.connection = connection
        self.stream = stream
    }

    deinit {
        let handle = handle
        connection.release { SQLFreeHandle(SQLSMALLINT(SQL_HANDLE_STMT), handle) }
    }

    private static func begin(
        _ connection: ODBCConnection, _ stream: SQLStream?, _ run: @escaping (SQLHANDLE) -> SQLRETURN
    ) throws -> (SQLHANDLE, [ODBCColumn]) {
        let owner = connection.handle
        let timeout = connection.options.statementTimeout
        let allocated = try connection.call(stream: stream) { () -> Result<SQLHANDLE, ODBCFailure> in
            var made: SQLHANDLE?
            SQLAllocHandle(SQLSMALLINT(SQL_HANDLE_STMT), owner, &made)
            guard let handle = made else { return .failure(ODBCFailure(SQL_HANDLE_DBC, owner)) }
            SQLSetStmtAttr(
                handle, SQL_ATTR_CURSOR_TYPE, UnsafeMutableRawPointer(bitPattern: Int(SQL_CURSOR_FORWARD_ONLY)), 0)
            if timeout > 0 {
                SQLSetStmtAttr(handle, SQL_ATTR_QUERY_TIMEOUT, UnsafeMutableRawPointer(bitPattern: timeout), 0)
            }
            return .success(handle)
        }
        func refused(_ failure: ODBCFailure) -> HearthError {
            failure.refused(connection.target, connection.odbc.system, stream)
        }
        let handle: SQLHANDLE
        switch allocated {
        case .success(let made): handle = made
        case .failure(let failure): throw refused(failure)
        }
        do {
            let begun = try connection.call(handle, stream: stream) { () -> Result<[ODBCColumn], ODBCFailure> in
                let result = run(handle)
                guard ODBCConnection.isGood(result) || result == SQL_NO_DATA else {
                    return .failure(ODBCFailure(SQL_HANDLE_STMT, handle))
                }
                return .success(describe(handle))
            }
            switch begun {
            case .success(let columns): return (handle, columns)
            case .failure(let failure): throw refused(failure)
            }
        } catch {
            connection.release { SQLFreeHandle(SQLSMALLINT(SQL_HANDLE_STMT), handle) }
            throw error
        }
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
            if let failure { throw failure.refused(connection.target, connection.odbc.system, stream) }
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
        return try connection.start(handle, stream: stream) {
            guard rowset.bind(handle) else { return (SQLRETURN(SQL_ERROR), ODBCFailure(SQL_HANDLE_STMT, handle)) }
            let result = SQLFetch(handle)
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
        let handle = handle
        while true {
            let (result, failure) = try connection.call(handle, stream: stream) { () -> (SQLRETURN, ODBCFailure?) in
                func failed() -> (SQLRETURN, ODBCFailure?) {
                    (SQLRETURN(SQL_ERROR), ODBCFailure(SQL_HANDLE_STMT, handle))
                }
                guard rowset.bind(handle) else { return failed() }
                let result = SQLFetch(handle)
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
            if let failure { throw failure.refused(connection.target, connection.odbc.system, stream) }
            try row.row.hand(take)
        }
    }
}

/// A row that is filled on the connection's thread.
///
/// `@unchecked Sendable`: filled by a call, read after its end.
private final class ODBCRowBox: @unchecked Sendable {
    var row: ODBCRow
    init(width: Int) { row = ODBCRow(width: width) }
}
