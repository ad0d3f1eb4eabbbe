import HearthTesting
import HeatModel
import PostgresStore
import Store
import TestTraits
import Testing

/// A disk of the server's on which no room is left. To mount one takes root, and one who may.
@Suite(.waitsForServers, .enabled(if: PostgresServer.isInstalled && PostgresServer.mayMountDisks)) struct FullDiskTests {
    /// Texts that cannot be made smaller.
    private static func text(_ count: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return String(
            decoding: (0..<count).map { _ in UInt8.random(in: 0x21...0x7E, using: &generator) }, as: UTF8.self)
    }

    @Test func aFullDiskIsNamedLosesNothingAndIsOverWhenThereIsRoom() throws {
        let server = try PostgresServer(onDiskOf: 96)
        defer { server.stop() }
        try server.execute("CREATE DATABASE kept")
        let store = try PostgresStore(conninfo: server.dsn(database: "kept"))
        try store.write { try $0.setSetting("before", "value") }
        try server.fillDisk()

        var kept = 0
        var refusal: HearthError?
        for attempt in 0..<200 where refusal == nil {
            do {
                try store.write { store in
                    try store.setSetting("first \(attempt)", "small")
                    for number in 0..<8 { try store.setSetting("part \(attempt) \(number)", Self.text(60_000)) }
                    try store.setSetting("last \(attempt)", "small")
                }
                kept += 1
            } catch let error as HearthError {
                refusal = error
            }
        }
        let error = try #require(refusal, "a disk without room took \(kept) writes of 500 KB")
        #expect(error.code.name == "store.full" && error.advice?.contains("free disk space") == true, "\(error)")
        #expect("\(error)".contains("No space left on device"), "\(error)")
        let troubles = store.troubles()
        #expect(troubles.map(\.code.name) == ["store.full"], "\(troubles)")
        #expect(troubles.allSatisfy { $0.place != nil && $0.advice != nil })

        // What was acknowledged is there, whole, and of what was refused nothing.
        let rows = try server.execute(
            "SELECT count(*) FILTER (WHERE name LIKE 'first%'), count(*) FILTER (WHERE name LIKE 'part%'), count(*) FILTER (WHERE name LIKE 'last%') FROM setting",
            database: "kept")
        #expect(rows == [["\(kept)", "\(kept * 8)", "\(kept)"]])
        #expect(try store.read { try $0.setting("before") } == "value", "reads go on")

        try server.emptyDisk()
        try store.write { store in
            for number in 0..<8 { try store.setSetting("after \(number)", Self.text(60_000)) }
        }
        #expect(store.troubles().isEmpty)
        #expect(
            try server.execute("SELECT count(*) FROM setting WHERE name LIKE 'after%'", database: "kept") == [["8"]])
    }

    /// Of the log: the server ends, as PostgreSQL does then, and what it said with its last word is told for as long as no write succeeds.
    @Test func aFullDiskOfTheLogIsNamed() throws {
        let server = try PostgresServer(onDiskOf: 8, .log)
        defer { server.stop() }
        let store = try PostgresStore(conninfo: server.dsn, bounds: .init(failover: .milliseconds(100)))
        var refusal: HearthError?
        for attempt in 0..<20 where refusal == nil {
            do {
                try store.write { try $0.setSetting("part \(attempt)", "value") }
                // The rest of the file, which has a megabyte.
                try server.execute("SELECT pg_switch_wal()")
            } catch let error as HearthError {
                refusal = error
            }
        }
        // Where the server does not come up again nobody knows whether the commit is there.
        let error = try #require(refusal, "a log without room took all")
        #expect(["store.full", "store.commitUnknown"].contains(error.code.name), "\(error)")
        let troubles = store.troubles()
        let full = try #require(troubles.first { $0.code.name == "store.full" }, "\(troubles)")
        #expect("\(full)".contains("pg_wal") && full.advice?.contains("free disk space") == true, "\(full)")
        for other in troubles where other.code.name != "store.full" {
            #expect(other.code.name == "store.unreachable" && other.message.hasPrefix("writes wait: "), "\(other)")
        }
    }
}
