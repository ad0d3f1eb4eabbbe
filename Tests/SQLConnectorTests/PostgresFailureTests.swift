import HearthTesting
import HeatModel
import Records
import SQLConnector
import TestTraits
import Testing

@Suite(.waitsForServers) struct PostgresFailureTests {
    private let database: PostgresDatabase

    init() throws {
        database = try PostgresServer.shared().createDatabase()
        try database.execute(
            """
            CREATE TABLE bill(id int PRIMARY KEY, a text, at timestamptz);
            INSERT INTO bill SELECT i, 'x', '2026-01-01' FROM generate_series(1, 20) i;
            """)
    }

    private let stream = SQLStream(name: "charges", table: "bill", cursor: "at")

    @Test func aLostConnectionIsToldAndResumed() throws {
        // More than the socket's buffers hold.
        try database.execute(
            "INSERT INTO bill SELECT i, repeat('x', 2000), '2026-01-01' FROM generate_series(21, 20000) i")
        let connector = database.connector(stream)
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
        #expect(error.code.name == "source.connectionLost")
        #expect(error.advice?.isEmpty == false)
        let rest = try connector.pulled(PullRequest(stream: "charges", cursor: delivered.cursor))
        #expect(Set((delivered.rows + rest.rows).map { $0[0] }).count == 20_000)
        #expect(rest.batches.last?.endsOrigin == true)
    }

    @Test func aCancelledPullStopsTheServer() throws {
        let slow = SQLStream(name: "slow", relation: .query("SELECT 1 AS n FROM pg_sleep(600)"), key: ["n"])
        let clock = ContinuousClock()
        let start = clock.now
        let request = PullRequest(stream: "slow", isCancelled: { clock.now - start > .milliseconds(300) })
        let error = try hearthError { _ = try database.connector(slow).pulled(request) }
        #expect(error.code.name == "run.cancelled")
    }

    @Test func aStatementTimeoutIsTold() throws {
        let slow = SQLStream(name: "slow", relation: .query("SELECT 1 AS n FROM pg_sleep(600)"), key: ["n"])
        let error = try hearthError {
            _ = try database.connector(slow, statementTimeout: 1).pulled(PullRequest(stream: "slow"))
        }
        #expect(error.code.name == "source.timeout")
        #expect(error.description.contains("slow"))
    }

    @Test func nothingCanBeWritten() throws {
        try database.execute(
            """
            CREATE FUNCTION sneak() RETURNS int LANGUAGE plpgsql AS $$ BEGIN INSERT INTO bill VALUES (-1); RETURN 1; END $$;
            CREATE FUNCTION unlock() RETURNS int LANGUAGE plpgsql AS $$ BEGIN SET transaction_read_only = off; INSERT INTO bill VALUES (-2); RETURN 1; END $$;
            """)
        for query in ["SELECT sneak() AS n", "SELECT unlock() AS n", "SELECT 1 AS n); DELETE FROM bill; SELECT (1"] {
            let connector = database.connector(SQLStream(name: "w", relation: .query(query), key: ["n"]))
            #expect(throws: HearthError.self) { try connector.pulled(PullRequest(stream: "w")) }
        }
        let connector = database.connector(SQLStream(name: "w", relation: .query("SELECT sneak() AS n"), key: ["n"]))
        let error = try hearthError { _ = try connector.pulled(PullRequest(stream: "w")) }
        #expect(error.code.name == "config.writes")
        #expect(try database.execute("SELECT count(*) FROM bill") == [["20"]])
    }

    @Test func wrongNamesAreToldWithTheNearest() throws {
        func failure(_ stream: SQLStream) throws -> HearthError {
            try hearthError { _ = try database.connector(stream).pulled(PullRequest(stream: stream.name)) }
        }
        let table = try failure(SQLStream(name: "s", table: "public.bil"))
        #expect(table.code.name == "config.unknownTable")
        #expect(table.advice == "did you mean \"public.bill\"?")
        #expect(table.message.contains("stream s"))
        for stream in [
            SQLStream(name: "s", table: "bill", columns: ["idd"]), SQLStream(name: "s", table: "bill", key: ["idd"]),
            SQLStream(name: "s", table: "bill", cursor: "idd"),
        ] {
            let column = try failure(stream)
            #expect(column.code.name == "config.unknownColumn")
            #expect(column.advice == "did you mean \"id\"?")
        }
        #expect(
            try failure(SQLStream(name: "s", table: "bill", filter: "nope = 1")).code.name == "config.unknownColumn")
        #expect(try failure(SQLStream(name: "s", relation: .query("SELEC 1"))).code.name == "config.badQuery")
        let findings = database.connector(SQLStream(name: "s", table: "public.bil")).check()
        #expect(findings.contains { $0.verdict == .failed && $0.advice == "did you mean \"public.bill\"?" })
    }

    @Test func aDroppedColumnIsTold() throws {
        let connector = database.connector(SQLStream(name: "s", table: "bill", columns: ["id", "a"]))
        try database.execute("ALTER TABLE bill DROP COLUMN a")
        let error = try hearthError { _ = try connector.pulled(PullRequest(stream: "s")) }
        #expect(error.code.name == "config.unknownColumn")
    }

    @Test func aChangedTypeIsToldAndAFullPullMends() throws {
        let connector = database.connector(stream)
        let load = try connector.pulled(PullRequest(stream: "charges"))
        try database.execute("ALTER TABLE bill ALTER at TYPE bigint USING extract(epoch FROM at)::bigint")
        let error = try hearthError { _ = try connector.pulled(PullRequest(stream: "charges", cursor: load.cursor)) }
        #expect(error.code.area == "source")
        #expect(error.advice?.contains("in full") == true)
        let full = try connector.pulled(PullRequest(stream: "charges", mode: .full, cursor: load.cursor))
        #expect(try connector.pulled(PullRequest(stream: "charges", cursor: full.cursor)).rows.count == 20)
    }

    @Test func aGrantOfSomeColumnsIsEnoughForThem() throws {
        let user = "some_\(database.name)"
        try database.execute("CREATE ROLE \(user) LOGIN; GRANT SELECT (id, at) ON bill TO \(user)")
        let some = database.connector(SQLStream(name: "s", table: "bill", columns: ["id"], cursor: "at"), user: user)
        #expect(some.check().allSatisfy { $0.verdict != .failed })
        #expect(try some.pulled(PullRequest(stream: "s")).rows.count == 20)
        let all = database.connector(SQLStream(name: "s", table: "bill"), user: user)
        #expect(all.check().contains { $0.verdict == .failed && $0.subject == "stream s" })
        #expect(try hearthError { _ = try all.pulled(PullRequest(stream: "s")) }.code.name == "source.forbidden")
    }

    @Test func optionsHoldTheirTongue() {
        let options = PostgresOptions(conninfo: "host=x password=s3cret")
        var dumped = ""
        dump(SQLConnector(source: "billing", driver: .postgres(options), streams: []), to: &dumped)
        for text in ["\(options)", String(reflecting: options), dumped] { #expect(!text.contains("s3cret")) }
    }

    @Test func refusalsHoldNoPassword() throws {
        let name = database.name
        try database.execute(
            """
            DO $$ BEGIN CREATE ROLE hearth_password; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
            CREATE ROLE clerk_\(name) LOGIN PASSWORD 's3cret-right' IN ROLE hearth_password;
            """)
        func failure(_ options: PostgresOptions) throws -> HearthError {
            let connector = SQLConnector(source: "billing", driver: .postgres(options), streams: [stream])
            let error = try hearthError { _ = try connector.pulled(PullRequest(stream: "charges")) }
            for text in [error.description, error.debugDescription] + connector.check().map({ "\($0)" }) {
                #expect(!text.contains("s3cret"))
            }
            #expect(connector.check().contains { $0.verdict == .failed && $0.advice != nil })
            return error
        }
        let user = "clerk_\(name)"
        #expect(
            try failure(PostgresOptions(conninfo: database.dsn(user: user, password: "s3cret-wrong"))).code.name
                == "source.unauthorized")
        #expect(try failure(PostgresOptions(conninfo: database.dsn(user: user))).code.name == "source.unauthorized")
        let forbidden = try failure(PostgresOptions(conninfo: database.dsn(user: user, password: "s3cret-right")))
        #expect(forbidden.code.name == "source.forbidden")
        #expect(forbidden.message.contains("charges"))
        #expect(
            try failure(PostgresOptions(conninfo: "host=/nowhere user=x password=s3cret")).code.name
                == "source.unreachable")
        #expect(
            try failure(PostgresOptions(conninfo: "host=127.0.0.1 port=1 user=x password=s3cret")).code.name
                == "source.unreachable")
        #expect(
            try failure(PostgresOptions(conninfo: "host=/x password=s3cret s3cret")).code.name == "config.badConnection"
        )
        #expect(
            try failure(PostgresOptions(conninfo: database.server.dsn(database: "nope"))).code.name
                == "config.unknownDatabase")
    }

    @Test func checkTellsOfKeysIndexesAndNulls() throws {
        try database.execute(
            "CREATE TABLE loose(a int, at timestamp); CREATE TABLE tight(a int PRIMARY KEY, at timestamp NOT NULL); CREATE INDEX ON tight(at)"
        )
        let loose = database.connector(SQLStream(name: "l", table: "loose", key: ["a"], cursor: "at")).check()
        #expect(loose.filter { $0.verdict == .warning }.count == 3)
        let tight = database.connector(SQLStream(name: "t", table: "tight", cursor: "at")).check()
        #expect(tight.allSatisfy { $0.verdict == .ok })
        #expect(tight.contains { $0.subject == "read only" })
        let found = try database.connector(SQLStream(name: "t", table: "tight", cursor: "at")).discover()
        #expect(found.first?.isConfigured == true && found.first?.key == ["a"])
        let names = Set(found.map(\.name))
        #expect(names == ["t", "public.bill", "public.loose"])
        let bill = found.first { $0.name == "public.bill" }
        #expect(bill?.columns.map(\.type) == ["integer", "text", "timestamp with time zone"])
        #expect(bill?.columns.map(\.isNullable) == [false, true, true])
    }
}
