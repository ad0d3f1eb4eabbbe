import HearthTesting
import HeatModel
import Records
import SQLConnector
import TestTraits
import Testing

/// What happens to a table between pulls: it is emptied, filled anew, or its key gets another type.
@Suite(.waitsForServers) struct CursorBehindTests {
    /// How the cursor column is kept, with four values that grow.
    enum Column: String, CaseIterable, Sendable {
        case integer, numeric, text, timestamp

        var values: [String] {
            switch self {
            case .integer: ["11", "12", "13", "14"]
            case .numeric: ["11.5", "12.5", "13.5", "14.5"]
            case .text, .timestamp:
                ["'2026-01-01 08:00:00'", "'2026-01-02 08:00:00'", "'2026-01-03 08:00:00'", "'2026-01-04 08:00:00'"]
            }
        }
    }

    private static let stream = SQLStream(name: "t", table: "t", cursor: "u")

    private func history(_ column: Column, _ connector: SQLConnector, _ execute: (String) throws -> Void) throws {
        let values = column.values
        func codes(_ cursor: Cursor?) throws -> (codes: [String], cursor: Cursor?) {
            let pulled = try connector.pulled(PullRequest(stream: "t", cursor: cursor))
            return (pulled.summary.notices.map(\.code), pulled.cursor)
        }
        try execute("INSERT INTO t VALUES (1, \(values[0])), (2, \(values[1])), (3, \(values[2]))")
        let load = try codes(nil)
        let quiet = try codes(load.cursor)
        #expect(load.codes.isEmpty && quiet.codes.isEmpty)
        try execute("UPDATE t SET u = \(values[3]) WHERE id = 3; DELETE FROM t WHERE id = 1")
        let moved = try codes(quiet.cursor)
        #expect(moved.codes.isEmpty)
        try execute("DELETE FROM t")
        let emptied = try codes(moved.cursor)
        try execute("INSERT INTO t VALUES (7, \(values[0])), (8, \(values[2]))")
        #expect(try codes(moved.cursor).codes == ["cursor.behind"])
        // Of an empty column of no type it cannot be told how it grows: then all is read that comes.
        let refilled = try connector.pulled(PullRequest(stream: "t", cursor: emptied.cursor))
        #expect((emptied.codes == ["cursor.behind"] && refilled.summary.notices.count == 1) || refilled.rows.count == 2)
        let whole = try connector.pulled(PullRequest(stream: "t", mode: .full))
        #expect(whole.rows.count == 2)
        #expect(try codes(whole.cursor).codes.isEmpty)
    }

    @Test(arguments: Column.allCases) func aTableFilledAnewIsToldBySQLite(_ column: Column) throws {
        let file = try SQLiteFile(
            "CREATE TABLE t(id INTEGER PRIMARY KEY, u \(column == .timestamp ? "TEXT" : column.rawValue))")
        try history(column, file.connector(Self.stream), file.execute)
    }

    @Test(arguments: Column.allCases) func aTableFilledAnewIsToldByPostgres(_ column: Column) throws {
        let database = try PostgresServer.shared().createDatabase()
        try database.execute("CREATE TABLE t(id int PRIMARY KEY, u \(column.rawValue))")
        try history(column, database.connector(Self.stream)) { try database.execute($0) }
    }

    /// Placeholders are no progress, also where nothing was seen before; one that is stored is forgotten.
    @Test(arguments: ["date", "timestamp", "timestamptz"]) func placeholdersMoveNoCursor(_ type: String) throws {
        let database = try PostgresServer.shared().createDatabase()
        try database.execute("CREATE TABLE t(id int PRIMARY KEY, u \(type))")
        let connector = database.connector(Self.stream)
        func pulled(_ cursor: Cursor?) throws -> Pulled {
            try connector.pulled(PullRequest(stream: "t", cursor: cursor))
        }
        var cursor = try pulled(nil).cursor
        try database.execute("INSERT INTO t VALUES (1, '1900-01-01'), (2, '-infinity')")
        for _ in 0..<2 {
            let both = try pulled(cursor)
            #expect(both.rows.count == 2)
            cursor = both.cursor
        }
        try database.execute("INSERT INTO t VALUES (3, '2026-01-01')")
        cursor = try pulled(cursor).cursor
        try database.execute("INSERT INTO t VALUES (4, '2025-01-01')")
        #expect(Set(try pulled(cursor).rows.map { $0[0] }) == ["1", "2", "3"])
        for stored in ["1900-01-01", "1900-01-01 00:00:00", "0044-03-15 BC", "-infinity"] {
            #expect(try pulled(Cursor(#"{"v":1,"phase":"follow","from":"\#(stored)"}"#)).rows.count == 4)
        }
        let error = try hearthError { _ = try pulled(Cursor(#"{"v":1,"phase":"follow","from":"42"}"#)) }
        #expect(error.code.name == "source.badCursor")
    }

    /// 100 stands after 17 as a number and before it as a text.
    @Test(arguments: [1, 17, 42, 99]) func aLoadUnderAnotherTypeOfKeyBeginsAgain(_ limit: Int) throws {
        let database = try PostgresServer.shared().createDatabase()
        try database.execute(
            "CREATE TABLE t(id int PRIMARY KEY, u timestamp DEFAULT '2026-01-01'); INSERT INTO t SELECT generate_series(1, 120)"
        )
        let connector = database.connector(Self.stream)
        let first = try connector.pulled(PullRequest(stream: "t", limit: limit))
        try database.execute("ALTER TABLE t ALTER id TYPE varchar(20)")
        let rest = try connector.pulled(PullRequest(stream: "t", cursor: first.cursor))
        #expect(Set((first.rows + rest.rows).map { $0[0] }).count == 120)
        #expect(try connector.pulled(PullRequest(stream: "t", cursor: rest.cursor)).rows.count == 120)
    }

    @Test func aLoadUnderAnotherTypeOfKeyBeginsAgainInSQLite() throws {
        let numbers =
            "WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 120) INSERT INTO t SELECT n, 5 FROM i;"
        let file = try SQLiteFile("CREATE TABLE t(id INTEGER PRIMARY KEY, u INTEGER); \(numbers)")
        let connector = file.connector(Self.stream)
        let first = try connector.pulled(PullRequest(stream: "t", limit: 17))
        try file.execute("DROP TABLE t; CREATE TABLE t(id TEXT PRIMARY KEY, u INTEGER); \(numbers)")
        let rest = try connector.pulled(PullRequest(stream: "t", cursor: first.cursor))
        #expect(Set((first.rows + rest.rows).map { $0[0] }).count == 120)
    }
}
