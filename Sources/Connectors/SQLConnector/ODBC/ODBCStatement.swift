import CODBC
import Foundation
import HeatModel
import Records

/// A statement under way: its columns bound in order as characters, a rowset at a time; what is long is read a part at a time, a row at a
/// time, so that a rowset never holds more than its bytes.
final class ODBCStatement: @unchecked Sendable {
    let columns: [ODBCColumn]
    private let connection: ODBCConnection
    private let stream: SQLStream?
    private let handle: SQLHANDLE

    /// Runs a statement.
    init(_ connection: ODBCConnection, _ sql: String, stream: SQLStream?) throws {
        let bytes = Array(sql.utf8) + [0]
        (handle, columns) = try Self.begin(connection, stream) { handle in
            var bytes = bytes
            return SQLExecDirect(handle, &bytes, SQL_NTS)
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

    // What a driver still works on may not be freed under it.
    deinit { if !connection.isLost { SQLFreeHandle(SQLSMALLINT(SQL_HANDLE_STMT), handle) } }

    private static func begin(
        _ connection: ODBCConnection, _ stream: SQLStream?, _ run: @escaping (SQLHANDLE) -> SQLRETURN
    ) throws -> (SQLHANDLE, [ODBCColumn]) {
        var made: SQLHANDLE?
        SQLAllocHandle(SQLSMALLINT(SQL_HANDLE_STMT), connection.handle, &made)
        guard let handle = made else {
            throw ODBCFailure(SQL_HANDLE_DBC, connection.handle).refused(
                connection.target, connection.odbc.system, stream)
        }
        let timeout = connection.options.statementTimeout
        SQLSetStmtAttr(
            handle, SQL_ATTR_CURSOR_TYPE, UnsafeMutableRawPointer(bitPattern: Int(SQL_CURSOR_FORWARD_ONLY)), 0)
        if timeout > 0 {
            SQLSetStmtAttr(handle, SQL_ATTR_QUERY_TIMEOUT, UnsafeMutableRawPointer(bitPattern: timeout), 0)
        }
        let result = try connection.call(handle, stream: stream) { run(handle) }
        guard ODBCConnection.isGood(result) || result == SQL_NO_DATA else {
            let failure = ODBCFailure(SQL_HANDLE_STMT, handle)
            SQLFreeHandle(SQLSMALLINT(SQL_HANDLE_STMT), handle)
            throw failure.refused(connection.target, connection.odbc.system, stream)
        }
        return (handle, try connection.call(handle, stream: stream) { describe(handle) })
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

    private func failure() -> HearthError {
        ODBCFailure(SQL_HANDLE_STMT, handle).refused(connection.target, connection.odbc.system, stream)
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
        let rowset = ODBCRowset(capacities, rows: count)
        guard rowset.bind(handle) else { throw failure() }
        var row = ODBCRow(width: columns.count)
        let handle = handle
        while true {
            // The rowset is kept by the call: a driver that is left behind may still write into it.
            let result = try connection.call(handle, stream: stream) {
                withExtendedLifetime(rowset) { SQLFetch(handle) }
            }
            if result == SQL_NO_DATA { return }
            guard ODBCConnection.isGood(result) else { throw failure() }
            for index in 0..<rowset.fetched {
                if rowset.isFailed(index) { throw failure() }
                row.clear()
                for column in capacities.indices { rowset.copy(index, column, to: &row) }
                try row.hand(take)
            }
        }
    }

    /// A row at a time. Where a driver reads long values in order and last only, all that stand behind the first are read so.
    private func eachLong(_ capacities: [Int?], from first: Int, _ take: (SQLRow) throws -> Void) throws {
        let bound =
            connection.readsAnyColumn ? capacities : capacities.indices.map { $0 < first ? capacities[$0] : nil }
        let rowset = ODBCRowset(bound.map { $0 ?? 0 }, rows: 1)
        guard rowset.bind(handle) else { throw failure() }
        let row = ODBCRowBox(width: columns.count)
        let handle = handle
        while true {
            let result = try connection.call(handle, stream: stream) { () -> SQLRETURN in
                let result = SQLFetch(handle)
                guard ODBCConnection.isGood(result) else { return result }
                row.row.clear()
                for column in bound.indices {
                    if bound[column] != nil {
                        rowset.copy(0, column, to: &row.row)
                    } else if !row.row.read(handle, column) {
                        return SQLRETURN(SQL_ERROR)
                    }
                }
                return result
            }
            if result == SQL_NO_DATA { return }
            guard ODBCConnection.isGood(result) else { throw failure() }
            try row.row.hand(take)
        }
    }
}

/// A row that is filled on the connection's thread.
private final class ODBCRowBox: @unchecked Sendable {
    var row: ODBCRow
    init(width: Int) { row = ODBCRow(width: width) }
}
