import Foundation
import HearthTesting
import Records
import SQLConnector
import TestTraits
import Testing

@Suite(.waitsForServers) struct SQLConformanceTests {
    private static let rows: [[String?]] = [
        ["1", "a", "张伟", "12.50"], ["1", "b", nil, "0.00"], ["2", "a", "", "-3.25"],
        ["3", "a", "tab\tand\nline \\N", nil],
        ["4", "甲", "𠮷野家", "99999999999.99"], ["5", "a", "张伟", "12.50"], ["6", "z", "\\N", "1.00"],
    ]
    private static let columns = ["hh", "fylb", "name", "ysje"]

    private static func inserts() -> String {
        rows.enumerated().map { index, row in
            let values = row.map { $0.map { "'" + $0.replacingOccurrences(of: "'", with: "''") + "'" } ?? "NULL" }
            return "INSERT INTO bill VALUES (\(values.joined(separator: ", ")), '2026-01-0\(index % 5 + 1) 08:00:00');"
        }.joined()
    }

    private static func stream(cursor: String?) -> SQLStream {
        SQLStream(
            name: "charges", table: "bill", columns: columns, key: ["hh", "fylb"], cursor: cursor, countsRows: true)
    }

    @Test(arguments: [nil, "updated_at"]) func postgres(cursor: String?) throws {
        let database = try PostgresServer.shared().createDatabase()
        try database.execute(
            """
            CREATE TABLE bill(hh int, fylb text, name text, ysje numeric(14,2), updated_at timestamp, PRIMARY KEY (hh, fylb));
            \(Self.inserts())
            """)
        let connector = database.connector(Self.stream(cursor: cursor))
        let fixture = ConnectorFixture(
            stream: "charges", columns: Self.columns, rows: Self.rows, connector: { connector },
            brokenConnector: {
                SQLConnector(
                    source: "billing",
                    driver: .postgres(PostgresOptions(conninfo: "host=/nowhere dbname=x password=geheim")),
                    streams: [Self.stream(cursor: cursor)])
            },
            withholdingConnector: {
                // The server ends the session in the middle of the result.
                var stream = Self.stream(cursor: cursor)
                stream.relation = .query(
                    "SELECT hh, fylb, CASE WHEN hh = 4 THEN pg_terminate_backend(pg_backend_pid())::text ELSE name END AS name, ysje, updated_at FROM bill"
                )
                stream.countsRows = false
                return database.connector(stream)
            },
            fingerprint: {
                try database.execute("SELECT md5(string_agg(t::text, '|' ORDER BY t)) FROM bill t")[0][0] ?? ""
            })
        let failures = ConnectorConformance(fixture: fixture).run()
        #expect(failures.isEmpty, "\(failures)")
    }

    @Test(arguments: [nil, "updated_at"]) func odbcMariaDB(cursor: String?) throws {
        let database = try MariaDBServer.shared().createDatabase()
        try database.execute(
            """
            CREATE TABLE bill(hh INT, fylb VARCHAR(8) COLLATE utf8mb4_bin, name VARCHAR(40), ysje DECIMAL(14,2), updated_at DATETIME, PRIMARY KEY (hh, fylb));
            \(Self.inserts().replacingOccurrences(of: "\\", with: "\\\\"))
            CREATE FUNCTION broken(n INT) RETURNS INT BEGIN IF n = 4 THEN SIGNAL SQLSTATE '45000'; END IF; RETURN n; END
            """.replacingOccurrences(of: "CREATE FUNCTION", with: "DELIMITER ~~\nCREATE FUNCTION") + "~~\nDELIMITER ;\n"
        )
        try conforms(
            cursor, database.connector(Self.stream(cursor: cursor)),
            broken: ODBCOptions(system: .mysql, driver: "MariaDB Unicode", host: "/nowhere", password: "geheim"),
            withholding: {
                var stream = Self.stream(cursor: cursor)
                stream.relation = .query("SELECT broken(hh) AS hh, fylb, name, ysje, updated_at FROM bill")
                stream.countsRows = false
                return database.connector(stream)
            }, fingerprint: { "\(try database.execute("SELECT * FROM bill ORDER BY 1, 2"))" })
    }

    @Test(arguments: [nil, "updated_at"]) func odbcPostgres(cursor: String?) throws {
        let database = try PostgresServer.shared().createDatabase()
        try database.execute(
            """
            CREATE TABLE bill(hh int, fylb text COLLATE "C", name text, ysje numeric(14,2), updated_at timestamp, PRIMARY KEY (hh, fylb));
            \(Self.inserts())
            """)
        try conforms(
            cursor, database.odbcConnector(Self.stream(cursor: cursor)),
            broken: ODBCOptions(system: .postgres, driver: "PostgreSQL Unicode", host: "/nowhere", password: "geheim"),
            withholding: {
                var stream = Self.stream(cursor: cursor)
                stream.relation = .query(
                    "SELECT hh, fylb, CASE WHEN hh = 4 THEN pg_terminate_backend(pg_backend_pid())::text ELSE name END AS name, ysje, updated_at FROM bill"
                )
                stream.countsRows = false
                return database.odbcConnector(stream)
            },
            fingerprint: {
                try database.execute("SELECT md5(string_agg(t::text, '|' ORDER BY t)) FROM bill t")[0][0] ?? ""
            })
    }

    @Test(arguments: [nil, "updated_at"]) func odbcSQLite(cursor: String?) throws {
        let file = try SQLiteFile(
            """
            CREATE TABLE bill(hh INTEGER NOT NULL, fylb TEXT NOT NULL, name TEXT, ysje TEXT, updated_at TEXT, PRIMARY KEY (hh, fylb));
            \(Self.inserts())
            """)
        try conforms(
            cursor, file.odbcConnector(Self.stream(cursor: cursor)),
            broken: ODBCOptions(system: .sqlite, driver: "/nowhere/lib.so", database: "/nowhere/x.db"),
            withholding: {
                var stream = Self.stream(cursor: cursor)
                stream.relation = .query(
                    "SELECT hh, fylb, CASE WHEN hh = 4 THEN abs(-9223372036854775808) ELSE name END AS name, ysje, updated_at FROM bill"
                )
                stream.countsRows = false
                return file.odbcConnector(stream)
            }, fingerprint: { try Data(contentsOf: URL(fileURLWithPath: file.path)).base64EncodedString() })
    }

    private func conforms(
        _ cursor: String?, _ connector: SQLConnector, broken: ODBCOptions,
        withholding: @escaping @Sendable () throws -> any Connector,
        fingerprint: @escaping @Sendable () throws -> String
    ) throws {
        let fixture = ConnectorFixture(
            stream: "charges", columns: Self.columns, rows: Self.rows, connector: { connector },
            brokenConnector: {
                SQLConnector(source: "billing", driver: .odbc(broken), streams: [Self.stream(cursor: cursor)])
            }, withholdingConnector: withholding, fingerprint: fingerprint)
        let failures = ConnectorConformance(fixture: fixture).run()
        #expect(failures.isEmpty, "\(failures)")
    }

    @Test(arguments: [nil, "updated_at"]) func sqlite(cursor: String?) throws {
        let file = try SQLiteFile(
            """
            CREATE TABLE bill(hh INTEGER NOT NULL, fylb TEXT NOT NULL, name TEXT, ysje TEXT, updated_at TEXT, PRIMARY KEY (hh, fylb));
            \(Self.inserts())
            """)
        let fixture = ConnectorFixture(
            stream: "charges", columns: Self.columns, rows: Self.rows,
            connector: { file.connector(Self.stream(cursor: cursor)) },
            brokenConnector: {
                SQLConnector(
                    source: "billing", driver: .sqlite("/nowhere/x.db"), streams: [Self.stream(cursor: cursor)])
            },
            withholdingConnector: {
                // A copy of the file that was cut: its table's last pages are gone.
                let copy = try SQLiteFile(
                    """
                    CREATE TABLE bill(hh INTEGER NOT NULL, fylb TEXT NOT NULL, name TEXT, ysje TEXT, updated_at TEXT, PRIMARY KEY (hh, fylb)) WITHOUT ROWID;
                    \(Self.inserts())
                    WITH RECURSIVE i(n) AS (SELECT 10 UNION ALL SELECT n + 1 FROM i WHERE n < 500)
                    INSERT INTO bill SELECT n, 'z', printf('%.200c', 'x'), '1.00', '2026-01-01 08:00:00' FROM i;
                    """)
                let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: copy.path))
                try handle.truncate(atOffset: handle.seekToEnd() / 2 & ~4095)
                try handle.close()
                return KeptConnector(connector: copy.connector(Self.stream(cursor: cursor)), file: copy)
            },
            fingerprint: { try Data(contentsOf: URL(fileURLWithPath: file.path)).base64EncodedString() })
        let failures = ConnectorConformance(fixture: fixture).run()
        #expect(failures.isEmpty, "\(failures)")
    }
}

/// A connector that keeps its file.
private struct KeptConnector: Connector {
    let connector: SQLConnector
    let file: SQLiteFile
    var source: String { connector.source }
    func check() -> [CheckFinding] { connector.check() }
    func accountKey(of stream: String) -> AccountKey? { nil }
    func discover() throws -> [StreamDescription] { try connector.discover() }
    func pull(_ request: PullRequest, deliver: (consuming RawBatch) throws -> Void) throws -> PullSummary {
        try connector.pull(request, deliver: deliver)
    }
}
