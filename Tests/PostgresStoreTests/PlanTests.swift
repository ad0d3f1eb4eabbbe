import HearthTesting
import HeatModel
import Store
import TestTraits
import Testing

@testable import PostgresStore

/// A session plans a statement once, when a table may still be empty.
@Suite(.waitsForServers, .enabled(if: PostgresServer.isInstalled)) struct PlanTests {
    private static let rows = 20_000

    private func lookUp(_ session: Session, _ keys: [[UInt8]]) throws -> Int {
        try session.beginReading()
        defer { session.takeBack() }
        let memory = keys.flatMap(\.self)
        return try memory.withUnsafeBytes { bytes in
            let parts = keys.indices.map { UnsafeRawBufferPointer(rebasing: bytes[$0 * 8..<$0 * 8 + 8]) }
            return try session.lookUp(stream: StreamID(1), keys: parts).count { $0 != nil }
        }
    }

    @Test func whatIsPlannedOverNothingGoesByTheIndexAfterwards() async throws {
        let database = try PostgresServer.shared().createDatabase()
        _ = try PostgresStore(conninfo: database.dsn)
        // Nobody plans anew behind the session's back.
        try database.execute("ALTER TABLE record SET (autovacuum_enabled = off)")
        let keys = stride(from: 1, through: Self.rows, by: 40).map { number in
            withUnsafeBytes(of: Int64(number).bigEndian) { Array($0) }
        }
        do {
            let session = try Session(Target(database.dsn), clock: nil)
            #expect(try lookUp(session, keys) == 0)
            try database.execute(
                """
                INSERT INTO record SELECT n, 1, NULL, 1, 1, n, 0, 0, 0, decode(repeat('00', 16), 'hex'), int8send(n), ''
                FROM generate_series(1::bigint, \(Self.rows)) n
                """)
            #expect(try lookUp(session, keys) == keys.count)
        }
        // What the session counted is told at its end.
        func read() throws -> Int {
            let found = try database.execute(
                "SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'record'")
            return found.first?.first?.flatMap { Int($0) } ?? 0
        }
        for _ in 0..<600 where try read() < keys.count { try await Task.sleep(for: .milliseconds(100)) }
        let count = try read()
        #expect((keys.count..<Self.rows).contains(count), "entries of indexes: \(count)")
    }
}
