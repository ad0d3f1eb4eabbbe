import Foundation
import HearthTesting
import HeatModel
import Records
import SQLConnector
import TestTraits
import Testing

/// One sentinel or stray value in a cursor column hides nothing, is told by `check` and by the pull, and is forgotten where an
/// earlier version stored it.
@Suite(.waitsForServers) struct CursorStrayTests {
    /// Type, two values that are progress, a later one, and a stray.
    static let cases: [(type: String, low: String, high: String, news: String, stray: String, format: String?)] = [
        ("bigint", "20261101080000", "20261102080000", "20261103080000", "99991231235959", nil),
        ("bigint", "20261101", "20261102", "20261103", "99991231", nil),
        ("bigint", "1793500000", "1793500060", "1793500120", "253402300799", nil),
        ("bigint", "1793500000000", "1793500060000", "1793500120000", "9223372036854775807", nil),
        ("bigint", "17", "18", "19", "2147483647", nil),
        ("numeric(20,2)", "17.50", "18.25", "18.75", "99999999.00", nil),
        ("bigint", "17", "18", "19", "4000000", "counter"),
        ("text", "'2026-11-01 08:00:00'", "'2026-11-02T08:00:00'", "'2026-11-03 08:00:00'", "'9999-12-31 00:00'", nil),
        ("text", "'2026-11-01T08:00:00+08:00'", "'2026-11-01T01:00:00Z'", "'2026-11-01T09:30:00+08:00'", "'N/A'", nil),
        ("text", "'2026/9/30'", "'2026/10/1'", "'2026/10/12'", "'9999/12/31'", "yyyy/M/d"),
        ("text", "'30.09.2026'", "'01.10.2026'", "'02.10.2026'", "'待定'", "dd.MM.yyyy"),
        ("varchar(20)", "'20261101080000'", "'20261102080000'", "'20261103080000'", "'99991231235959'", nil),
        ("text", "'V000017'", "'V000018'", "'V000019'", "'N/A'", "text"),
    ]

    enum Driver: Sendable { case postgres, sqlite, mariaDBByODBC }

    @Test(arguments: cases.indices, [Driver.postgres, .sqlite, .mariaDBByODBC])
    func aStrayHidesNothing(_ index: Int, _ driver: Driver) throws {
        var (type, low, high, news, stray, format) = Self.cases[index]
        if driver == .mariaDBByODBC && type == "text" { type = "varchar(40)" }
        let setup = """
            CREATE TABLE bill(id INTEGER PRIMARY KEY, v text, c \(type));
            INSERT INTO bill VALUES (1, 'a', \(low)), (2, 'b', \(high)), (3, 'c', \(stray)), (4, 'd', \(stray));
            """
        let stream = SQLStream(
            name: "s", table: "bill", cursor: "c", cursorOrder: format.flatMap { CursorOrder(declared: $0) })
        let execute: (String) throws -> Void
        let connector: SQLConnector
        switch driver {
        case .sqlite:
            let file = try SQLiteFile(setup)
            execute = { try file.execute($0) }
            connector = file.connector(stream)
        case .postgres:
            let database = try PostgresServer.shared().createDatabase()
            try database.execute(setup)
            execute = { try database.execute($0) }
            connector = database.connector(stream)
        case .mariaDBByODBC:
            let database = try MariaDBServer.shared().createDatabase()
            try database.execute(setup)
            execute = { try database.execute($0) }
            connector = database.connector(stream)
        }
        let written = high.replacing("'", with: "")
        for mode in [PullRequest.Mode.incremental, .full] {
            let load = try connector.settled(PullRequest(stream: "s", mode: mode))
            #expect(load.rows.count == 4 && load.cursor?.text.contains(written) == true, "\(load.cursor?.text ?? "")")
        }
        #expect(
            connector.check().contains {
                $0.verdict == .warning && $0.subject == "cursor of s" && $0.detail.contains(" 2 values")
            })
        let load = try connector.settled(PullRequest(stream: "s"))
        try execute("UPDATE bill SET v = 'news', c = \(news) WHERE id = 1; UPDATE bill SET v = 'stray' WHERE id = 4")
        let follow = try connector.settled(PullRequest(stream: "s", cursor: load.cursor))
        #expect(Set(follow.rows.map { $0[1] }) == ["b", "c", "news", "stray"])
        #expect(follow.cursor?.text.contains(news.replacing("'", with: "")) == true, "\(follow.cursor?.text ?? "")")
        let again = try connector.settled(PullRequest(stream: "s", cursor: follow.cursor))
        #expect(Set(again.rows.map { $0[1] }) == ["c", "news", "stray"] && again.cursor == follow.cursor)
        // What an earlier version stored is not believed.
        let plain = stray.replacing("'", with: "")
        let prefix =
            driver == .sqlite ? (stray == plain && type != "text" ? (plain.contains(".") ? "r:" : "i:") : "t:") : ""
        let stored = Cursor(#"{"from":"\#(prefix)\#(plain)","phase":"follow","v":1}"#)
        let mended = try connector.settled(PullRequest(stream: "s", cursor: stored))
        #expect(mended.rows.count == 4 && mended.cursor == follow.cursor, "\(mended.cursor?.text ?? "")")
    }

    @Test(arguments: [
        ["2026/9/30", "2026/10/1"], ["30.09.2026", "01.10.2026"], ["2026-9-30", "2026-10-1"], ["abc", "abd"],
    ])
    func textsInNoOrderOfTimeAreRefused(_ values: [String]) throws {
        let setup =
            "CREATE TABLE bill(id INTEGER PRIMARY KEY, c text); INSERT INTO bill VALUES (1, '\(values[0])'), (2, '\(values[1])')"
        let database = try PostgresServer.shared().createDatabase()
        try database.execute(setup)
        let file = try SQLiteFile(setup)
        let stream = SQLStream(name: "s", table: "bill", cursor: "c")
        let odbc = try MariaDBServer.shared().createDatabase()
        try odbc.execute(setup.replacing("text", with: "varchar(40)"))
        for connector in [database.connector(stream), file.connector(stream), odbc.connector(stream)] {
            for mode in [PullRequest.Mode.incremental, .full] {
                let error = try hearthError { _ = try connector.pulled(PullRequest(stream: "s", mode: mode)) }
                #expect(error.code.name == "config.cursorOrder" && error.advice?.contains("cursorFormat") == true)
                #expect(!error.debugDescription.contains(values[0]))
            }
            #expect(connector.check().contains { $0.verdict == .failed && $0.detail.contains("config.cursorOrder") })
        }
    }

    /// A lookback of a clock's digits is counted in seconds of that clock.
    @Test func aLookbackIsCountedByTheClock() throws {
        for (type, values, late) in [
            ("bigint", ["20261101080000", "20261101100000"], "20261101095930"),
            ("bigint", ["1793500000000", "1793500600000"], "1793500560000"),
            ("text", ["'2026-11-01 08:00:00'", "'2026-11-01 10:00:00'"], "'2026-11-01 09:59:30'"),
            ("text", ["'2026-10-31'", "'2026-11-01'"], "'2026-10-31'"),
        ] {
            let setup =
                "CREATE TABLE t(id INTEGER PRIMARY KEY, c \(type)); INSERT INTO t VALUES (1, \(values[0])), (2, \(values[1]))"
            let insert = "INSERT INTO t VALUES (3, \(late))"
            let stream = SQLStream(name: "t", table: "t", cursor: "c", lookback: 60)
            let file = try SQLiteFile(setup)
            let database = try PostgresServer.shared().createDatabase()
            try database.execute(setup)
            let odbc = try MariaDBServer.shared().createDatabase()
            try odbc.execute(setup.replacing("text", with: "varchar(40)"))
            for (connector, execute) in [
                (odbc.connector(stream), { _ = try odbc.execute($0) }),
                (file.connector(stream), { try file.execute($0) }),
                (database.connector(stream), { _ = try database.execute($0) }),
            ] as [(SQLConnector, (String) throws -> Void)] {
                let load = try connector.pulled(PullRequest(stream: "t"))
                try execute(insert)
                let ids = try connector.pulled(PullRequest(stream: "t", cursor: load.cursor)).rows.map { $0[0] }
                #expect(ids.contains("3") && ids.contains("2"), "\(late) \(ids)")
            }
        }
    }

    /// Texts of numbers go back by a number; of other texts nothing can be taken.
    @Test(arguments: [false, true]) func aLookbackOfTextsIsANumberOrRefused(byODBC: Bool) throws {
        let setup =
            "CREATE TABLE t(id INTEGER PRIMARY KEY, c varchar(20)); INSERT INTO t VALUES (1, '000017'), (2, '000029'), (3, '0'), (4, 'N/A')"
        let stream = SQLStream(name: "t", table: "t", cursor: "c", cursorOrder: .counter, lookback: 10)
        var text = stream
        text.cursorOrder = .text
        let (connector, other): (SQLConnector, SQLConnector)
        let execute: (String) throws -> Void
        if byODBC {
            let database = try MariaDBServer.shared().createDatabase()
            (connector, other) = (database.connector(stream), database.connector(text))
            execute = { try database.execute($0) }
        } else {
            let database = try PostgresServer.shared().createDatabase()
            (connector, other) = (database.connector(stream), database.connector(text))
            execute = { try database.execute($0) }
        }
        try execute(setup)
        let load = try connector.pulled(PullRequest(stream: "t"))
        try execute("INSERT INTO t VALUES (5, '000018'), (6, '000019'), (7, '000030')")
        let follow = try connector.pulled(PullRequest(stream: "t", cursor: load.cursor))
        #expect(Set(follow.rows.map { $0[0] }) == ["2", "3", "4", "6", "7"], "\(follow.rows)")
        let again = try connector.pulled(PullRequest(stream: "t", cursor: follow.cursor))
        #expect(Set(again.rows.map { $0[0] }) == ["2", "3", "4", "7"], "\(again.rows)")
        try execute("DELETE FROM t; INSERT INTO t VALUES (1, 'V000017'), (2, 'V000018')")
        let first = try other.pulled(PullRequest(stream: "t"))
        let error = try hearthError { _ = try other.pulled(PullRequest(stream: "t", cursor: first.cursor)) }
        #expect(error.code.name == "config.lookback", "\(error)")
    }

    // MARK: Late commits without a lookback

    @Test func anOpenTransactionKeepsTheCursorBack() throws {
        let database = try PostgresServer.shared().createDatabase()
        try database.execute(
            "CREATE TABLE t(id int PRIMARY KEY, at timestamptz NOT NULL); INSERT INTO t VALUES (1, '2026-01-01')")
        var options = PostgresOptions(conninfo: database.dsn)
        options.settleTime = 50
        let connector = SQLConnector(
            source: "b", driver: .postgres(options), streams: [SQLStream(name: "t", table: "t", cursor: "at")])
        let load = try connector.pulled(PullRequest(stream: "t"))
        let session = try database.session()
        // Its time is drawn, and nothing is written yet.
        try session.execute("BEGIN; SELECT now()")
        try database.execute("INSERT INTO t VALUES (2, now())")
        let second = try connector.pulled(PullRequest(stream: "t", cursor: load.cursor))
        #expect(second.rows.count == 2 && second.cursor == load.cursor)
        #expect(second.summary.notices.map(\.code) == ["cursor.transactionOpen"])
        #expect(connector.check().contains { $0.subject == "lookback of t" && $0.verdict == .warning })
        try session.execute("INSERT INTO t VALUES (3, now()); COMMIT")
        let third = try connector.pulled(PullRequest(stream: "t", cursor: second.cursor))
        #expect(third.rows.count == 3 && third.cursor != second.cursor && third.summary.notices.isEmpty)
        let fourth = try connector.pulled(PullRequest(stream: "t", cursor: third.cursor))
        #expect(fourth.rows.map { $0[0] } == ["2"])
    }

    @Test func checkCountsKeysThatAreShared() throws {
        let setup = "CREATE TABLE t(a int, b int); INSERT INTO t VALUES (1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 1)"
        let database = try PostgresServer.shared().createDatabase()
        try database.execute(setup)
        let file = try SQLiteFile(setup)
        for relation in [SQLStream.Relation.table("t"), .query("SELECT * FROM t")] {
            let stream = SQLStream(name: "t", relation: relation, key: ["a"])
            for connector in [database.connector(stream), file.connector(stream)] {
                #expect(
                    connector.check().contains { $0.verdict == .warning && $0.detail == "5 rows share 2 values of a" })
            }
        }
    }
}
