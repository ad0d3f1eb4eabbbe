import HearthTesting
import HeatModel
import Store
import TestTraits
import Testing

@testable import PostgresStore

/// Rows that go in by COPY: all of them, or none and the connection is usable again, or it is known to be lost.
@Suite(.waitsForServers, .enabled(if: PostgresServer.isInstalled)) struct CopyTests {
    private struct NoMore: Error {}

    private func open(_ database: PostgresDatabase) throws -> Connection {
        try database.execute("CREATE TABLE copied(id bigint PRIMARY KEY, small smallint, body bytea)")
        return try Connection(Target(database.dsn))
    }

    private func copy(
        _ ids: some Sequence<Int64>, of size: Int, to connection: Connection, _ last: () throws -> Void = {}
    ) throws {
        let body = [UInt8](repeating: 7, count: size)
        try connection.copy(into: "copied(id, small, body)") { add in
            for id in ids {
                add { row in
                    row.begin(fields: 3)
                    row.append(id)
                    row.append(small: Int16(truncatingIfNeeded: id))
                    body.withUnsafeBytes { row.append($0) }
                }
            }
            try last()
        }
    }

    @Test func rowsOfManyPartsAreThere() throws {
        let database = try PostgresServer.shared().createDatabase()
        let connection = try open(database)
        try copy(1...5000, of: 100, to: connection)
        try copy([], of: 0, to: connection)
        try copy([5001], of: 3_000_000, to: connection)
        let kept = try database.execute("SELECT count(*), sum(id), sum(small), sum(octet_length(body)) FROM copied")
        #expect(kept == [["5001", "12507501", "12507501", "3500000"]])
    }

    @Test func whatIsLeftInTheMiddleIsNotThere() throws {
        let database = try PostgresServer.shared().createDatabase()
        let connection = try open(database)
        try connection.execute("BEGIN")
        #expect(throws: NoMore.self) { try copy(1...5000, of: 100, to: connection) { throw NoMore() } }
        #expect(throws: HearthError.self) { try connection.execute("SELECT 1") }
        try connection.execute("ROLLBACK")
        try copy(1...10, of: 1, to: connection)
        #expect(try database.execute("SELECT count(*) FROM copied") == [["10"]])
    }

    @Test func oneRowThatIsRefusedRefusesAll() throws {
        let database = try PostgresServer.shared().createDatabase()
        let connection = try open(database)
        try copy([3], of: 1, to: connection)
        #expect(throws: HearthError.self) { try copy(1...5000, of: 100, to: connection) }
        #expect(!connection.isBroken)
        #expect(try database.execute("SELECT count(*) FROM copied") == [["1"]])
    }

    @Test func aServerThatEndsItsSessionIsNoticed() throws {
        let database = try PostgresServer.shared().createDatabase()
        let connection = try open(database)
        let session = try #require(try connection.execute("SELECT pg_backend_pid()").first ?? nil)
        #expect(throws: HearthError.self) {
            try copy(1...200_000, of: 100, to: connection) {
                try database.execute("SELECT pg_terminate_backend(\(session), 60000)")
            }
        }
        #expect(connection.isBroken)
        #expect(try database.execute("SELECT count(*) FROM copied") == [["0"]])
    }
}
