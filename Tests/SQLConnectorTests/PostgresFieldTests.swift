import HearthTesting
import HeatModel
import Records
import SQLConnector
import TestTraits
import Testing

/// What real PostgreSQL servers did: hidden rows, padded keys, money, old offsets, sentinels.
@Suite(.waitsForServers) struct PostgresFieldTests {
    private func warnings(_ connector: SQLConnector) -> [CheckFinding] {
        connector.check().filter { $0.verdict != .ok }
    }

    // MARK: Row-level security

    @Test(arguments: ["table", "query", "view"]) func rowsThatAPolicyHidesAreRefused(_ kind: String) throws {
        let database = try PostgresServer.shared().createDatabase()
        let user = "clerk_\(database.name)"
        try database.execute(
            """
            CREATE TABLE bill(id int PRIMARY KEY, district int);
            INSERT INTO bill SELECT i, i % 3 FROM generate_series(1, 10) i;
            ALTER TABLE bill ENABLE ROW LEVEL SECURITY;
            CREATE POLICY own ON bill USING (district = 0);
            CREATE VIEW bills AS SELECT * FROM bill;
            CREATE ROLE \(user) LOGIN; GRANT SELECT ON bill, bills TO \(user);
            """)
        // A view reads as its owner, who sees all.
        if kind == "view" {
            let view = database.connector(
                SQLStream(name: "s", table: "bills", key: ["id"], countsRows: true), user: user)
            #expect(try view.pulled(PullRequest(stream: "s")).rows.count == 10)
            return
        }
        let stream =
            kind == "table"
            ? SQLStream(name: "s", table: "bill", countsRows: true)
            : SQLStream(name: "s", relation: .query("SELECT id FROM bill"), key: ["id"], countsRows: true)
        let connector = database.connector(stream, user: user)
        let error = try hearthError { _ = try connector.pulled(PullRequest(stream: "s")) }
        #expect(error.code.name == "source.rowSecurity" && error.advice?.contains("BYPASSRLS") == true)
        #expect(connector.check().contains { $0.verdict == .failed && $0.detail.contains("source.rowSecurity") })
        try database.execute("ALTER ROLE \(user) BYPASSRLS")
        #expect(try connector.pulled(PullRequest(stream: "s")).rows.count == 10)
        #expect(connector.check().allSatisfy { $0.verdict != .failed })
        // The server's owner of the table under FORCE is not above its policies either.
        try database.execute("ALTER ROLE \(user) NOBYPASSRLS; ALTER TABLE bill OWNER TO \(user)")
        #expect(try connector.pulled(PullRequest(stream: "s")).rows.count == 10)
        try database.execute("ALTER TABLE bill FORCE ROW LEVEL SECURITY")
        #expect(throws: HearthError.self) { try connector.pulled(PullRequest(stream: "s")) }
    }

    // MARK: char(n)

    @Test func theBlanksOfCharMeanNothing() throws {
        let database = try PostgresServer.shared().createDatabase()
        try database.execute(
            """
            CREATE DOMAIN code AS char(8);
            CREATE TABLE bill(hh char(10), lb code, jd varchar(6), at timestamp DEFAULT '2026-01-01', PRIMARY KEY (hh, lb));
            INSERT INTO bill VALUES ('1', 'a', 'x '), ('1', 'b', ' x'), ('10', '', ''), ('2', 'a', NULL), ('户 3', 'a', 'x');
            """)
        let stream = SQLStream(name: "s", table: "bill", columns: ["jd", "hh", "lb"], cursor: "at")
        let connector = database.connector(stream)
        let padded = try connector.pulled(PullRequest(stream: "s", batchRows: 1))
        let rows: Set<[String?]> = [
            ["x ", "1", "a"], [" x", "1", "b"], ["", "10", ""], [nil, "2", "a"], ["x", "户 3", "a"],
        ]
        #expect(Set(padded.rows) == rows)
        // Records that were stored with the blanks must not be there twice: the next pull says so, one in full goes on.
        let old = Cursor(#"{"from":"2026-01-01 00:00:00","phase":"follow","v":1}"#)
        let refused = try hearthError { _ = try connector.pulled(PullRequest(stream: "s", cursor: old)) }
        #expect(refused.code.name == "source.paddedKeys" && refused.advice?.contains("full refresh") == true)
        let full = try connector.pulled(PullRequest(stream: "s", mode: .full, cursor: old))
        #expect(try connector.pulled(PullRequest(stream: "s", cursor: full.cursor)).rows.count == 5)
        try database.execute(
            "CREATE TABLE full_up(k char(2) PRIMARY KEY, at timestamp); INSERT INTO full_up VALUES ('ab', '2026-01-01')"
        )
        let whole = database.connector(SQLStream(name: "s", table: "full_up", cursor: "at"))
        #expect(try whole.pulled(PullRequest(stream: "s", cursor: old)).rows.count == 1)
        // The column becomes varchar in the middle of a load: what the load left behind still fits, and the keys are the same.
        for batch in padded.batches.dropLast() {
            let before = Set(padded.batches.prefix { $0.cursor != batch.cursor }.flatMap { Pulled(batches: [$0]).rows })
            for type in ["char(10)", "varchar(10)", "text"] {
                try database.execute("ALTER TABLE bill ALTER hh TYPE \(type)")
                let rest = try connector.pulled(PullRequest(stream: "s", cursor: batch.cursor))
                #expect(before.union(Pulled(batches: [batch]).rows).union(rest.rows) == rows)
            }
        }
    }

    // MARK: Values

    @Test(arguments: ["C", "en_US.UTF-8", "zh_CN.UTF-8", "de_DE.UTF-8"]) func moneyIsANumber(_ locale: String) throws {
        let database = try PostgresServer.shared().createDatabase()
        let known = (try? database.execute("SET lc_monetary = '\(locale)'")) != nil
        guard known else { return }
        try database.execute("ALTER DATABASE \(database.name) SET lc_monetary = '\(locale)'")
        try database.execute(
            "CREATE TABLE t(je money PRIMARY KEY); INSERT INTO t SELECT v::numeric::money FROM (VALUES ('1234567.89'), ('-3.5'), ('0')) s(v)"
        )
        let stream = SQLStream(name: "t", table: "t", cursor: nil)
        let pulled = try database.connector(stream).pulled(PullRequest(stream: "t", batchRows: 1))
        #expect(pulled.rows == [["-3.50"], ["0.00"], ["1234567.89"]])
    }

    @Test func floatsAndOldOffsetsComeExactly() throws {
        let database = try PostgresServer.shared().createDatabase()
        try database.execute(
            """
            CREATE TABLE t(id int PRIMARY KEY, f float8, g float4, at timestamptz);
            INSERT INTO t VALUES (1, 1.5e300, 1.5e-7, '1900-01-01 00:00:00+08:05:43'), (2, 1500, 1e20, '2026-01-01 08:00+08');
            """)
        let connector = database.connector(SQLStream(name: "t", table: "t", cursor: "at"))
        let pulled = try connector.pulled(PullRequest(stream: "t"))
        #expect(
            pulled.rows == [
                ["1", "1.5e+300", "1.5e-07", "1900-01-01 00:00:00+08:05:43"],
                ["2", "1500", "1e+20", "2026-01-01 08:00:00+08"],
            ])
        #expect(pulled.cursor?.text.contains("2026-01-01 08:00:00+08") == true)
        #expect(pulled.summary.newestData == Instant("2026-01-01T08:00:00+08:00"))
        // The placeholder is no time of a change: its row is read by every pull.
        #expect(try connector.pulled(PullRequest(stream: "t", cursor: pulled.cursor)).rows.count == 2)
    }

    // MARK: Queries

    @Test(arguments: [
        "SELECT id FROM bill;", "SELECT id FROM bill ; -- the end;\n",
        "SELECT id FROM bill WHERE a <> ';' ;;\n/* ; */ ",
        "SELECT id FROM bill WHERE a <> $x$;'$x$;", "SELECT id FROM bill -- no; end",
    ]) func aSemicolonEndsAQuery(_ query: String) throws {
        let database = try PostgresServer.shared().createDatabase()
        try database.execute("CREATE TABLE bill(id int, a text); INSERT INTO bill VALUES (1, 'x')")
        let stream = SQLStream(name: "s", relation: .query(query), key: ["id"])
        #expect(try database.connector(stream).pulled(PullRequest(stream: "s")).rows == [["1"]])
        if query.contains("$") { return }
        let file = try SQLiteFile("CREATE TABLE bill(id int, a text); INSERT INTO bill VALUES (1, 'x')")
        #expect(try file.connector(stream).pulled(PullRequest(stream: "s")).rows == [["1"]])
    }

    @Test(arguments: ["SELECT 1 AS a, 2 AS a", "SELECT b.id, c.id FROM bill b, bill c", "SELECT *, id FROM bill"])
    func aNameThatAQueryGivesTwiceIsRefused(_ query: String) throws {
        let table = "CREATE TABLE bill(id int); INSERT INTO bill VALUES (1)"
        let database = try PostgresServer.shared().createDatabase()
        try database.execute(table)
        let file = try SQLiteFile(table)
        let stream = SQLStream(name: "s", relation: .query(query))
        for connector in [database.connector(stream), file.connector(stream)] {
            let error = try hearthError { _ = try connector.pulled(PullRequest(stream: "s")) }
            #expect(error.code.name == "config.badQuery" && error.advice?.contains("AS") == true)
            #expect(connector.check().contains { $0.verdict == .failed })
        }
    }

    @Test func twoStatementsStayRefused() throws {
        let database = try PostgresServer.shared().createDatabase()
        try database.execute("CREATE TABLE bill(id int)")
        for query in ["SELECT 1 AS id; SELECT 2 AS id", "SELECT 1 AS id; DELETE FROM bill;"] {
            let stream = SQLStream(name: "s", relation: .query(query))
            #expect(throws: HearthError.self) { try database.connector(stream).pulled(PullRequest(stream: "s")) }
        }
    }

    // MARK: Credentials

    @Test(arguments: [
        "a b", "it's", "back\\slash", "x' sslmode=disable host=evil '", "p@ss:w/rd?#%", "=", " '\\ '", "密 码",
    ])
    func aPasswordIsOneValueWhateverItHolds(_ password: String) throws {
        let database = try PostgresServer.shared().createDatabase()
        let user = "u_\(database.name)"
        let literal = "'" + password.replacing("'", with: "''") + "'"
        try database.execute(
            """
            DO $$ BEGIN CREATE ROLE hearth_password; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
            CREATE ROLE \(user) LOGIN PASSWORD \(literal) IN ROLE hearth_password;
            """)
        let stream = SQLStream(name: "s", relation: .query("SELECT current_user::text AS who"), key: ["who"])
        let server = database.server
        var byKey = PostgresOptions(
            host: server.socketDirectory, port: server.port, database: database.name, user: user, password: password)
        func who(_ options: PostgresOptions) throws -> [[String?]] {
            try SQLConnector(source: "b", driver: .postgres(options), streams: [stream]).pulled(
                PullRequest(stream: "s")
            ).rows
        }
        #expect(try who(byKey) == [[user]])
        byKey.password = password + "x"
        let error = try hearthError { _ = try who(byKey) }
        #expect(error.code.name == "source.unauthorized")
        #expect(password.count < 4 || !error.debugDescription.contains(password))
        // Put into a connection string, quoted or not, or into an address.
        let plain = database.dsn(user: user)
        for before in ["\(plain) password=", "\(plain) password='", "\(plain) password = "] {
            let value = try #require(PostgresOptions.quoted(password, after: before))
            let conninfo = before + value + (before.hasSuffix("'") ? "'" : "") + " application_name=x"
            #expect(try who(PostgresOptions(conninfo: conninfo)) == [[user]], "\(before)")
        }
        let address = "postgresql://\(user):"
        let rest = "@/\(database.name)?host=\(server.socketDirectory)&port=\(server.port)"
        #expect(
            try who(
                PostgresOptions(conninfo: address + (PostgresOptions.quoted(password, after: address) ?? "") + rest))
                == [[user]])
    }

    @Test func aSecretIsNeverASetting() {
        #expect(PostgresOptions.quoted("host=evil", after: "dbname=x ") == nil)
        #expect(PostgresOptions.quoted("host=evil", after: "") == nil)
        #expect(PostgresOptions.quoted("evil", after: "dbname=x ho") == nil)
        #expect(PostgresOptions.quoted("", after: "dbname=x password=") == "''")
        #expect(PostgresOptions.quoted("", after: "dbname=x ") == "")
        #expect(PostgresOptions.quoted("a b", after: "password=") == "a\\ b")
        #expect(PostgresOptions.quoted("a b", after: "password='x") == "a b")
    }
}
