import CODBC
import Foundation
import Synchronization

/// Cancels a statement, and only while one of its calls waits for the server. A driver that is asked when nothing runs closes the
/// statement, also under a call that reads its description or rows on another thread.
final class ODBCCancelling: Sendable {
    private enum State { case resting, waiting, cancelled }

    private let ask: @Sendable () -> Void
    private let state = Mutex(State.resting)

    /// - Parameter ask: has the server end what the statement waits for.
    init(_ ask: @escaping @Sendable () -> Void) { self.ask = ask }

    /// Makes a call that waits for the server.
    /// - Returns: what the call gives; `SQL_ERROR` where the statement was cancelled before its end.
    func waiting(_ call: () -> SQLRETURN) -> SQLRETURN {
        let mayBegin = state.withLock { state in
            if state == .cancelled { return false }
            state = .waiting
            return true
        }
        if !mayBegin { return SQLRETURN(SQL_ERROR) }
        let result = call()
        // Waits for who is asking.
        return state.withLock { state in
            if state == .cancelled { return SQLRETURN(SQL_ERROR) }
            state = .resting
            return result
        }
    }

    /// Asks, where a call waits; none begins any more.
    func cancel() {
        state.withLock { state in
            if state == .waiting { ask() }
            state = .cancelled
        }
    }
}

extension ODBCTarget {
    /// Makes a connection of its own, tells the server something by it and ends it; it is left behind after `seconds`.
    func tell(_ sql: String, within seconds: Int) {
        let (text, thread) = (connection, ODBCThread())
        defer { thread.end() }
        thread.start {
            var (environment, connection, statement): (SQLHANDLE?, SQLHANDLE?, SQLHANDLE?)
            guard SQLAllocHandle(SQLSMALLINT(SQL_HANDLE_ENV), nil, &environment) == SQL_SUCCESS else { return }
            defer { SQLFreeHandle(SQLSMALLINT(SQL_HANDLE_ENV), environment) }
            SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, UnsafeMutableRawPointer(bitPattern: Int(SQL_OV_ODBC3)), 0)
            guard SQLAllocHandle(SQLSMALLINT(SQL_HANDLE_DBC), environment, &connection) == SQL_SUCCESS else { return }
            defer { SQLFreeHandle(SQLSMALLINT(SQL_HANDLE_DBC), connection) }
            SQLSetConnectAttr(connection, SQL_ATTR_LOGIN_TIMEOUT, UnsafeMutableRawPointer(bitPattern: seconds), 0)
            var bytes = Array(text.utf8) + [0]
            let connected = SQLDriverConnect(
                connection, nil, &bytes, SQLSMALLINT(SQL_NTS), nil, 0, nil, SQLUSMALLINT(SQL_DRIVER_NOPROMPT))
            guard ODBCConnection.isGood(connected) else { return }
            defer { SQLDisconnect(connection) }
            SQLAllocHandle(SQLSMALLINT(SQL_HANDLE_STMT), connection, &statement)
            guard let statement else { return }
            bytes = Array(sql.utf8) + [0]
            SQLExecDirect(statement, &bytes, SQL_NTS)
            SQLFreeHandle(SQLSMALLINT(SQL_HANDLE_STMT), statement)
        }
        let deadline = ContinuousClock.now + .seconds(seconds)
        // Whether it was told is seen by whom it is told for: a statement that goes on is left behind, and the pull says so.
        try? thread.wait { if ContinuousClock.now > deadline { throw SQLConnector.cancelled } }
    }
}
