import HearthTesting
import HeatModel
import Records
import SQLConnector
import TestTraits
import Testing

@Suite(.waitsForServers) struct PostgresValueTests {
    @Test func everyTypeComesAsItsExactText() throws {
        let database = try PostgresServer.shared().createDatabase()
        try database.execute(
            #"""
            CREATE TABLE t(id int PRIMARY KEY, a text, n numeric, d date, ts timestamptz, tn timestamp, b bytea, l text[], f float8, o bool, c char(4));
            INSERT INTO t VALUES
            (1, E'tab\tnl\ncr\r\\N "q" ''s'' \b\f\x0b', 123456789012345678901234567890.123456789, '2026-11-15', '2026-11-15 08:00:00+08',
             '2026-11-15 08:00:00.25', '\x00ff5c4e', ARRAY['a', NULL, 'b"c', '\N'], 0.1, true, 'x'),
            (2, '\N', 'NaN', '0044-03-15 BC', 'infinity', '-infinity', '', '{}', '-Infinity', false, ''),
            (3, '', -0.00, 'infinity', NULL, NULL, NULL, NULL, 1e300, NULL, NULL),
            (4, NULL, NULL, NULL, NULL, NULL, '\x5c78', '{NULL}', 'NaN', NULL, '张伟'),
            (5, '𠮷😀', 1.10, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
            """#)
        let pulled = try database.connector(SQLStream(name: "t", table: "public.t")).pulled(PullRequest(stream: "t"))
        #expect(
            pulled.rows == [
                [
                    "1", "tab\tnl\ncr\r\\N \"q\" 's' \u{8}\u{c}\u{b}", "123456789012345678901234567890.123456789",
                    "2026-11-15",
                    "2026-11-15 08:00:00+08", "2026-11-15 08:00:00.25", "\\x00ff5c4e", "{a,NULL,\"b\\\"c\",\"\\\\N\"}",
                    "0.1", "t",
                    "x",
                ],
                [
                    "2", "\\N", "NaN", "0044-03-15 BC", "infinity", "-infinity", "\\x", "{}", "-Infinity", "f", "",
                ],
                ["3", "", "0.00", "infinity", nil, nil, nil, nil, "1e+300", nil, nil],
                ["4", nil, nil, nil, nil, nil, "\\x5c78", "{NULL}", "NaN", nil, "张伟"],
                ["5", "𠮷😀", "1.10", nil, nil, nil, nil, nil, nil, nil, nil],
            ])
        #expect(pulled.summary.rows == 5)
        #expect(pulled.batches.last?.origin.isSnapshot == true)
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func randomRowsRoundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let alphabet = [
            "\t", "\n", "\\", "N", "\\N", "", "a", "'", "\"", "中", "𠮷", "\r", "\u{8}", "\u{b}", ",", "b", "x41", "101",
            " ",
        ]
        let rows: [[String?]] = (0..<300).map { index in
            ["\(1000 + index)"]
                + (0..<4).map { _ in
                    if Int.random(in: 0..<6, using: &random) == 0 { return nil }
                    return (0..<Int.random(in: 0..<14, using: &random))
                        .map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] }.joined()
                }
        }
        let database = try PostgresServer.shared().createDatabase()
        let literals = rows.map { row in
            let values = row.map { value in
                value.map {
                    "'" + $0.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
                } ?? "NULL"
            }
            return "(" + values.joined(separator: ",") + ")"
        }
        try database.execute(
            "CREATE TABLE t(id text PRIMARY KEY, a text, b text, c text, d text); INSERT INTO t VALUES \(literals.joined(separator: ","))"
        )
        let connector = database.connector(SQLStream(name: "t", table: "t"))
        for (batchRows, batchBytes) in [(7, 4 << 20), (16_384, 64), (16_384, 4 << 20)] {
            let pulled = try connector.pulled(PullRequest(stream: "t", batchRows: batchRows, batchBytes: batchBytes))
            #expect(zip(pulled.rows, rows).allSatisfy { $0 == $1 } && pulled.rows.count == rows.count)
            #expect(
                pulled.batches.allSatisfy {
                    $0.rowCount <= batchRows && ($0.bytes.count <= batchBytes || $0.rowCount == 1)
                })
        }
    }

    @Test func bytesThatAreNotUTF8BecomeDefects() throws {
        let database = try PostgresServer.shared().createDatabase(encoding: "SQL_ASCII")
        try database.execute(
            #"""
            CREATE TABLE t(id int PRIMARY KEY, a text);
            INSERT INTO t VALUES (1, '好'), (2, E'\xb0\xb2'), (3, 'ok'), (4, E'\xff');
            """#)
        let pulled = try database.connector(SQLStream(name: "t", table: "t")).pulled(PullRequest(stream: "t"))
        #expect(pulled.rows == [["1", "好"], ["3", "ok"]])
        #expect(pulled.batches.flatMap(\.ordinals) == [1, 3])
        #expect(pulled.defects.map(\.ordinal) == [2, 4])
        #expect(pulled.defects.map(\.code.name) == ["record.undecodable", "record.undecodable"])
        #expect(pulled.defects[0].raw == [0x32, 9, 0xb0, 0xb2])
        #expect(pulled.summary.rows == 4)
    }

    @Test func aLegacyEncodingIsRecoded() throws {
        let database = try PostgresServer.shared().createDatabase(encoding: "EUC_CN")
        try database.execute("CREATE TABLE 收费(户号 int PRIMARY KEY, 姓名 text); INSERT INTO 收费 VALUES (1, '张伟')")
        let pulled = try database.connector(SQLStream(name: "t", table: "收费")).pulled(PullRequest(stream: "t"))
        #expect(pulled.batches[0].columns == ["户号", "姓名"])
        #expect(pulled.rows == [["1", "张伟"]])
    }

    @Test func namesAreQuotedAndQueriesNested() throws {
        let database = try PostgresServer.shared().createDatabase()
        try database.execute(
            #"""
            CREATE SCHEMA "S s"; CREATE TABLE "S s"."T""t"("Order" int PRIMARY KEY, "a b" text);
            INSERT INTO "S s"."T""t" VALUES (2, 'two'), (1, 'one');
            """#)
        let connector = database.connector(
            SQLStream(name: "t", table: "S s.T\"t", columns: ["a b"], key: ["Order"]),
            SQLStream(
                name: "q", relation: .query("SELECT \"Order\" + 10 AS n, \"a b\" FROM \"S s\".\"T\"\"t\" -- all of it"),
                key: ["n"],
                filter: "n > 11 -- not the first"))
        #expect(try connector.pulled(PullRequest(stream: "t")).rows == [["one"], ["two"]])
        let query = try connector.pulled(PullRequest(stream: "q"))
        #expect(query.rows == [["12", "two"]])
        #expect(query.batches[0].origin.kind == .query)
        #expect(connector.check().allSatisfy { $0.verdict != .failed })
    }
}
