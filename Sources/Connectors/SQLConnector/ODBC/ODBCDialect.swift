import HeatModel

/// What is particular to a system that is read through ODBC, as data.
struct ODBCDialect: Sendable {
    /// How a value of a type is read: the first whose name fits counts, `?` is the column.
    struct Reading: Sendable {
        /// The type's name in small letters begins so.
        var types: [String]
        var read: String
        var kind: SQLColumn.Kind?
    }

    /// What is asked in place of the driver's catalogue functions, with the columns that ODBC gives them; `?` and `??` are schema and
    /// table as texts.
    struct Catalogue: Sendable {
        /// The table, or all of the schema where its name is empty.
        var tables: String
        var columns: String
        var primaryKey: String
        var indexes: String
    }

    var system: ODBCOptions.System
    /// As a person calls it.
    var name: String
    var sql: SQLDialect
    /// What the session is told once, in this order; `?` is the zone's name. A statement that is refused ends the connection.
    var session: [String] = []
    /// What begins the one transaction of a pull, autocommit being off.
    var begin: [String] = []
    /// Has `1` or `on` in its row where the session cannot write; nil where the system has no such session.
    var readOnly: String?
    /// The present in UTC, as `2026-11-28 08:15:00.123456`.
    var now: String
    /// The characters 汉字 as the server makes them.
    var probe: String
    /// What stands behind a SELECT without a table.
    var dual = ""
    var readings: [Reading] = []
    /// Ways to write a literal around the text; `?` is the text in apostrophes.
    var text = "?"
    /// Of a text that has characters outside ASCII.
    var wideText: String?
    var date: String
    /// Of a date and time by the source's clock.
    var time: String
    /// Of one with its offset; nil where it is written as ``time``.
    var instant: String?
    /// Whether a text with a backslash is written in hexadecimal digits, for the backslash may be an escape.
    var hexText: String?
    /// The ids of transactions of others that are open; nil where the system does not tell.
    var openTransactions: String?
    /// Where the server answers that from memory: what begins a transaction of our own. Its row has `1` in the second column, and a list
    /// without it is older than the question.
    var ownTransaction: String?
    /// What ends a statement of another connection, `?` being that connection's number, and what asks for the number; nil where the driver
    /// is asked.
    var cancel: (number: String, statement: String)?
    /// Whether the driver keeps a whole result in memory, so that a table is read in windows of its key.
    var holdsResults = false
    /// Of a table whether its rows are of one snapshot; `?` and `??` are schema and table as texts. One row: `1` where they are.
    var isVersioned: String?
    /// Whether a statement is prepared before it is run, by a call of its own.
    var preparesFirst = false
    /// Nil where the driver's functions are asked.
    var catalogue: Catalogue?
    /// Whether a schema is what ODBC calls a catalogue.
    var schemaIsCatalogue = false
    /// Whether `char(n)` comes with the blanks that fill it up.
    var padsChar = false
    /// Whether dates and times are kept as texts, whatever a column is declared as.
    var datesAreTexts = false
    /// Least bytes that a text may have, whatever its declared length.
    var leastText = 0

    static func of(_ system: ODBCOptions.System) -> ODBCDialect {
        switch system {
        case .mysql: mysql
        case .sqlserver: sqlserver
        case .oracle: oracle
        case .dameng: dameng
        case .postgres: postgres
        case .sqlite: sqlite
        }
    }

    /// The system that a driver says it talks to.
    static func system(named name: String) -> ODBCOptions.System? {
        let name = name.lowercased()
        let known: [(String, ODBCOptions.System)] = [
            ("mariadb", .mysql), ("mysql", .mysql), ("sql server", .sqlserver), ("oracle", .oracle), ("dm", .dameng),
            ("postgres", .postgres), ("sqlite", .sqlite),
        ]
        return known.first { name.contains($0.0) }?.1
    }

    // MARK: The systems

    static let mysql = ODBCDialect(
        system: .mysql, name: "MySQL", sql: SQLDialect(openQuote: "`", closeQuote: "`", comparesRows: false),
        session: [
            "SET SESSION TRANSACTION READ ONLY", "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            "SET SESSION sql_auto_is_null = 0",
        ],
        begin: ["START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"],
        // MySQL and MariaDB name it in different ways.
        readOnly: "SHOW SESSION VARIABLES WHERE Variable_name IN ('tx_read_only', 'transaction_read_only')",
        now: "SELECT DATE_FORMAT(UTC_TIMESTAMP(6), '%Y-%m-%d %H:%i:%s.%f')",
        probe: "CONVERT(X'E6B189E5AD97' USING utf8mb4)",
        readings: [
            // The driver makes NULL of a zero date, and cuts a time of more than 24 hours.
            Reading(types: ["datetime"], read: "CAST(? AS CHAR)", kind: .localTime),
            Reading(types: ["timestamp"], read: "CAST(? AS CHAR)", kind: .localTime),
            Reading(types: ["date"], read: "CAST(? AS CHAR)", kind: .date),
            Reading(types: ["time"], read: "CAST(? AS CHAR)", kind: .unordered),
            Reading(types: ["bit"], read: "(? + 0)", kind: .number),
            Reading(types: ["year"], read: "?", kind: .number),
            Reading(types: ["float", "real"], read: "?", kind: .unordered),
            Reading(
                types: ["blob", "tinyblob", "mediumblob", "longblob", "binary", "varbinary", "geometry"],
                read: "CONCAT(CHAR(92 USING utf8mb4), 'x', LOWER(HEX(?)))", kind: .unordered),
            Reading(types: ["enum", "set", "json"], read: "?", kind: .unordered),
        ],
        date: "DATE?", time: "TIMESTAMP?", hexText: "CONVERT(X? USING utf8mb4)",
        openTransactions:
            "SELECT trx_id, trx_mysql_thread_id = CONNECTION_ID() FROM information_schema.innodb_trx WHERE trx_is_read_only = 0 OR trx_mysql_thread_id = CONNECTION_ID()",
        ownTransaction: "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
        // odbc-mariadb 3.1.15 closes what it is asked to cancel between two steps of a call that runs, and frees its memory twice.
        cancel: (number: "SELECT CONNECTION_ID()", statement: "KILL QUERY ?"),
        holdsResults: true,
        isVersioned:
            "SELECT CASE WHEN engine = 'InnoDB' OR engine IS NULL THEN 1 ELSE 0 END FROM information_schema.tables WHERE table_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND table_name = ??",
        // In SQLExecDirect, and so in its catalogue functions, odbc-mariadb 3.1.15 crashes where the connection ends between an answer and
        // the description of its columns.
        preparesFirst: true,
        catalogue: Catalogue(
            tables:
                "SELECT table_schema, NULL, table_name, CASE WHEN table_type LIKE '%VIEW' THEN 'VIEW' ELSE 'TABLE' END FROM information_schema.tables WHERE table_schema = ? AND (?? = '' OR table_name = ??)",
            columns: """
                SELECT table_schema, NULL, table_name, column_name,
                  CASE data_type WHEN 'tinyint' THEN -6 WHEN 'smallint' THEN 5 WHEN 'mediumint' THEN 4 WHEN 'int' THEN 4 WHEN 'bigint' THEN -5
                    WHEN 'decimal' THEN 3 WHEN 'double' THEN 8 WHEN 'char' THEN 1 WHEN 'varchar' THEN 12 WHEN 'tinytext' THEN -1
                    WHEN 'text' THEN -1 WHEN 'mediumtext' THEN -1 WHEN 'longtext' THEN -1 WHEN 'json' THEN -1 WHEN 'tinyblob' THEN -4
                    WHEN 'blob' THEN -4 WHEN 'mediumblob' THEN -4 WHEN 'longblob' THEN -4 ELSE 0 END,
                  data_type, NULL, NULL, NULL, NULL, CASE is_nullable WHEN 'NO' THEN 0 ELSE 1 END
                FROM information_schema.columns WHERE table_schema = ? AND table_name = ?? ORDER BY ordinal_position
                """,
            primaryKey:
                "SELECT table_schema, NULL, table_name, column_name, seq_in_index FROM information_schema.statistics WHERE table_schema = ? AND table_name = ?? AND index_name = 'PRIMARY'",
            indexes:
                "SELECT table_schema, NULL, table_name, non_unique, NULL, index_name, NULL, seq_in_index, column_name FROM information_schema.statistics WHERE table_schema = ? AND table_name = ??"
        ),
        schemaIsCatalogue: true)

    static let sqlserver = ODBCDialect(
        system: .sqlserver, name: "SQL Server",
        sql: SQLDialect(openQuote: "[", closeQuote: "]", limit: .offsetFetch, comparesRows: false),
        session: [
            "SET TRANSACTION ISOLATION LEVEL SNAPSHOT", "SET DATEFORMAT ymd", "SET LANGUAGE us_english",
            "SET QUOTED_IDENTIFIER ON",
        ],
        now: "SELECT CONVERT(varchar(26), SYSUTCDATETIME(), 121)", probe: "NCHAR(27721) + NCHAR(23383)",
        readings: [
            Reading(types: ["datetimeoffset"], read: "CONVERT(varchar(34), ?, 121)", kind: .instant),
            Reading(types: ["datetime", "smalldatetime"], read: "CONVERT(varchar(27), ?, 121)", kind: .localTime),
            Reading(types: ["date"], read: "CONVERT(varchar(10), ?, 23)", kind: .date),
            // Four places, as money has them; without a style there are two.
            Reading(types: ["money", "smallmoney"], read: "CONVERT(varchar(25), ?, 2)", kind: .number),
            Reading(
                types: ["timestamp", "rowversion"], read: "CONVERT(varchar(18), CAST(? AS binary(8)), 1)",
                kind: .unordered),
            Reading(types: ["float", "real"], read: "CONVERT(varchar(40), ?, 3)", kind: .unordered),
            Reading(
                types: ["binary", "varbinary", "image"], read: "CONVERT(varchar(max), CAST(? AS varbinary(max)), 2)",
                kind: .unordered),
            Reading(types: ["char", "nchar"], read: "RTRIM(?)", kind: .text),
            Reading(types: ["bit"], read: "?", kind: .number),
            Reading(
                types: ["xml", "sql_variant", "hierarchyid", "geography", "geometry"], read: "CAST(? AS nvarchar(max))",
                kind: .unordered),
        ],
        wideText: "N?", date: "CAST(? AS date)", time: "CAST(? AS datetime2)", instant: "CAST(? AS datetimeoffset)",
        openTransactions:
            "SELECT transaction_id FROM sys.dm_tran_session_transactions WHERE session_id <> @@SPID", padsChar: true)

    static let oracle = ODBCDialect(
        system: .oracle, name: "Oracle", sql: SQLDialect(limit: .fetchFirst, comparesRows: false),
        session: [
            "ALTER SESSION SET NLS_DATE_FORMAT = 'YYYY-MM-DD HH24:MI:SS'",
            "ALTER SESSION SET NLS_TIMESTAMP_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF6'",
            "ALTER SESSION SET NLS_TIMESTAMP_TZ_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF6TZH:TZM'",
            "ALTER SESSION SET NLS_NUMERIC_CHARACTERS = '.,'", "ALTER SESSION SET TIME_ZONE = '?'",
        ],
        begin: ["SET TRANSACTION READ ONLY"],
        now: "SELECT TO_CHAR(SYS_EXTRACT_UTC(SYSTIMESTAMP), 'YYYY-MM-DD HH24:MI:SS.FF6') FROM DUAL",
        probe: "TO_CHAR(UNISTR('\\6C49\\5B57'))", dual: " FROM DUAL",
        readings: [
            Reading(
                types: ["timestamp with", "timestamp(", "timestamp"],
                read: "TO_CHAR(?)", kind: .localTime),
            Reading(types: ["date"], read: "TO_CHAR(?, 'YYYY-MM-DD HH24:MI:SS')", kind: .localTime),
            // NUMBER has up to 40 digits; a point without a digit before it is no number elsewhere.
            Reading(
                types: ["number", "integer", "decimal", "numeric", "float"], read: "TO_CHAR(?, 'TM9')", kind: .number),
            Reading(types: ["binary_float", "binary_double"], read: "TO_CHAR(?)", kind: .unordered),
            Reading(types: ["char", "nchar"], read: "RTRIM(?)", kind: .text),
            Reading(types: ["raw", "long raw", "rowid", "xmltype"], read: "?", kind: .unordered),
        ],
        wideText: nil, date: "TO_DATE(?, 'YYYY-MM-DD')",
        time: "TO_TIMESTAMP(?, 'YYYY-MM-DD HH24:MI:SS.FF6')",
        openTransactions: "SELECT xidusn || '.' || xidslot || '.' || xidsqn FROM v$transaction", padsChar: true)

    static let dameng = ODBCDialect(
        system: .dameng, name: "达梦", sql: SQLDialect(comparesRows: false),
        session: [],
        // Read committed is the default, and would give each statement a snapshot of its own.
        begin: ["SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"],
        now: "SELECT TO_CHAR(GETUTCDATE(), 'YYYY-MM-DD HH24:MI:SS.FF6')", probe: "UNISTR('\\6C49\\5B57')",
        readings: [
            Reading(
                types: ["timestamp", "datetime"], read: "TO_CHAR(?, 'YYYY-MM-DD HH24:MI:SS.FF6')", kind: .localTime),
            Reading(types: ["date"], read: "TO_CHAR(?, 'YYYY-MM-DD')", kind: .date),
            Reading(types: ["float", "real", "double"], read: "?", kind: .unordered),
            Reading(types: ["char"], read: "RTRIM(?)", kind: .text),
            Reading(types: ["binary", "varbinary", "blob", "image"], read: "RAWTOHEX(?)", kind: .unordered),
        ],
        date: "TO_DATE(?, 'YYYY-MM-DD')", time: "TO_TIMESTAMP(?, 'YYYY-MM-DD HH24:MI:SS.FF6')",
        openTransactions: "SELECT ID FROM V$TRX WHERE SESS_ID <> SESSID()", padsChar: true)

    static let postgres = ODBCDialect(
        system: .postgres, name: "PostgreSQL", sql: SQLDialect(),
        session: [
            "SET default_transaction_read_only = on", "SET row_security = off", "SET DateStyle = 'ISO, YMD'",
            "SET IntervalStyle = iso_8601", "SET bytea_output = hex", "SET extra_float_digits = 3",
            "SET standard_conforming_strings = on", "SET TimeZone = '?'", "SET application_name = 'hearth'",
        ],
        begin: ["SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"],
        readOnly: "SELECT current_setting('transaction_read_only')",
        now: "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
        probe: "convert_from('\\xE6B189E5AD97'::bytea, 'UTF8')",
        readings: [
            Reading(types: ["timestamptz"], read: "?::text", kind: .instant),
            Reading(types: ["timestamp"], read: "?::text", kind: .localTime),
            Reading(types: ["date"], read: "?::text", kind: .date),
            Reading(types: ["bpchar", "char"], read: "?::text", kind: .text),
            Reading(types: ["text", "varchar", "name"], read: "?", kind: .text),
            Reading(types: ["money"], read: "?::numeric", kind: .unordered),
            Reading(types: ["bool"], read: "CASE WHEN ? THEN 't' WHEN NOT ? THEN 'f' END", kind: .unordered),
            Reading(
                types: ["numeric", "int", "int2", "int4", "int8", "bigint", "smallint", "serial", "bigserial"],
                read: "?::text", kind: .number),
            Reading(types: ["float4", "float8"], read: "?::text", kind: .unordered),
            Reading(types: [""], read: "?::text", kind: .unordered),
        ],
        date: "?::date", time: "?::timestamp", instant: "?::timestamptz",
        openTransactions: """
            SELECT l.virtualtransaction FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'virtualxid' AND l.granted AND l.mode = 'ExclusiveLock' AND a.datname = current_database()
              AND a.pid <> pg_backend_pid() AND a.application_name <> 'hearth'
              AND coalesce(to_jsonb(a)->>'backend_type', '') <> 'autovacuum worker'
            """)

    static let sqlite = ODBCDialect(
        system: .sqlite, name: "SQLite", sql: SQLDialect(), session: ["PRAGMA query_only = 1"],
        readOnly: "SELECT query_only FROM pragma_query_only",
        now: "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')", probe: "char(27721, 23383)",
        readings: [
            // What a column holds is not what it is declared as: each value says it. The driver would give 15 digits.
            Reading(
                types: [""],
                read:
                    "CASE typeof(?) WHEN 'real' THEN CASE WHEN CAST(printf('%!.15g', ?) AS REAL) = ? THEN printf('%!.15g', ?) ELSE printf('%!.17g', ?) END WHEN 'blob' THEN '\\x' || lower(hex(?)) ELSE CAST(? AS TEXT) END",
                kind: nil)
        ],
        date: "?", time: "?", datesAreTexts: true, leastText: 4000)
}
