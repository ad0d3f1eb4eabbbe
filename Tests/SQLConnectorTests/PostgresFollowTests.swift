import HearthTesting
import HeatModel
import Records
import SQLConnector
import TestTraits
import Testing

@Suite(.waitsForServers) struct PostgresFollowTests {
    private func bills(_ count: Int) throws -> PostgresDatabase {
        let database = try PostgresServer.shared().createDatabase()
        try database.execute(
            """
            CREATE TABLE bill(id int PRIMARY KEY, a text, at timestamptz);
            INSERT INTO bill SELECT i, 'v' || i, timestamptz '2026-01-01' + (\(count) - i) * interval '1 minute' FROM generate_series(1, \(count)) i;
            """)
        return database
    }

    private func stream(lookback: Int64 = 0) -> SQLStream {
        SQLStream(name: "bill", table: "bill", cursor: "at", lookback: lookback, countsRows: true)
    }

    @Test func anInterruptedLoadContinuesAfterEveryBatch() throws {
        let database = try bills(23)
        let connector = database.connector(stream())
        let whole = try connector.pulled(PullRequest(stream: "bill", batchRows: 4))
        #expect(whole.rows.compactMap { $0[0].flatMap { Int($0) } } == Array(1...23))
        for (index, batch) in whole.batches.enumerated() where index < whole.batches.count - 1 {
            let rest = try connector.pulled(PullRequest(stream: "bill", cursor: batch.cursor))
            // The last row of the batch comes again; nothing before it does.
            #expect(rest.rows.compactMap { $0[0].flatMap { Int($0) } } == Array(index * 4 + 4...23))
            #expect(rest.cursor == whole.cursor)
        }
        #expect(try connector.pulled(PullRequest(stream: "bill", cursor: whole.cursor)).rows.count == 1)
    }

    @Test func rowsChangedDuringALoadAreFollowed() throws {
        let database = try bills(10)
        let connector = database.connector(stream())
        let first = try connector.pulled(PullRequest(stream: "bill", batchRows: 3, limit: 5))
        #expect(first.batches.last?.endsOrigin == false)
        // A row already read changes, and the load goes on in a later snapshot.
        try database.execute("UPDATE bill SET a = 'changed', at = '2026-02-01' WHERE id = 2")
        let second = try connector.pulled(PullRequest(stream: "bill", cursor: first.cursor))
        #expect(second.batches.last?.endsOrigin == true)
        let third = try connector.pulled(PullRequest(stream: "bill", cursor: second.cursor))
        #expect(third.rows.contains { $0[1] == "changed" })
    }

    @Test func theSnapshotHidesWhatIsWrittenMeanwhile() throws {
        let database = try bills(20)
        let connector = database.connector(stream())
        let pulled = try connector.pulled(PullRequest(stream: "bill", mode: .full, batchRows: 2)) { _ in
            try database.execute("UPDATE bill SET a = 'late'; DELETE FROM bill WHERE id > 15")
        }
        #expect(pulled.rows.map { $0[1] } == (1...20).map { "v\($0)" })
        #expect(pulled.summary.statedRows == 20)
        #expect(pulled.batches[0].origin.isSnapshot)
    }

    @Test func lateCommitsAreFoundWithinTheLookback() throws {
        let database = try bills(5)
        let load = try database.connector(stream(lookback: 600)).pulled(PullRequest(stream: "bill"))
        let session = try database.session()
        try session.execute("BEGIN; INSERT INTO bill VALUES (100, 'late', '2026-03-01 10:00')")
        try database.execute("INSERT INTO bill VALUES (101, 'early', '2026-03-01 10:05')")
        let second = try database.connector(stream(lookback: 600)).pulled(
            PullRequest(stream: "bill", cursor: load.cursor))
        #expect(second.rows.contains { $0[0] == "101" } && !second.rows.contains { $0[0] == "100" })
        try session.execute("COMMIT")
        let narrow = try database.connector(stream()).pulled(PullRequest(stream: "bill", cursor: second.cursor))
        #expect(!narrow.rows.contains { $0[0] == "100" })
        let third = try database.connector(stream(lookback: 600)).pulled(
            PullRequest(stream: "bill", cursor: second.cursor))
        #expect(Set(third.rows.map { $0[0] }) == ["100", "101"])
        #expect(third.cursor == second.cursor)
        #expect(third.summary.statedRows == 2)
    }

    @Test func nullsAndFarFuturesAreReadAgainAndDoNotMoveTheCursor() throws {
        let database = try bills(3)
        let connector = database.connector(stream())
        try database.execute(
            "INSERT INTO bill VALUES (50, 'null', NULL), (51, 'future', '9999-12-31'), (52, 'never', 'infinity')")
        let load = try connector.pulled(PullRequest(stream: "bill"))
        try database.execute("INSERT INTO bill VALUES (60, 'new', '2026-02-01')")
        let follow = try connector.pulled(PullRequest(stream: "bill", cursor: load.cursor, batchRows: 1))
        #expect(follow.rows.map { $0[0] } == ["1", "60", "51", "52", "50"])
        let cursors = follow.batches.compactMap { $0.cursor?.text }
        #expect(cursors.count == 5)
        #expect(Set(cursors.dropFirst()).count == 1)
        #expect(cursors.last?.contains("2026-02-01") == true)
    }

    @Test func anEmptyTableEndsAndIsFollowedLater() throws {
        let database = try bills(0)
        let connector = database.connector(stream())
        let load = try connector.pulled(PullRequest(stream: "bill"))
        #expect(load.batches.count == 1 && load.batches[0].endsOrigin)
        try database.execute("INSERT INTO bill VALUES (1, 'first', '2026-02-01')")
        let second = try connector.pulled(PullRequest(stream: "bill", cursor: load.cursor))
        #expect(second.rows.count == 1)
        #expect(second.cursor?.text.contains("2026-02-01") == true)
    }

    @Test(arguments: [
        ("date", "'2026-01-10'", "'2026-01-09'", 86_400), ("bigint", "1000", "995", 5), ("smallint", "3", "-4", 7),
    ])
    func cursorsOfOtherTypes(type: String, high: String, late: String, lookback: Int64) throws {
        let database = try PostgresServer.shared().createDatabase()
        try database.execute("CREATE TABLE t(id int PRIMARY KEY, c \(type)); INSERT INTO t VALUES (1, \(high))")
        let connector = database.connector(SQLStream(name: "t", table: "t", cursor: "c", lookback: lookback))
        let load = try connector.pulled(PullRequest(stream: "t"))
        try database.execute("INSERT INTO t VALUES (2, \(late))")
        #expect(try connector.pulled(PullRequest(stream: "t", cursor: load.cursor)).rows.map { $0[0] } == ["2", "1"])
    }

    @Test func compositeKeysWithNullPartsAndTextsInAnyCollation() throws {
        let database = try PostgresServer.shared().createDatabase()
        try database.execute(
            """
            CREATE TABLE t(a text COLLATE "zh-x-icu", b int, at timestamp DEFAULT '2026-01-01');
            INSERT INTO t(a, b) SELECT (ARRAY['张', '李', 'a', 'B', '王', NULL, '''q'])[i], j FROM generate_series(1, 7) i,
              (VALUES (1), (2), (NULL)) v(j);
            """)
        let connector = database.connector(
            SQLStream(name: "t", table: "t", columns: ["b", "a"], key: ["a", "b"], cursor: "at"))
        let whole = try connector.pulled(PullRequest(stream: "t", batchRows: 2))
        #expect(whole.rows.count == 21)
        for (index, batch) in whole.batches.enumerated() {
            let before = whole.batches[...index].flatMap { Pulled(batches: [$0]).rows }
            let rest = try connector.pulled(PullRequest(stream: "t", cursor: batch.cursor)).rows
            #expect(Set(before + rest) == Set(whole.rows))
        }
    }

    @Test func aCursorOfAnotherStreamIsRefused() throws {
        let connector = try bills(1).connector(stream())
        for text in ["", "{}", #"{"v":2,"phase":"follow"}"#, #"{"v":1,"phase":"load","after":["1","2"]}"#] {
            let error = try hearthError { _ = try connector.pulled(PullRequest(stream: "bill", cursor: Cursor(text))) }
            #expect(error.code.name == "source.badCursor")
        }
    }
}
