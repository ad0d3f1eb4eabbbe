import Foundation
import HearthTesting
import HeatModel
import Records
import SQLConnector
import TestTraits
import Testing

/// Reading from a real hot standby, made by pg_basebackup.
@Suite(.serialized, .waitsForServers) struct PostgresStandbyTests {
    private static let servers = Result {
        let primary = try PostgresServer()
        return (
            primary: primary,
            standby: try PostgresServer(
                standbyOf: primary,
                settings: [
                    "max_standby_streaming_delay = 0", "hot_standby_feedback = off", "log_recovery_conflict_waits = on",
                    "deadlock_timeout = '10ms'",
                ])
        )
    }

    private let primary: PostgresDatabase
    private let standby: PostgresServer

    init() throws {
        let servers = try Self.servers.get()
        primary = try servers.primary.createDatabase()
        standby = servers.standby
        // More than the socket's buffers hold.
        try primary.execute(
            """
            CREATE TABLE bill(id int PRIMARY KEY, a text, at timestamptz);
            INSERT INTO bill SELECT i, repeat('x', 2000), '2026-01-01' FROM generate_series(1, 20000) i;
            CREATE TABLE waste AS SELECT i FROM generate_series(1, 1000) i;
            """)
        try replayed()
    }

    /// Waits until the standby has what the primary has.
    private func replayed() throws {
        let lsn = try #require(try primary.execute("SELECT pg_current_wal_insert_lsn()")[0][0])
        let deadline = ContinuousClock.now + .seconds(600)
        while try standby.execute("SELECT pg_last_wal_replay_lsn() >= '\(lsn)'") != [["t"]] {
            try #require(ContinuousClock.now < deadline, "the standby does not follow")
            usleep(10_000)
        }
    }

    /// The primary cleans up what the standby's snapshots may still see. The session that reads is told so as soon as the standby comes
    /// to it, and hears of it once it can send again.
    private func conflict() throws {
        let before = waits
        try primary.execute("UPDATE waste SET i = i + 1")
        try primary.execute("VACUUM (FREEZE) waste")
        let lsn = try #require(try primary.execute("SELECT pg_current_wal_insert_lsn()")[0][0])
        let deadline = ContinuousClock.now + .seconds(600)
        // The standby says in its log that it waits, after it has told the session.
        while waits == before, try standby.execute("SELECT pg_last_wal_replay_lsn() >= '\(lsn)'") != [["t"]] {
            try #require(ContinuousClock.now < deadline, "the standby does not come to the conflict")
            usleep(5000)
        }
    }

    private var waits: Int {
        let log = (try? String(contentsOfFile: standby.socketDirectory + "/log", encoding: .utf8)) ?? ""
        return log.split(separator: "recovery still waiting").count
    }

    private func connector(cursor: String?) -> SQLConnector {
        SQLConnector(
            source: "billing", driver: .postgres(PostgresOptions(conninfo: standby.dsn(database: primary.name))),
            streams: [SQLStream(name: "s", table: "bill", cursor: cursor, countsRows: true)])
    }

    @Test func aStandbyIsReadAndItsRiskTold() throws {
        let pulled = try connector(cursor: "at").pulled(PullRequest(stream: "s"))
        #expect(pulled.rows.count == 20_000 && pulled.summary.completeness?.proof == .countedTotal)
        #expect(pulled.cursor?.text.contains("2026-01-01") == true)
        let findings = connector(cursor: "at").check()
        #expect(findings.contains { $0.verdict == .warning && $0.detail.contains("standby") && $0.advice != nil })
        #expect(findings.allSatisfy { $0.verdict != .failed })
    }

    @Test func aCancelledReadingIsTakenUpFromWhereItStands() throws {
        let tape = MemoryTape()
        var conflicts = 0
        let pulled = try connector(cursor: "at").pulled(PullRequest(stream: "s", batchRows: 100, tape: tape)) { batch in
            if batch.ordinals[0] > 200 && conflicts == 0 {
                conflicts += 1
                try conflict()
            }
        }
        #expect(conflicts == 1)
        #expect(pulled.summary.notices.map(\.code) == ["source.standbyConflict"])
        #expect(Set(pulled.rows.map { $0[0] }).count == 20_000)
        let ordinals = pulled.batches.flatMap(\.ordinals)
        #expect(ordinals == Array(1...Int64(ordinals.count)))
        #expect(pulled.summary.rows == Int64(ordinals.count) && pulled.summary.completeness != nil)
        #expect(pulled.summary.statedRows == pulled.summary.rows)
        // The tape gives the same batches, both pieces of them.
        var replayed: [RawBatch] = []
        try connector(cursor: "at").replay(PullRequest(stream: "s", batchRows: 100), from: tape.pieces()) {
            replayed.append($0)
        }
        #expect(replayed.flatMap(\.ordinals) == ordinals && replayed.map(\.rowCount) == pulled.batches.map(\.rowCount))
    }

    @Test func aSecondConflictIsAnError() throws {
        let error = try hearthError {
            _ = try connector(cursor: "at").pulled(PullRequest(stream: "s", batchRows: 100)) { batch in
                if batch.ordinals[0] % 400 == 301 { try conflict() }
            }
        }
        #expect(error.code.name == "source.standbyConflict")
        #expect(error.advice?.contains("hot_standby_feedback") == true && error.place != nil)
    }

    @Test func aSnapshotIsNotPutTogetherOfTwo() throws {
        var rows = 0
        let error = try hearthError {
            _ = try connector(cursor: nil).pulled(PullRequest(stream: "s", batchRows: 100)) { batch in
                rows += batch.rowCount
                if rows == 300 { try conflict() }
            }
        }
        #expect(error.code.name == "source.standbyConflict" && rows < 20_000)
    }
}
