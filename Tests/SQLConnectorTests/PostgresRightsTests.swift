import HearthTesting
import HeatModel
import Records
import SQLConnector
import TestTraits
import Testing

/// What the server refuses for a column, told with the column and the GRANT to ask for.
@Suite(.waitsForServers) struct PostgresRightsTests {
    private static func query(_ text: String) -> SQLStream { SQLStream(name: "s", relation: .query(text)) }

    @Test(arguments: [
        (SQLStream(name: "s", table: "bill"), "GRANT SELECT (a, \"B c\") ON public.bill TO"),
        (
            SQLStream(name: "s", table: "bill", columns: ["id", "a"], cursor: "at"),
            "GRANT SELECT (a) ON public.bill TO"
        ),
        (
            SQLStream(name: "s", table: "bill", columns: ["id"], filter: "A <> 'x'"),
            "GRANT SELECT (a) ON public.bill TO"
        ),
        (SQLStream(name: "s", table: "bill", columns: ["id"], key: ["a"]), "GRANT SELECT (a) ON public.bill TO"),
        (
            SQLStream(name: "s", table: "bill", columns: ["id"], cursor: "a", cursorOrder: .text),
            "GRANT SELECT (a) ON public.bill TO"
        ),
        (query("SELECT id, a FROM bill"), "GRANT SELECT (a) ON public.bill TO"),
        (query("SELECT * FROM bill"), "GRANT SELECT (a, \"B c\") ON public.bill TO"),
        (
            query("SELECT b.id FROM bill b JOIN payer p ON p.id = b.id"),
            "GRANT SELECT ON public.payer TO"
        ),
        (SQLStream(name: "s", table: "payer"), "GRANT SELECT ON public.payer TO"),
    ]) func theColumnAndTheGrantAreNamed(_ stream: SQLStream, _ grant: String) throws {
        let database = try PostgresServer.shared().createDatabase()
        let user = "some_\(database.name)"
        try database.execute(
            """
            CREATE TABLE bill(id int PRIMARY KEY, a text, "B c" text, at timestamptz); CREATE TABLE payer(id int PRIMARY KEY);
            INSERT INTO bill VALUES (1, 'secret', 'secret', '2026-01-01');
            CREATE ROLE \(user) LOGIN; GRANT SELECT (id, at) ON bill TO \(user);
            """)
        let connector = database.connector(stream, user: user)
        let error = try hearthError { _ = try connector.pulled(PullRequest(stream: "s")) }
        #expect(error.code.name == "source.forbidden" && error.message.contains("stream s"), "\(error)")
        #expect(error.advice?.contains("\(grant) \(user);") == true, "\(error)")
        #expect(connector.check().contains { $0.verdict == .failed && $0.advice?.contains(grant) == true })
        // What is asked for is enough.
        for statement in (error.advice?.description ?? "").split(separator: ";") {
            if let start = statement.firstRange(of: "GRANT") {
                try database.execute(String(statement[start.lowerBound...]))
            }
        }
        _ = try connector.pulled(PullRequest(stream: "s"))
    }
}
