import Foundation
import HearthTesting
import HeatModel
import Records
import SQLConnector
import Testing

@Suite struct SQLiteTests {
    @Test func everyStorageClassComesAsItsExactText() throws {
        let file = try SQLiteFile(
            """
            CREATE TABLE t(id INTEGER PRIMARY KEY, v);
            INSERT INTO t VALUES (1, 'NULL'), (2, NULL), (3, ''), (4, 0.1), (5, 26.0), (6, x'00ff'), (7, '张伟' || char(0) || 'x'),
              (8, -9223372036854775808), (9, 0.30000000000000004), (10, CAST(x'b0b2' AS TEXT)), (11, '\\N' || char(9));
            """)
        let pulled = try file.connector(SQLStream(name: "t", table: "t")).pulled(PullRequest(stream: "t"))
        #expect(
            pulled.rows.map { $0[1] } == [
                "NULL", nil, "", "0.1", "26.0", "\\x00ff", "张伟\0x", "-9223372036854775808", "0.30000000000000004",
                "\\N\t",
            ])
        #expect(pulled.defects.map(\.ordinal) == [10])
        #expect(pulled.batches.flatMap(\.ordinals) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 11])
    }

    @Test func anInterruptedLoadContinuesAndIsFollowed() throws {
        let file = try SQLiteFile(
            """
            CREATE TABLE bill(no TEXT, line INTEGER, at TEXT, PRIMARY KEY (no, line));
            WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 23)
            INSERT INTO bill SELECT printf('%03d', n / 3), n % 3, printf('2026-01-01 08:%02d:00', n) FROM i;
            INSERT INTO bill VALUES (NULL, 1, '2026-01-01 08:00:00'), (NULL, 2, NULL);
            """)
        let connector = file.connector(
            SQLStream(name: "bill", table: "bill", cursor: "at", lookback: 60, countsRows: true))
        let whole = try connector.pulled(PullRequest(stream: "bill", batchRows: 4))
        #expect(whole.rows.count == 25 && whole.summary.statedRows == 25)
        for (index, batch) in whole.batches.enumerated() {
            let before = whole.batches[...index].flatMap { Pulled(batches: [$0]).rows }
            let rest = try connector.pulled(PullRequest(stream: "bill", cursor: batch.cursor)).rows
            #expect(Set(before + rest) == Set(whole.rows))
            // The last row of the batch, and rows without a whole key, come again.
            #expect(rest.count <= 25 - 4 * index + 2)
        }
        try file.execute(
            "INSERT INTO bill VALUES ('late', 1, '2026-01-01 08:22:30'), ('new', 1, '2026-01-01 09:00:00')")
        let follow = try connector.pulled(PullRequest(stream: "bill", cursor: whole.cursor))
        #expect(Set(follow.rows.map { $0[0] }) == [nil, "007", "late", "new"])
        #expect(follow.cursor?.text.contains("09:00:00") == true)
        let again = try connector.pulled(PullRequest(stream: "bill", cursor: follow.cursor))
        #expect(again.rows.count == 2)
        #expect(again.cursor == follow.cursor)
    }

    /// What is followed goes into a statement as it is stored: a real number is one as SQLite writes it, or no cursor.
    @Test func aStoredRealIsANumber() throws {
        let file = try SQLiteFile(
            "CREATE TABLE t(id INTEGER PRIMARY KEY, u REAL); INSERT INTO t VALUES (1, 2.5), (2, 7.25)")
        let connector = file.connector(SQLStream(name: "t", table: "t", cursor: "u"))
        for (before, after) in [(#""phase":"follow","from":""#, "\""), (#""phase":"load","after":[""#, "\"]")] {
            func pulled(_ stored: String) throws -> Pulled {
                try connector.pulled(
                    PullRequest(stream: "t", cursor: Cursor(#"{"v":1,"# + before + stored + after + "}")))
            }
            for stored in ["r:2.5", "r:-2.5", "r:3.0"] { _ = try pulled(stored) }
            for stored in ["r:nan", "r:0x1p3", "r:2.5 OR 1", "r:id", "r:", "r:1e", "r:infinity"] {
                let error = try hearthError { _ = try pulled(stored) }
                #expect(error.code.name == "source.badCursor", "\(before)\(stored): \(error)")
            }
        }
    }

    @Test func integersAreFollowedByTheirNumber() throws {
        let file = try SQLiteFile(
            "CREATE TABLE t(id INTEGER PRIMARY KEY, v INTEGER NOT NULL); INSERT INTO t VALUES (1, 100), (2, 9)")
        let connector = file.connector(SQLStream(name: "t", table: "t", cursor: "v", lookback: 10))
        let load = try connector.pulled(PullRequest(stream: "t"))
        try file.execute("INSERT INTO t VALUES (3, 90), (4, 89), (5, 1000)")
        let follow = try connector.pulled(PullRequest(stream: "t", cursor: load.cursor))
        #expect(follow.rows.map { $0[0] } == ["3", "1", "5"])
        #expect(follow.cursor?.text.contains("i:1000") == true)
    }

    /// One row with an odd or a future time must not keep the stream from ever seeing news.
    @Test(arguments: [
        "9999-12-31 00:00:00", "9999-12-31", "N/A", "待定", "2026-13-45 08:00:00", "", "2026/01/02",
        "9999-12-31T00:00:00Z", "31.12.2025",
    ]) func onlyTimesThatHaveComeMoveTheCursor(_ odd: String) throws {
        let file = try SQLiteFile(
            """
            CREATE TABLE bill(id INTEGER PRIMARY KEY, at TEXT NOT NULL);
            INSERT INTO bill VALUES (1, '2026-01-01 08:00:00'), (2, '2026-01-01 09:00:00'), (3, '\(odd)');
            """)
        for lookback: Int64 in [0, 60] {
            let connector = file.connector(SQLStream(name: "bill", table: "bill", cursor: "at", lookback: lookback))
            func ids(_ pulled: Pulled) -> Set<String?> { Set(pulled.rows.map { $0[0] }) }
            for mode in [PullRequest.Mode.incremental, .full] {
                let load = try connector.pulled(PullRequest(stream: "bill", mode: mode))
                #expect(load.rows.count == 3 && load.cursor?.text.contains("t:2026-01-01 09:00:00") == true)
                let follow = try connector.pulled(PullRequest(stream: "bill", cursor: load.cursor, batchRows: 1))
                #expect(ids(follow) == ["2", "3"])
                #expect(follow.batches.allSatisfy { $0.cursor == load.cursor })
            }
            // One that was stored is not believed: all is read, and the cursor is good from then on.
            for stored in [
                #"{"from":"t:\#(odd)","phase":"follow","v":1}"#,
                #"{"after":["i:9"],"high":"t:\#(odd)","phase":"load","v":1}"#,
            ] {
                var pulled = try connector.pulled(PullRequest(stream: "bill", cursor: Cursor(stored)))
                if stored.contains("load") {
                    pulled = try connector.pulled(PullRequest(stream: "bill", cursor: pulled.cursor))
                }
                #expect(pulled.rows.count == 3 && pulled.cursor?.text.contains("t:2026-01-01 09:00:00") == true)
            }
        }
        try file.execute("INSERT INTO bill VALUES (4, '2026-01-01 10:00:00')")
        let connector = file.connector(SQLStream(name: "bill", table: "bill", cursor: "at", lookback: 60))
        let cursor = Cursor(#"{"from":"t:2026-01-01 09:00:00","phase":"follow","v":1}"#)
        let news = try connector.pulled(PullRequest(stream: "bill", cursor: cursor))
        #expect(news.rows.contains { $0[0] == "4" } && news.cursor?.text.contains("10:00:00") == true)
    }

    /// What is later than now is told by the clock of the source's zone, or by the offset where there is one.
    @Test func nowIsThatOfTheSourcesZone() throws {
        func time(_ hours: Double, _ zone: String, _ suffix: String = "") -> String {
            let formatter = DateFormatter()
            formatter.locale = Locale(identifier: "en_US_POSIX")
            formatter.timeZone = TimeZone(identifier: zone)
            formatter.dateFormat = "yyyy-MM-dd HH:mm:ss"
            return formatter.string(from: Date(timeIntervalSinceNow: hours * 3600)) + suffix
        }
        for zone in ["Asia/Shanghai", "America/New_York"] {
            for (text, moves) in [
                (time(-0.5, zone), true), (time(0.5, zone), false), (time(-0.5, "GMT", "Z"), true),
                (time(0.5, "GMT", ".25Z"), false), (time(-0.5, "GMT", ".25+00:00"), true),
                (time(0.5, "Asia/Tokyo", "+09:00"), false), (String(time(-0.1, zone).prefix(10)), true),
            ] {
                let file = try SQLiteFile(
                    "CREATE TABLE t(id INTEGER PRIMARY KEY, at TEXT); INSERT INTO t VALUES (1, '\(text)')")
                let connector = SQLConnector(
                    source: "billing", driver: .sqlite(file.path),
                    streams: [SQLStream(name: "t", table: "t", cursor: "at")],
                    zone: zone)
                let pulled = try connector.pulled(PullRequest(stream: "t"))
                #expect((pulled.cursor?.text.contains(text) == true) == moves, "\(text) in \(zone)")
            }
        }
    }

    @Test func aSnapshotHidesLaterWrites() throws {
        let file = try SQLiteFile(
            "PRAGMA journal_mode = WAL; CREATE TABLE t(id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3), (4)"
        )
        let pulled = try file.connector(SQLStream(name: "t", table: "t")).pulled(PullRequest(stream: "t", batchRows: 1))
        { _ in
            try file.execute("DELETE FROM t WHERE id = 4")
        }
        #expect(pulled.rows.count == 4)
        #expect(pulled.batches[0].origin.isSnapshot)
    }

    @Test func failuresAreTold() throws {
        let file = try SQLiteFile("CREATE TABLE bill(id INTEGER PRIMARY KEY, a TEXT)")
        func failure(_ stream: SQLStream) throws -> HearthError {
            try hearthError { _ = try file.connector(stream).pulled(PullRequest(stream: "s")) }
        }
        #expect(try failure(SQLStream(name: "s", table: "bil")).advice == "did you mean \"bill\"?")
        #expect(try failure(SQLStream(name: "s", table: "bill", columns: ["b"])).code.name == "config.unknownColumn")
        #expect(try failure(SQLStream(name: "s", relation: .query("SELEC"))).code.name == "config.badQuery")
        let text = try SQLiteFile("")
        let broken = SQLConnector(
            source: "b", driver: .sqlite("/etc/passwd"), streams: [SQLStream(name: "s", table: "t")])
        #expect(broken.check().map(\.verdict) == [.failed])
        #expect(text.connector().check().allSatisfy { $0.verdict == .ok })
        let slow = SQLStream(
            name: "s",
            relation: .query(
                "WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i) SELECT count(*) AS n FROM i"))
        let clock = ContinuousClock()
        let start = clock.now
        let request = PullRequest(stream: "s", isCancelled: { clock.now - start > .milliseconds(200) })
        #expect(try hearthError { _ = try file.connector(slow).pulled(request) }.code.name == "run.cancelled")
    }

    @Test func checkTellsOfKeysIndexesAndNulls() throws {
        let file = try SQLiteFile(
            """
            CREATE TABLE loose(a INT, at TEXT); CREATE TABLE tight(a INTEGER PRIMARY KEY, at TEXT NOT NULL);
            CREATE INDEX tight_at ON tight(at); CREATE VIEW v AS SELECT a FROM tight;
            """)
        let loose = file.connector(SQLStream(name: "l", table: "loose", key: ["a"], cursor: "at"))
        #expect(loose.check().filter { $0.verdict == .warning }.count == 4)
        let tight = file.connector(SQLStream(name: "t", table: "tight", cursor: "at", lookback: 60))
        #expect(tight.check().allSatisfy { $0.verdict == .ok })
        let hasty = file.connector(SQLStream(name: "t", table: "tight", cursor: "at"))
        #expect(hasty.check().filter { $0.verdict != .ok }.map(\.subject) == ["lookback of t"])
        let whole = file.connector(SQLStream(name: "t", table: "tight"))
        #expect(whole.check().allSatisfy { $0.verdict == .ok })
        #expect(Set(try loose.discover().map(\.name)) == ["l", "tight", "v"])
    }

    /// A view of a table that is gone is told beside the others.
    @Test func aBrokenViewIsTold() throws {
        let file = try SQLiteFile("CREATE TABLE t(a INT); CREATE VIEW gone AS SELECT x FROM nowhere;")
        let found = try file.connector(SQLStream(name: "t", table: "t", key: ["a"])).discover()
        #expect(found.map(\.name).sorted() == ["gone", "t"])
        let view = try #require(found.first { $0.name == "gone" })
        #expect(view.columns.isEmpty && view.trouble?.code.area == "config" && view.trouble != nil)
        #expect(found.first { $0.name == "t" }?.trouble == nil)
    }

    @Test(arguments: ["INTEGER", "TEXT"]) func checkCountsNumbersThatAreNoTimes(_ type: String) throws {
        let file = try SQLiteFile(
            """
            CREATE TABLE t(id INTEGER PRIMARY KEY, u \(type) NOT NULL);
            INSERT INTO t(u) VALUES (20240101), (20240102), (20240103), (20231399), (20230230), (0), (99991231);
            """)
        let stream = SQLStream(name: "t", table: "t", cursor: "u", cursorOrder: CursorOrder(declared: "yyyyMMdd"))
        let details = file.connector(stream).check().map(\.detail)
        #expect(details.contains { $0.hasPrefix("u holds 3 values that are none of its order") })
        #expect(details.contains { $0.hasPrefix("u holds 1 values ahead") })
    }
}
