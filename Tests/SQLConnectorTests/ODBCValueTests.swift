import Foundation
import HearthTesting
import HeatModel
import Records
import SQLConnector
import TestTraits
import Testing

/// What comes through an ODBC driver is what the database holds, whatever the driver makes of its types.
@Suite(.waitsForServers) struct ODBCValueTests {
    // MARK: MariaDB

    @Test func everyTypeOfMariaDBComesExactly() throws {
        let database = try MariaDBServer.shared().createDatabase()
        try database.execute(
            """
            SET sql_mode = '';
            CREATE TABLE t(id INT PRIMARY KEY, je DECIMAL(65,10), u BIGINT UNSIGNED, f DOUBLE, at DATETIME(6), d DATE, ti TIME, y YEAR,
              b BIT(3), bl BLOB, vb VARBINARY(4), e ENUM('甲','乙'), c CHAR(5), j JSON, n VARCHAR(10));
            INSERT INTO t VALUES (1, '1234567890123456789012345678901234567890.0123456789', 18446744073709551615, 1.5e300,
              '2026-01-01 08:00:00.123456', '2026-01-01', '-25:00:01', 2026, b'101', x'00ff', x'01', '乙', 'ab', '{"a": 1}', '\\\\N'),
              (2, -0.5, 0, 0.1, '0000-00-00', '0000-00-00', '00:00:00', 1901, b'0', '', '', '甲', '', 'null', ''),
              (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
            """)
        let pulled = try database.connector(SQLStream(name: "t", table: "t")).pulled(PullRequest(stream: "t"))
        #expect(
            pulled.rows == [
                [
                    "1", "1234567890123456789012345678901234567890.0123456789", "18446744073709551615", "1.5e300",
                    "2026-01-01 08:00:00.123456", "2026-01-01", "-25:00:01", "2026", "5", "\\x00ff", "\\x01", "乙", "ab",
                    "{\"a\": 1}", "\\N",
                ],
                // A driver makes NULL of a day that is none.
                [
                    "2", "-0.5000000000", "0", "0.1", "0000-00-00 00:00:00.000000", "0000-00-00", "00:00:00", "1901",
                    "0",
                    "\\x", "\\x", "甲", "", "null", "",
                ], ["3"] + Array(repeating: nil, count: 14),
            ])
    }

    @Test func eachCharsetOfMariaDBIsReadAsItsCharacters() throws {
        let database = try MariaDBServer.shared().createDatabase()
        // 東 ends in the byte of `|` in GBK.
        try database.execute(
            """
            CREATE TABLE t(id INT PRIMARY KEY, a VARCHAR(20) CHARACTER SET gbk, b VARCHAR(20) CHARACTER SET gb2312,
              c VARCHAR(20) CHARACTER SET big5, d VARCHAR(20) CHARACTER SET utf8mb4, `列 名` VARCHAR(20));
            INSERT INTO t VALUES (1, '東|鎔', '张伟', '東', '𠮷野家', 'x')
            """)
        let stream = SQLStream(name: "t", table: "t", key: ["a"], filter: "`列 名` = 'x' AND d = '𠮷野家'")
        let pulled = try database.connector(stream).pulled(PullRequest(stream: "t"))
        #expect(pulled.rows == [["1", "東|鎔", "张伟", "東", "𠮷野家", "x"]])
        // With latin1 on the wire each of them would be a question mark.
        for charset in ["latin1", "gb2312"] {
            let wrong = database.connector(stream, settings: ["CHARSET": charset])
            let error = try hearthError { _ = try wrong.pulled(PullRequest(stream: "t")) }
            #expect(error.code.name == "source.charset" && error.advice?.contains("utf8mb4") == true, "\(error)")
            #expect(wrong.check().contains { $0.verdict == .failed })
        }
    }

    @Test func longTextsComeWholeInBoundedMemory() throws {
        let database = try MariaDBServer.shared().createDatabase()
        try database.execute(
            """
            CREATE TABLE t(id INT PRIMARY KEY, a LONGTEXT, n VARCHAR(10), b MEDIUMTEXT, m BLOB);
            INSERT INTO t SELECT seq, REPEAT('汉字x', 20000 + seq), CONCAT('n', seq), IF(seq = 3, NULL, REPEAT('𠮷', seq)), REPEAT('z', 70 * seq) FROM seq_1_to_40
            """)
        let stream = SQLStream(name: "t", table: "t", countsRows: true)
        let pulled = try database.connector(stream).pulled(PullRequest(stream: "t", batchBytes: 1 << 20))
        #expect(pulled.rows.count == 40 && pulled.defects.isEmpty && pulled.batches.count > 3)
        for (index, row) in pulled.rows.enumerated() {
            let id = index + 1
            #expect(row[1] == String(repeating: "汉字x", count: 20_000 + id) && row[2] == "n\(id)")
            #expect(row[3] == (id == 3 ? nil : String(repeating: "𠮷", count: id)))
            #expect(row[4] == "\\x" + String(repeating: "7a", count: 70 * id))
        }
    }

    /// The members of an ENUM stand in another order than their texts compare in: a load by such a key begins again.
    @Test func aKeyThatIsInNoOrderIsReadWhole() throws {
        let database = try MariaDBServer.shared().createDatabase()
        try database.execute(
            "CREATE TABLE t(e ENUM('z','m','a') PRIMARY KEY, at DATETIME NOT NULL); INSERT INTO t VALUES ('z', '2026-01-01'), ('m', '2026-01-02'), ('a', '2026-01-03')"
        )
        let connector = database.connector(SQLStream(name: "t", table: "t", cursor: "at", lookback: 60))
        struct Broken: Error {}
        var first = Pulled()
        #expect(throws: Broken.self) {
            try connector.pull(PullRequest(stream: "t", batchRows: 1)) {
                first.batches.append($0)
                throw Broken()
            }
        }
        let rest = try connector.pulled(PullRequest(stream: "t", cursor: first.cursor))
        #expect(Set(rest.rows.map { $0[0] }) == ["z", "m", "a"] && rest.summary.completeness != nil)
        let follow = try connector.pulled(PullRequest(stream: "t", cursor: rest.cursor))
        #expect(follow.rows.map { $0[0] } == ["a"])
    }

    /// The server refuses to write bytes that are no characters; what can be read of such a database is read.
    @Test func bytesOfNoCharsetAreRefused() throws {
        let database = try PostgresServer.shared().createDatabase(encoding: "SQL_ASCII")
        try database.execute("CREATE TABLE t(id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, '汉字')")
        let connector = database.odbcConnector(SQLStream(name: "t", table: "t"))
        #expect(try connector.pulled(PullRequest(stream: "t")).rows == [["1", "汉字"]])
        try database.execute("INSERT INTO t VALUES (2, convert_from('\\xC1D1'::bytea, 'SQL_ASCII'))")
        let error = try hearthError { _ = try connector.pulled(PullRequest(stream: "t")) }
        #expect(error.code.name == "source.undecodable" && error.advice != nil, "\(error)")
    }

    // MARK: PostgreSQL and SQLite by their ODBC drivers

    @Test func bothDriversForPostgresReadTheSame() throws {
        let database = try PostgresServer.shared().createDatabase()
        try database.execute(
            """
            CREATE TABLE t(id int PRIMARY KEY, je numeric(30,10), b bool, f float8, at timestamptz, l timestamp, d date, i interval,
              y bytea, c char(6), u uuid, a text[], t text, m money);
            INSERT INTO t VALUES (1, 12345678901234567890.0123456789, true, 0.1, '2026-01-01 08:00:00.5+08', '2026-01-01 08:00', '2026-01-01',
              '1 day 2 hours', '\\x00ff', 'ab', '6ecd8c99-4036-403d-bf84-cf8400f67836', '{a,NULL,"b c"}', repeat('汉', 60000), 12.5),
              (2, 'NaN', false, 1.5e300, 'infinity', '0044-03-15 BC', '-infinity', NULL, '', '', NULL, '{}', E'\\\\N\\t\\n', -1);
            INSERT INTO t(id) VALUES (3);
            """)
        let stream = SQLStream(name: "t", table: "t")
        let native = try database.connector(stream).pulled(PullRequest(stream: "t"))
        let odbc = try database.odbcConnector(stream).pulled(PullRequest(stream: "t"))
        #expect(odbc.rows.count == native.rows.count)
        for (row, other) in zip(odbc.rows, native.rows) {
            for (value, same) in zip(row, other) where value != same {
                Issue.record("\(value?.prefix(60) ?? "NULL") is \(same?.prefix(60) ?? "NULL")")
            }
        }
    }

    @Test func bothDriversForSQLiteReadTheSame() throws {
        let file = try SQLiteFile(
            """
            CREATE TABLE t(id INTEGER PRIMARY KEY, v DECIMAL(14,2), s VARCHAR(5));
            INSERT INTO t VALUES (1, 'NULL', ''), (2, NULL, NULL), (3, 123456789012345.67, 'longer than five'), (4, 0.1, '张伟'), (5, 26.0, 'x'),
              (6, x'00ff', 'x'), (8, -9223372036854775808, 'x'), (9, 0.30000000000000004, 'x'), (11, '\\N' || char(9), 'x');
            """)
        let stream = SQLStream(name: "t", table: "t")
        let native = try file.connector(stream).pulled(PullRequest(stream: "t"))
        let odbc = try file.odbcConnector(stream).pulled(PullRequest(stream: "t"))
        #expect(odbc.rows == native.rows)
    }

    /// A column of SQLite holds more than it is declared to: what does not fit into the driver's buffer is told, and the others come.
    @Test func aCutValueIsADefectOfItsRow() throws {
        let file = try SQLiteFile(
            "CREATE TABLE t(id INTEGER PRIMARY KEY, s VARCHAR(5)); INSERT INTO t VALUES (1, 'a'), (2, replace(printf('%.30000c', 'x'), 'x', '汉')), (3, 'c')"
        )
        let tape = MemoryTape()
        let connector = file.odbcConnector(SQLStream(name: "t", table: "t", countsRows: true))
        let pulled = try connector.pulled(PullRequest(stream: "t", tape: tape))
        #expect(pulled.rows == [["1", "a"], ["3", "c"]] && pulled.summary.rows == 3)
        #expect(pulled.defects.map(\.code.name) == ["record.cut"] && pulled.defects[0].ordinal == 2)
        #expect(pulled.defects[0].message.contains("of s") && pulled.summary.completeness != nil)
        // What came may end within a character.
        let raw = pulled.defects[0].raw.dropFirst()
        #expect(raw.count > 4000 && raw.starts(with: Array("汉汉".utf8)), "\(raw.count)")
        var replayed: [RawBatch] = []
        try connector.replay(PullRequest(stream: "t"), from: tape.pieces()) { replayed.append($0) }
        #expect(Pulled(batches: replayed).rows == pulled.rows)
        #expect(replayed.flatMap(\.defects).map(\.raw) == pulled.defects.map(\.raw))
        #expect(replayed.flatMap(\.defects).map(\.message) == pulled.defects.map(\.message))
    }
}
