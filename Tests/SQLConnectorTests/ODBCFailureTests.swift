import HearthTesting
import HeatModel
import Records
import SQLConnector
import TestTraits
import Testing

/// What goes wrong on the way to a source behind an ODBC driver is told, and loses nothing.
@Suite(.waitsForServers) struct ODBCFailureTests {
    private let database: MariaDBDatabase

    init() throws {
        database = try MariaDBServer.shared().createDatabase()
        try database.execute(
            """
            CREATE TABLE bill(id INT PRIMARY KEY, a VARCHAR(20), at DATETIME NOT NULL);
            INSERT INTO bill SELECT seq, 'x', '2026-01-01' + INTERVAL seq SECOND FROM seq_1_to_20
            """)
    }

    private let stream = SQLStream(name: "charges", table: "bill", cursor: "at", lookback: 60)

    // MARK: Drivers and connections

    @Test(arguments: [
        (ODBCOptions.System.mysql, "odbc-mariadb"), (.postgres, "odbc-postgresql"), (.sqlite, "libsqliteodbc"),
        (.sqlserver, "msodbcsql18"), (.oracle, "Instant Client"), (.dameng, "libdodbc.so"),
    ]) func aDriverThatIsNotInstalledIsNamedWithItsPackage(_ system: ODBCOptions.System, _ package: String) throws {
        for driver in ["Nope", "/nowhere/lib.so"] {
            let options = ODBCOptions(system: system, driver: driver, host: "h", password: "s3cret")
            let connector = SQLConnector(source: "billing", driver: .odbc(options), streams: [stream])
            let error = try hearthError { _ = try connector.pulled(PullRequest(stream: "charges")) }
            #expect(error.code.name == "config.badConnection" && error.message.contains(driver), "\(error)")
            #expect(error.advice?.contains(package) == true && error.advice?.contains("MariaDB Unicode") == true)
            #expect(!error.debugDescription.contains("s3cret"))
        }
    }

    @Test func refusalsHoldNoPassword() throws {
        func failure(_ change: (inout ODBCOptions) -> Void) throws -> String {
            var options = database.options()
            options.password = "s3cret"
            change(&options)
            let connector = SQLConnector(source: "billing", driver: .odbc(options), streams: [stream])
            let error = try hearthError { _ = try connector.pulled(PullRequest(stream: "charges")) }
            var dumped = "\(connector) \(options)"
            dump(connector, to: &dumped)
            for text in [error.description, error.debugDescription, dumped] + connector.check().map({ "\($0)" }) {
                #expect(!text.contains("s3cret"))
            }
            #expect(error.advice != nil && connector.check().contains { $0.verdict == .failed })
            return error.code.name
        }
        #expect(try failure { $0.user = "nobody" } == "source.unauthorized")
        #expect(
            try failure {
                $0.password = nil; $0.database = "nope"
            } == "config.unknownDatabase")
        #expect(try failure { $0.host = "/nowhere" } == "source.unreachable")
        #expect(
            try failure {
                $0.host = "127.0.0.1"; $0.port = 1
            } == "source.unreachable")
        #expect(
            try failure {
                $0.driver = nil; $0.dsn = "no such source"
            } == "config.badConnection")
        let sqlserver = ODBCOptions(
            system: .sqlserver, driver: "FreeTDS", host: "127.0.0.1", port: 1, user: "u", password: "s3cret")
        #expect(try failure { $0 = sqlserver } == "source.unreachable")
    }

    @Test(arguments: ["a b", "it's", "a;b=c", "p@ss:w/rd?#%", "密 码", "[x](y)", "{x", "x}y"])
    func aPasswordIsOneValueWhateverItHolds(_ password: String) throws {
        try database.execute(
            """
            CREATE USER 'u_\(database.name)'@'localhost' IDENTIFIED BY '\(password.replacing("'", with: "''"))';
            GRANT SELECT ON \(database.name).* TO 'u_\(database.name)'@'localhost'
            """)
        let options = database.options(user: "u_\(database.name)", password: password)
        let connector = SQLConnector(source: "billing", driver: .odbc(options), streams: [stream])
        #expect(try connector.pulled(PullRequest(stream: "charges")).rows.count == 20)
        // This user may not see the transactions of others, and is told what that means.
        let hasty = SQLConnector(
            source: "billing", driver: .odbc(options), streams: [SQLStream(name: "s", table: "bill", cursor: "at")])
        #expect(
            hasty.check().contains { $0.subject == "lookback of s" && $0.detail.contains("does not let this user") })
    }

    // MARK: Statements

    @Test func wrongNamesAreToldWithTheNearest() throws {
        func failure(_ stream: SQLStream) throws -> HearthError {
            try hearthError { _ = try database.connector(stream).pulled(PullRequest(stream: stream.name)) }
        }
        let table = try failure(SQLStream(name: "s", table: "bil"))
        #expect(table.code.name == "config.unknownTable" && table.advice == "did you mean \"bill\"?")
        for stream in [
            SQLStream(name: "s", table: "bill", columns: ["idd"]), SQLStream(name: "s", table: "bill", key: ["idd"]),
            SQLStream(name: "s", table: "bill", cursor: "idd"),
        ] {
            let column = try failure(stream)
            #expect(column.code.name == "config.unknownColumn" && column.advice == "did you mean \"id\"?")
        }
        #expect(
            try failure(SQLStream(name: "s", table: "bill", filter: "nope = 1")).code.name == "config.unknownColumn")
        #expect(try failure(SQLStream(name: "s", relation: .query("SELEC 1"))).code.name == "config.badQuery")
        let twice = try failure(SQLStream(name: "s", relation: .query("SELECT 1 AS a, 2 AS A")))
        #expect(twice.code.name == "config.badQuery")
        let qualified = database.connector(SQLStream(name: "s", table: "\(database.name).bill"))
        #expect(try qualified.pulled(PullRequest(stream: "s")).rows.count == 20)
        // An underscore is any character to a driver's catalogue.
        try database.execute("CREATE TABLE a_b(id INT PRIMARY KEY); CREATE TABLE axb(id INT PRIMARY KEY, more INT)")
        let exact = database.connector(SQLStream(name: "s", table: "a_b"))
        #expect(try exact.discover().first { $0.name == "s" }?.columns.map(\.name) == ["id"])
    }

    @Test func nothingCanBeWritten() throws {
        try database.execute(
            "DELIMITER ~~\nCREATE FUNCTION sneak() RETURNS INT BEGIN INSERT INTO bill VALUES (-1, 'x', '2026-01-01'); RETURN 1; END~~\nDELIMITER ;\nSELECT 1"
        )
        let writing = database.connector(SQLStream(name: "w", relation: .query("SELECT sneak() AS n"), key: ["n"]))
        let error = try hearthError { _ = try writing.pulled(PullRequest(stream: "w")) }
        #expect(error.code.name == "config.writes", "\(error)")
        let two = database.connector(
            SQLStream(name: "w", relation: .query("SELECT 1 AS n) x; DELETE FROM bill; SELECT (1")))
        #expect(throws: HearthError.self) { try two.pulled(PullRequest(stream: "w")) }
        #expect(try database.execute("SELECT count(*) FROM bill") == [["20"]])
    }

    @Test func aPullThatIsCancelledOrSilentStopsTheServer() throws {
        let slow = SQLStream(name: "slow", relation: .query("SELECT SLEEP(600) AS n"), key: ["n"])
        let clock = ContinuousClock()
        var start = clock.now
        let request = PullRequest(stream: "slow", isCancelled: { [start] in clock.now - start > .milliseconds(800) })
        let cancelled = try hearthError { _ = try database.connector(slow).pulled(request) }
        #expect(cancelled.code.name == "run.cancelled" && clock.now - start < .seconds(60))
        start = clock.now
        var options = database.options()
        options.silenceTimeout = 1
        let silent = SQLConnector(source: "billing", driver: .odbc(options), streams: [slow])
        let error = try hearthError { _ = try silent.pulled(PullRequest(stream: "slow")) }
        #expect(error.code.area == "source" && clock.now - start < .seconds(60), "\(error)")
    }

    /// Who may not connect once more, or whose proxy tells another connection's number, cannot have the statement ended: it is left
    /// behind, and the pull ends.
    @Test func whatCannotBeCancelledIsLeftBehind() throws {
        try database.execute(
            """
            CREATE USER single@localhost IDENTIFIED BY 'one' WITH MAX_USER_CONNECTIONS 1;
            GRANT SELECT ON `\(database.name)`.* TO single@localhost
            """)
        let slow = SQLStream(name: "slow", relation: .query("SELECT SLEEP(600) AS n"), key: ["n"])
        let options = database.options(user: "single", password: "one")
        let connector = SQLConnector(source: "billing", driver: .odbc(options), streams: [slow])
        let begin = ContinuousClock.now
        let request = PullRequest(
            stream: "slow", isCancelled: { ContinuousClock.now - begin > .milliseconds(800) })
        let error = try hearthError { _ = try connector.pulled(request) }
        #expect(error.code.name == "run.cancelled", "\(error)")
        // The server goes on with it, for nobody.
        let going = "SELECT count(*) FROM information_schema.processlist WHERE user = 'single' AND info LIKE '%SLEEP%'"
        #expect(try database.execute(going) == [["1"]])
        try database.execute("DROP USER single@localhost")
    }

    // MARK: Zones

    /// A zone whose clock is never put forward or back is an offset; any other must be known to the server by its name.
    @Test func aZoneThatTheServerDoesNotKnowIsAnOffsetOrRefused() throws {
        let database = try MariaDBServer().createDatabase()
        try database.execute(
            """
            SET time_zone = '+00:00'; CREATE TABLE t(id INT PRIMARY KEY, at TIMESTAMP NULL);
            INSERT INTO t VALUES (1, '2026-01-15 12:00:00'), (2, '2026-07-15 12:00:00')
            """)
        func read(_ zone: String) throws -> [String?] {
            try database.connector(SQLStream(name: "t", table: "t"), zone: zone).pulled(PullRequest(stream: "t")).rows
                .map { $0[1] }
        }
        #expect(try read("Asia/Shanghai") == ["2026-01-15 20:00:00", "2026-07-15 20:00:00"])
        let error = try hearthError { _ = try read("Europe/Berlin") }
        #expect(error.code.name == "config.badConnection" && error.message.contains("Europe/Berlin"), "\(error)")
        #expect(error.advice?.contains("mariadb-tzinfo-to-sql") == true)
        try database.execute(
            """
            INSERT INTO mysql.time_zone VALUES (1, 'N'); INSERT INTO mysql.time_zone_name VALUES ('Europe/Berlin', 1);
            INSERT INTO mysql.time_zone_transition_type VALUES (1, 0, 3600, 0, 'CET'), (1, 1, 7200, 1, 'CEST');
            INSERT INTO mysql.time_zone_transition VALUES (1, 0, 0), (1, 1774746000, 1), (1, 1792890000, 0)
            """)
        #expect(try read("Europe/Berlin") == ["2026-01-15 13:00:00", "2026-07-15 14:00:00"])
    }

    // MARK: Lost connections

    @Test func aLostConnectionIsToldAndResumed() throws {
        // More than one window after the one that runs when the connection ends.
        try database.execute(
            "INSERT INTO bill SELECT seq, 'y', '2026-01-01' FROM seq_21_to_120000")
        let connector = database.connector(stream)
        var delivered = Pulled()
        let error = try hearthError {
            _ = try connector.pull(PullRequest(stream: "charges", batchRows: 100)) { batch in
                delivered.batches.append(batch)
                if delivered.batches.count == 30 {
                    let ours = try database.execute(
                        "SELECT id FROM information_schema.processlist WHERE db = '\(database.name)' AND id <> CONNECTION_ID()"
                    )
                    for row in ours { try database.execute("KILL \(row[0] ?? "")") }
                }
            }
        }
        #expect(error.code.name == "source.connectionLost", "\(error)")
        let rest = try connector.pulled(PullRequest(stream: "charges", cursor: delivered.cursor))
        #expect(Set((delivered.rows + rest.rows).map { $0[0] }).count == 120_000 && rest.rows.count < 118_000)
        #expect(rest.summary.completeness != nil)
    }

    @Test func aLostConnectionOfPostgresIsToldAndResumed() throws {
        let database = try PostgresServer.shared().createDatabase()
        try database.execute(
            "CREATE TABLE bill(id int PRIMARY KEY, a text, at timestamptz); INSERT INTO bill SELECT i, repeat('x', 200), '2026-01-01' FROM generate_series(1, 20000) i"
        )
        let connector = database.odbcConnector(stream)
        var delivered = Pulled()
        let error = try hearthError {
            _ = try connector.pull(PullRequest(stream: "charges", batchRows: 100)) { batch in
                delivered.batches.append(batch)
                if delivered.batches.count == 3 {
                    try database.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hearth' AND datname = current_database()"
                    )
                }
            }
        }
        #expect(error.code.name == "source.connectionLost", "\(error)")
        let rest = try connector.pulled(PullRequest(stream: "charges", cursor: delivered.cursor))
        #expect(Set((delivered.rows + rest.rows).map { $0[0] }).count == 20_000)
    }

    // MARK: Late commits

    @Test func anOpenTransactionKeepsTheCursorBack() throws {
        // A server of its own: others' transactions keep a cursor back, too, whatever database they are in.
        let database = try MariaDBServer().createDatabase()
        try database.execute(
            """
            CREATE TABLE bill(id INT PRIMARY KEY, a VARCHAR(20), at DATETIME NOT NULL);
            INSERT INTO bill SELECT seq, 'x', '2026-01-01' + INTERVAL seq SECOND FROM seq_1_to_20
            """)
        var options = database.options()
        options.settleTime = 50
        let connector = SQLConnector(
            source: "b", driver: .odbc(options), streams: [SQLStream(name: "t", table: "bill", cursor: "at")])
        let load = try connector.pulled(PullRequest(stream: "t"))
        let session = try database.session()
        try session.execute("START TRANSACTION; INSERT INTO bill VALUES (100, 'late', '2026-01-02')")
        try database.execute("INSERT INTO bill VALUES (101, 'early', '2026-01-03')")
        let second = try connector.pulled(PullRequest(stream: "t", cursor: load.cursor))
        #expect(second.rows.map { $0[0] } == ["20", "101"] && second.cursor == load.cursor)
        #expect(second.summary.notices.map(\.code) == ["cursor.transactionOpen"])
        #expect(connector.check().contains { $0.subject == "lookback of t" && $0.verdict == .warning })
        try session.execute("COMMIT")
        let third = try connector.pulled(PullRequest(stream: "t", cursor: second.cursor))
        #expect(third.rows.map { $0[0] } == ["20", "100", "101"] && third.cursor != second.cursor)
    }

    /// Many pulls beside each other ask the server for its transactions, and each gets an answer that it can move by.
    @Test func pullsBesideEachOtherMoveTheirCursors() async throws {
        let database = try MariaDBServer().createDatabase()
        try database.execute(
            """
            CREATE TABLE bill(id INT PRIMARY KEY, a VARCHAR(20), at DATETIME NOT NULL);
            INSERT INTO bill SELECT seq, 'x', '2026-01-01' + INTERVAL seq SECOND FROM seq_1_to_20
            """)
        let connector = SQLConnector(
            source: "b", driver: .odbc(database.options()),
            streams: [SQLStream(name: "t", table: "bill", cursor: "at")])
        let cursors = try await withThrowingTaskGroup(of: [Cursor?].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try (0..<3).map { _ in try connector.pulled(PullRequest(stream: "t")).cursor }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(cursors.count == 24 && cursors.allSatisfy { $0 != nil })
    }

    @Test func checkTellsOfKeysIndexesAndNulls() throws {
        try database.execute(
            "CREATE TABLE loose(a INT, at DATETIME); CREATE TABLE tight(a INT PRIMARY KEY, at DATETIME NOT NULL); CREATE INDEX tight_at ON tight(at); CREATE VIEW gone AS SELECT * FROM loose; RENAME TABLE loose TO loose2"
        )
        let loose = database.connector(SQLStream(name: "l", table: "loose2", key: ["a"], cursor: "at", lookback: 60))
        #expect(loose.check().filter { $0.verdict == .warning }.count == 3, "\(loose.check())")
        let tight = database.connector(SQLStream(name: "t", table: "tight", cursor: "at", lookback: 60))
        #expect(tight.check().allSatisfy { $0.verdict == .ok }, "\(tight.check())")
        let found = try tight.discover()
        #expect(found.first?.isConfigured == true && found.first?.key == ["a"])
        #expect(Set(found.map(\.name)) == Set(["t"] + ["bill", "loose2", "gone"].map { "\(database.name).\($0)" }))
        #expect(found.filter { $0.trouble != nil }.map(\.name) == ["\(database.name).gone"])
        #expect(found.first?.columns.map(\.isNullable) == [false, false])
        // A float is no cursor, and says why.
        try database.execute("CREATE TABLE f(a INT PRIMARY KEY, c FLOAT)")
        let float = database.connector(SQLStream(name: "f", table: "f", cursor: "c"))
        #expect(float.check().contains { $0.verdict == .failed && $0.detail.contains("config.cursorOrder") })
    }
}
