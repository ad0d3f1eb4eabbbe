import CLibPQ
import HeatModel
import Synchronization

/// An open session of a test with PostgreSQL; one statement at a time.
package final class PostgresSession: @unchecked Sendable {
    /// Touched only under `lock`, and in `deinit`, when no other reference is left.
    private let connection: OpaquePointer
    private let lock = Mutex<Void>(())

    /// - Throws: ``HearthError`` `source.unreachable` with libpq's message.
    package init(dsn: String) throws {
        guard let connection = PQconnectdb(dsn) else { throw HearthError(.sourceUnreachable, "out of memory") }
        guard PQstatus(connection) == CONNECTION_OK else {
            let message = String(cString: PQerrorMessage(connection))
            PQfinish(connection)
            throw HearthError(.sourceUnreachable, message)
        }
        PQsetClientEncoding(connection, "UTF8")
        self.connection = connection
    }

    deinit { PQfinish(connection) }

    package var backendPID: Int { Int(PQbackendPID(connection)) }

    /// Runs one or several statements and returns the last result's rows; nil is NULL.
    /// - Throws: ``HearthError`` `source.refused` with the server's message.
    @discardableResult
    package func execute(_ sql: String) throws -> [[String?]] {
        try lock.withLock { _ in
            let result = PQexec(connection, sql)
            defer { PQclear(result) }
            let status = PQresultStatus(result)
            guard status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY else {
                throw HearthError(.sourceRefused, String(cString: PQerrorMessage(connection)))
            }
            return (0..<PQntuples(result)).map { row in
                (0..<PQnfields(result)).map { column in
                    PQgetisnull(result, row, column) == 1 ? nil : String(cString: PQgetvalue(result, row, column))
                }
            }
        }
    }
}
