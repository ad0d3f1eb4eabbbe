import HearthTesting
import HeatModel
import Records
import TestTraits
import Testing

@testable import SQLConnector

/// What is said to systems that no test talks to: SQL Server, Oracle, 达梦.
@Suite(.waitsForServers) struct ODBCDialectTests {
    private let moment = Instant(microseconds: 1_767_225_600_250_000, offsetMinutes: 480)

    private func column(_ dialect: ODBCDialect, _ type: String, _ number: Int) -> SQLColumn {
        dialect.column("a]\"b`", type, number, isNullable: true)
    }

    @Test func sqlServer() {
        let dialect = ODBCDialect.sqlserver
        #expect(dialect.sql.quoted(path: "dbo.收费]") == "[dbo].[收费]]]")
        #expect(dialect.sql.limited(to: 2, isOrdered: true) == " OFFSET 0 ROWS FETCH NEXT 2 ROWS ONLY")
        #expect(
            dialect.sql.limited(to: 2, isOrdered: false)
                == " ORDER BY (SELECT NULL) OFFSET 0 ROWS FETCH NEXT 2 ROWS ONLY")
        #expect(dialect.literal("it's") == "'it''s'" && dialect.literal("张") == "N'张'")
        let datetime = column(dialect, "datetime", 93)
        #expect(datetime.kind == .localTime && datetime.read == "CONVERT(varchar(27), [a]]\"b`], 121)")
        #expect(dialect.literal(moment, of: datetime) == "CAST('2026-01-01 08:00:00.25' AS datetime2)")
        #expect(
            dialect.literal("2026-01-01 08:00:00.123", of: datetime) == "CAST('2026-01-01 08:00:00.123' AS datetime2)")
        let offset = column(dialect, "datetimeoffset", -155)
        #expect(dialect.literal(moment, of: offset) == "CAST('2026-01-01T08:00:00.25+08:00' AS datetimeoffset)")
        // Without a style money has two places, and a row version is no time.
        #expect(column(dialect, "money", 3).read == "CONVERT(varchar(25), [a]]\"b`], 2)")
        #expect(column(dialect, "timestamp", -2).kind == .unordered && column(dialect, "float", 6).kind == .unordered)
        #expect(column(dialect, "char", 1).read == "RTRIM([a]]\"b`])" && column(dialect, "char", 1).isPadded)
        #expect(dialect.session.contains("SET TRANSACTION ISOLATION LEVEL SNAPSHOT") && dialect.readOnly == nil)
    }

    @Test func oracle() {
        let dialect = ODBCDialect.oracle
        #expect(
            dialect.sql.quoted(path: "SF.ZD") == "\"SF\".\"ZD\""
                && dialect.sql.limited(to: 3, isOrdered: false) == " FETCH FIRST 3 ROWS ONLY")
        // A DATE of Oracle has a time.
        let date = column(dialect, "DATE", 93)
        #expect(date.kind == .localTime && date.read.hasPrefix("TO_CHAR("))
        #expect(
            dialect.literal("2026-01-01 08:00:00", of: date)
                == "TO_TIMESTAMP('2026-01-01 08:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.FF6')")
        #expect(column(dialect, "TIMESTAMP(6)", 93).kind == .localTime)
        let number = column(dialect, "NUMBER", 3)
        #expect(number.kind == .number && number.read.hasSuffix(", 'TM9')"))
        #expect(dialect.literal("12.50", of: number) == "12.50" && dialect.literal("1' OR 1=1", of: number) == nil)
        #expect(column(dialect, "CHAR", 1).isPadded && column(dialect, "VARCHAR2", 12).read == "\"a]\"\"b`\"")
        #expect(dialect.begin == ["SET TRANSACTION READ ONLY"])
    }

    @Test func dameng() {
        let dialect = ODBCDialect.dameng
        #expect(dialect.sql.quoted("户号") == "\"户号\"" && dialect.sql.limited(to: 5, isOrdered: false) == " LIMIT 5")
        let date = column(dialect, "DATE", 91)
        #expect(date.kind == .date && dialect.literal(moment, of: date) == "TO_DATE('2026-01-01', 'YYYY-MM-DD')")
        #expect(column(dialect, "DECIMAL", 3).kind == .number && column(dialect, "DOUBLE", 8).kind == .unordered)
        #expect(ODBCDialect.system(named: "DM8") == .dameng && ODBCDialect.system(named: "DM DBMS") == .dameng)
    }

    @Test func postgresNamesItsNumbersInTwoWays() {
        for type in ["int2", "int4", "int8", "bigint", "numeric", "serial"] {
            #expect(column(.postgres, type, 4).kind == .number)
        }
        // Not an interval, nor what has no other name.
        #expect(
            column(.postgres, "interval", 12).kind == .unordered && column(.postgres, "uuid", -11).kind == .unordered)
        let filled = ODBCDialect.mysql.filled("a ? b ?? c ?", schema: "s?", table: "??t")
        #expect(filled == "a 's?' b '??t' c 's?'")
    }

    @Test func aTextNeverEndsItsLiteral() {
        #expect(
            ODBCDialect.mysql.literal("a\\' OR 1=1 -- ") == "CONVERT(X'615c27204f5220313d31202d2d20' USING utf8mb4)")
        #expect(ODBCDialect.mysql.literal("it's 张") == "'it''s 张'")
    }

    @Test func severalColumnsAreComparedWithoutRowValues() {
        let dialect = SQLDialect(comparesRows: false)
        #expect(dialect.reached(["a", "b"], ["1", "2"]) == "a >= 1 AND (a > 1 OR (b >= 2))")
        #expect(
            dialect.reached(["a", "b", "c"], ["1", "2", "3"], isPast: true)
                == "a >= 1 AND (a > 1 OR (b >= 2 AND (b > 2 OR (c > 3))))")
        #expect(SQLDialect().reached(["a", "b"], ["1", "2"], isPast: true) == "(a, b) > (1, 2)")
    }

    /// PostgreSQL takes each spelling of a limit, and compares rows: what is said to those that do not comes to the same.
    @Test func aServerTakesEverySpelling() throws {
        let database = try PostgresServer.shared().createDatabase()
        for limit in [SQLDialect.Limit.limit, .fetchFirst, .offsetFetch] {
            for isOrdered in [false, true] {
                let end = SQLDialect(limit: limit).limited(to: 2, isOrdered: isOrdered)
                let found = try database.execute(
                    "SELECT i FROM generate_series(1, 9) i\(isOrdered ? " ORDER BY i DESC" : "")\(end)")
                #expect(found.count == 2 && (!isOrdered || found == [["9"], ["8"]]), "\(end)")
            }
        }
        let (columns, values) = (["a", "b", "c"], ["2", "2", "2"])
        for (count, isPast) in [(1, false), (1, true), (2, false), (2, true), (3, false), (3, true)] {
            let conditions = [true, false].map {
                SQLDialect(comparesRows: $0).reached(
                    Array(columns.prefix(count)), Array(values.prefix(count)), isPast: isPast)
            }
            let found = try conditions.map {
                try database.execute(
                    "SELECT a, b, c FROM generate_series(1, 3) a, generate_series(1, 3) b, generate_series(1, 3) c WHERE \($0) ORDER BY 1, 2, 3"
                )
            }
            #expect(found[0] == found[1] && !found[0].isEmpty && found[0].count < 27, "\(conditions)")
        }
    }

    /// Rows of COPY are not taken apart as they come: a cursor that is judged so would never move.
    @Test func textsAreJudgedOnlyWhereRowsComeAsFields() throws {
        let database = try PostgresServer.shared().createDatabase()
        try database.execute("CREATE TABLE t(id int PRIMARY KEY, c text); INSERT INTO t VALUES (1, '2026-01-01')")
        let stream = SQLStream(name: "t", table: "t", cursor: "c")
        for connector in [database.connector(stream), database.odbcConnector(stream)] {
            let session = try connector.session()
            let table = try SQLTable(stream, session)
            let column = try #require(table.cursor)
            let survey = CursorSurvey(session: session, stream: stream, table: table, column: column)
            var result = try survey.run(from: nil)
            result.rule = CursorRule(
                session: session, stream: stream, column: column, kind: .judged(.instant), order: .instant,
                now: try session.now(stream), value: column.quoted)
            let followed = SQLPullPlan.Followed(
                survey: survey, result: result, stored: .follow(from: "2026-01-01"), isSettled: true)
            func plan() throws -> SQLPullPlan {
                try SQLPullPlan(stream, PullRequest(stream: "t"), table, followed, session)
            }
            if session.form == .copy {
                let error = try hearthError { _ = try plan() }
                #expect(error.code.name == "config.cursorOrder" && error.place != nil)
            } else {
                #expect(try plan().judge != nil)
            }
        }
    }

    @Test func theNameOfASystemIsRecognised() {
        for (name, system) in [
            ("MariaDB", ODBCOptions.System.mysql), ("MySQL", .mysql), ("Microsoft SQL Server", .sqlserver),
            ("Oracle", .oracle), ("PostgreSQL", .postgres), ("SQLite", .sqlite),
        ] { #expect(ODBCDialect.system(named: name) == system) }
        #expect(ODBCDialect.system(named: "Virtuoso") == nil)
    }
}
