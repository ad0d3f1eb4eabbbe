import Foundation
import HearthTesting
import TestTraits
import Testing

@Suite(.waitsForServers) struct PostgresServerTests {
    @Test func startsAnswersAndLeavesNothing() throws {
        let server = try PostgresServer()
        #expect(server.socketDirectory.utf8.count < 100)
        #expect(try server.psql("SELECT 1 + 1, NULL") == [["2", nil]])
        server.stop()
        server.stop()
        #expect(!FileManager.default.fileExists(atPath: server.socketDirectory))
    }

    @Test func givesEachTestADatabaseOfItsOwn() throws {
        let server = try PostgresServer.shared()
        let first = try server.createDatabase()
        let second = try server.createDatabase(encoding: "SQL_ASCII")
        #expect(first.name != second.name)
        try first.execute("CREATE TABLE t(a int); INSERT INTO t VALUES (1)")
        #expect(try first.execute("TABLE t") == [["1"]])
        #expect(throws: (any Error).self) { try second.execute("TABLE t") }
    }
}
