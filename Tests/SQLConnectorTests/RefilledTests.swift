import Foundation
import HearthTesting
import HeatModel
import Records
import SQLConnector
import TestTraits
import Testing

/// A table that was emptied and filled anew from lower values, until they passed the cursor: what lies below is never read, and the pull
/// must say so.
@Suite(.waitsForServers) struct RefilledTests {
    /// What happened to the table between two pulls.
    enum Change: String, CaseIterable, Sendable {
        case sameKeys, otherKeys, sameLowRows, lowRowChanged
        case nothing, grown, lastDeleted, lowDeleted, allUpdated, columnAdded, keptAndSome

        var isTold: Bool {
            switch self {
            case .sameKeys, .otherKeys, .sameLowRows, .lowRowChanged: true
            default: false
            }
        }

        /// Of 20 rows `(id, a, u)` with `u` = id.
        func sql(_ value: (String) -> String) -> String {
            func fill(_ key: String, _ text: String, _ count: Int = 30) -> String {
                "INSERT INTO t(id, a, u) WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < \(count)) SELECT \(key), \(text), \(value("n")) FROM i;"
            }
            switch self {
            case .sameKeys: return "DELETE FROM t; \(fill("n", "'fresh'"))"
            case .otherKeys: return "DELETE FROM t; \(fill("n + 1000", "'fresh'"))"
            case .sameLowRows: return "DELETE FROM t; \(fill("n", "CASE WHEN n < 2 THEN 'old' ELSE 'fresh' END"))"
            case .lowRowChanged: return "UPDATE t SET a = 'fresh' WHERE id = 1;"
            case .nothing: return ""
            case .grown: return "INSERT INTO t(id, a, u) VALUES (21, 'old', \(value("21")));"
            case .lastDeleted: return "DELETE FROM t WHERE id > 17;"
            case .lowDeleted: return "DELETE FROM t WHERE id < 4;"
            case .allUpdated: return "UPDATE t SET a = 'fresh', u = \(value("id + 100"));"
            case .columnAdded: return "ALTER TABLE t ADD COLUMN b int;"
            case .keptAndSome:
                return "DELETE FROM t; \(fill("n + 1000", "'fresh'", 1)) UPDATE t SET u = \(value("50"));"
            }
        }
    }

    private static func begin(_ value: (String) -> String) -> String {
        "INSERT INTO t WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 20) SELECT n, 'old', \(value("n")) FROM i;"
    }

    private func play(
        _ change: Change, _ connector: SQLConnector, value: (String) -> String, execute: (String) throws -> Void
    )
        throws
    {
        try execute(Self.begin(value))
        var cursor = try connector.pulled(PullRequest(stream: "t")).cursor
        // The first pull that follows, and one that finds nothing new, keep what is remembered.
        for _ in 0..<2 { cursor = try connector.pulled(PullRequest(stream: "t", cursor: cursor)).cursor ?? cursor }
        try execute(change.sql(value))
        let next = { try connector.pulled(PullRequest(stream: "t", cursor: cursor)) }
        guard change.isTold else {
            let again = try next()
            _ = try connector.pulled(PullRequest(stream: "t", cursor: again.cursor))
            return
        }
        let error = try hearthError { _ = try next() }
        #expect(error.code.name == "source.refilled" && error.advice?.contains("in full") == true && error.place != nil)
        #expect(!error.debugDescription.contains("fresh"))
        let full = try connector.pulled(PullRequest(stream: "t", mode: .full, cursor: cursor))
        #expect(try connector.pulled(PullRequest(stream: "t", cursor: full.cursor)).summary.completeness != nil)
    }

    @Test(arguments: Change.allCases, ["integer", "bigint", "numeric(20,2)", "timestamp", "timestamptz"])
    func postgres(_ change: Change, _ type: String) throws {
        let database = try PostgresServer.shared().createDatabase()
        try database.execute("CREATE TABLE t(id int PRIMARY KEY, a text, u \(type)); CREATE INDEX ON t(u)")
        let isTime = type.hasPrefix("time")
        try play(
            change, database.connector(SQLStream(name: "t", table: "t", cursor: "u")),
            value: { isTime ? "timestamp '2026-01-01' + interval '1 day' * (\($0))" : $0 },
            execute: { if !$0.isEmpty { try database.execute($0) } })
    }

    @Test(arguments: Change.allCases, ["BIGINT", "DECIMAL(20,2)", "DATETIME"])
    func mariaDBByODBC(_ change: Change, _ type: String) throws {
        let database = try MariaDBServer.shared().createDatabase()
        try database.execute("CREATE TABLE t(id INT PRIMARY KEY, a VARCHAR(20), u \(type)); CREATE INDEX t_u ON t(u)")
        try play(
            change, database.connector(SQLStream(name: "t", table: "t", cursor: "u", lookback: 1)),
            value: { type == "DATETIME" ? "TIMESTAMP'2026-01-01 00:00:00' + INTERVAL (\($0)) DAY" : $0 },
            execute: { if !$0.isEmpty { try database.execute($0) } })
    }

    /// In the order of their texts 9 would be the greatest of twenty, and the server would sort the table to find that.
    @Test(arguments: [false, true]) func theLowestAndTheGreatestAreRemembered(_ isSQLite: Bool) throws {
        let stream = SQLStream(name: "t", table: "t", cursor: "u")
        var cursor: Cursor?
        if isSQLite {
            let file = try SQLiteFile(
                "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, u INTEGER NOT NULL); CREATE INDEX t_u ON t(u)")
            try file.execute(Self.begin { $0 })
            cursor = try file.connector(stream).pulled(PullRequest(stream: "t")).cursor
        } else {
            let database = try PostgresServer.shared().createDatabase()
            try database.execute("CREATE TABLE t(id int PRIMARY KEY, a text, u int); CREATE INDEX ON t(u)")
            try database.execute(Self.begin { $0 })
            cursor = try database.connector(stream).pulled(PullRequest(stream: "t")).cursor
        }
        struct Stored: Decodable {
            struct Witness: Decodable { var rows: [Row] }
            struct Row: Decodable { var value: String }
            var witness: Witness
        }
        let stored = try JSONDecoder().decode(Stored.self, from: Data(#require(cursor).text.utf8))
        #expect(stored.witness.rows.compactMap { Int($0.value.filter(\.isNumber)) }.sorted() == [1, 2, 19, 20])
    }

    @Test(arguments: Change.allCases, [false, true]) func sqlite(_ change: Change, _ isClock: Bool) throws {
        let file = try SQLiteFile(
            "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, u INTEGER NOT NULL); CREATE INDEX t_u ON t(u)")
        try play(
            change, file.connector(SQLStream(name: "t", table: "t", cursor: "u")),
            value: { isClock ? "1767196800 + (\($0))" : $0 }, execute: file.execute)
    }
}
