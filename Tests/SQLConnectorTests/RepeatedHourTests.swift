import Foundation
import HearthTesting
import HeatModel
import Records
import SQLConnector
import TestTraits
import Testing

/// A column of local times in a zone whose clock is put back: the hour that comes twice is lost to no pull.
@Suite(.waitsForServers) struct RepeatedHourTests {
    /// 1:50 before the clock of New York was put back, 1:10 after it.
    private static let rows = ["2025-11-02 00:30:00", "2025-11-02 01:50:00"]
    private static let again = "2025-11-02 01:10:00"

    private func play(_ connector: SQLConnector, value: (String) -> String, execute: (String) throws -> Void) throws {
        for (id, time) in Self.rows.enumerated() { try execute("INSERT INTO t VALUES (\(id), \(value(time)))") }
        let load = try connector.pulled(PullRequest(stream: "t"))
        try execute("INSERT INTO t VALUES (7, \(value(Self.again)))")
        let follow = try connector.pulled(PullRequest(stream: "t", cursor: load.cursor))
        #expect(Set(follow.rows.map { $0[0] }) == ["1", "7"])
        try execute("INSERT INTO t VALUES (8, \(value("2025-11-02 02:05:00")))")
        let later = try connector.pulled(PullRequest(stream: "t", cursor: follow.cursor))
        #expect(Set(later.rows.map { $0[0] }) == ["1", "7", "8"])
        let quiet = try connector.pulled(PullRequest(stream: "t", cursor: later.cursor))
        #expect(quiet.rows.map { $0[0] } == ["8"])
        #expect(connector.check().contains { $0.subject == "lookback of t" && $0.detail.contains("twice") })
    }

    private static let columns: [(type: String, isNumber: Bool, hasOffset: Bool)] = [
        ("timestamp", false, false), ("text", false, false), ("bigint", true, false),
    ]

    @Test(arguments: columns.indices) func postgres(_ index: Int) throws {
        let (type, isNumber, _) = Self.columns[index]
        let database = try PostgresServer.shared().createDatabase()
        try database.execute("CREATE TABLE t(id int PRIMARY KEY, at \(type))")
        try play(
            database.connector(SQLStream(name: "t", table: "t", cursor: "at"), zone: "America/New_York"),
            value: { isNumber ? $0.filter(\.isNumber) : "'\($0)'" }, execute: { try database.execute($0) })
    }

    @Test(arguments: [false, true]) func sqlite(_ isNumber: Bool) throws {
        let file = try SQLiteFile("CREATE TABLE t(id INTEGER PRIMARY KEY, at \(isNumber ? "INTEGER" : "TEXT"))")
        let connector = SQLConnector(
            source: "billing", driver: .sqlite(file.path), streams: [SQLStream(name: "t", table: "t", cursor: "at")],
            zone: "America/New_York")
        try play(connector, value: { isNumber ? $0.filter(\.isNumber) : "'\($0)'" }, execute: file.execute)
    }

    /// Where the clock is never put back, or the value has its offset, or the lookback is long enough, nothing is warned of.
    @Test(arguments: [
        ("Asia/Shanghai", "timestamp", Int64(0)), ("America/New_York", "timestamptz", 0),
        ("America/New_York", "timestamp", 3600), ("Asia/Tokyo", "timestamp", 0),
    ]) func nothingIsWarnedOf(_ zone: String, _ type: String, _ lookback: Int64) throws {
        let database = try PostgresServer.shared().createDatabase()
        try database.execute(
            "CREATE TABLE t(id int PRIMARY KEY, at \(type)); INSERT INTO t VALUES (1, '2025-11-02 01:50:00')")
        let connector = database.connector(
            SQLStream(name: "t", table: "t", cursor: "at", lookback: lookback), zone: zone)
        #expect(!connector.check().contains { $0.detail.contains("twice") })
    }
}
