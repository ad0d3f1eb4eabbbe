import Foundation
import GRDBSQLite
import HearthTesting
import HeatModel
import Testing

@testable import SQLConnector

/// Statements that write: bound, one transaction, and what a database refuses told from what nobody knows.
@Suite struct SQLWriterTests {
    private static let names: Set = ["account", "words", "reference"]

    private static func statement(_ text: String) throws -> SQLWriter.Statement {
        try SQLWriter.Statement(text, names: names, of: "a test")
    }

    /// What a write ends with, in words.
    private static func outcome(
        _ writer: SQLWriter, _ text: String, _ values: [String: String] = [:], rows: Int = 1
    ) throws -> String {
        let prepared = try statement(text)
        do { return "done \(try writer.write(prepared, values, rows: rows) ?? "–")" } catch {
            switch error {
            case .refused: return "refused"
            case .notDone(let error): return "not done: \(error.code)"
            case .unclear: return "unclear"
            }
        }
    }

    private func check(_ writer: SQLWriter, serial: String) throws {
        #expect(
            try Self.outcome(
                writer,
                "CREATE TABLE o(id \(serial), account TEXT NOT NULL CHECK(account <> 'bad'), words TEXT, ref TEXT UNIQUE)",
                rows: 0) == "done –")
        let insert = "INSERT INTO o(account, words, ref) VALUES (:account, :words, :reference) RETURNING id"
        let words = "'); DROP TABLE o; -- $1 :account"
        #expect(
            try Self.outcome(writer, insert, ["account": "1", "words": words, "reference": "a"]) == "done 1")
        #expect(try Self.outcome(writer, insert, ["account": "2", "reference": "b"]) == "done 2")
        // What is there already may be what we wrote.
        #expect(try Self.outcome(writer, insert, ["account": "1", "reference": "a"]) == "unclear")
        #expect(try Self.outcome(writer, insert, ["account": "bad", "reference": "c"]) == "refused")
        #expect(try Self.outcome(writer, "UPDATE o SET words = :words", ["words": "x"]) == "refused")
        #expect(try Self.outcome(writer, "UPDATE o SET words = :words WHERE ref = 'z'") == "refused")
        #expect(try Self.outcome(writer, "UPDATE nothing SET a = :account").hasPrefix("not done: config."))
        let rows = try writer.ask(
            Self.statement("SELECT id, words, ':reference' FROM o WHERE ref = :reference"), ["reference": "a"])
        #expect(rows == [["1", words, ":reference"]])
        #expect(
            try writer.ask(Self.statement("SELECT words FROM o WHERE ref = :reference"), ["reference": "b"]) == [[nil]])
        #expect(try writer.ask(Self.statement("SELECT id FROM o WHERE ref = :reference"), ["reference": "c"]).isEmpty)
        // A question changes nothing.
        #expect(throws: HearthError.self) {
            try writer.ask(Self.statement("DELETE FROM o WHERE ref = :reference RETURNING id"), ["reference": "a"])
        }
        #expect(try writer.ask(Self.statement("SELECT count(*) FROM o"), [:]) == [["2"]])
    }

    @Test func itWritesSQLite() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("writer-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var handle: OpaquePointer?
        try #require(sqlite3_open(path, &handle) == SQLITE_OK)
        sqlite3_exec(handle, "CREATE TABLE other(a)", nil, nil, nil)
        sqlite3_close(handle)
        try check(SQLWriter(.sqlite(path), zone: "Asia/Shanghai"), serial: "INTEGER PRIMARY KEY")
        let gone = try SQLWriter(.sqlite(path + "-gone"), zone: "Asia/Shanghai")
        #expect(try Self.outcome(gone, "DELETE FROM o").hasPrefix("not done: source.unreachable"))
    }

    @Test func itWritesPostgreSQL() throws {
        let database = try PostgresServer.shared().createDatabase()
        let options = PostgresOptions(conninfo: database.dsn)
        let writer = try SQLWriter(.postgres(options), zone: "Asia/Shanghai")
        try check(writer, serial: "SERIAL PRIMARY KEY")
        // Numbers are used up by what was taken back.
        #expect(
            try Self.outcome(
                writer, "UPDATE o SET words = upper(:words::text) WHERE ref = :reference",
                ["words": "a", "reference": "a"]) == "done –")
        // What passes by itself is no refusal, whatever the server calls it.
        try database.execute(
            """
            CREATE TABLE rule(state text);
            CREATE FUNCTION told() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = NEW.state; END $$;
            CREATE TRIGGER told BEFORE INSERT ON rule FOR EACH ROW EXECUTE FUNCTION told();
            """)
        for (state, outcome) in [
            ("P0001", "refused"), ("23514", "refused"), ("22003", "refused"), ("44000", "refused"),
            ("23505", "unclear"), ("40P01", "not done"), ("40001", "not done"), ("55P03", "not done"),
            ("53100", "not done"), ("57014", "not done"), ("XX000", "not done"),
        ] {
            let said = try Self.outcome(writer, "INSERT INTO rule VALUES (:words)", ["words": state])
            #expect(said.hasPrefix(outcome), "\(state): \(said)")
        }
        var nowhere = options
        nowhere.conninfo = "host=127.0.0.1 port=1 dbname=x"
        let lost = try SQLWriter(.postgres(nowhere), zone: "Asia/Shanghai")
        #expect(try Self.outcome(lost, "DELETE FROM o").hasPrefix("not done: source.unreachable"))
    }

    @Test func aNameThatIsNotKnownIsRefused() throws {
        #expect(throws: HearthError.self) { try Self.statement("DELETE FROM o WHERE a = :referenc") }
        #expect(throws: HearthError.self) {
            try SQLWriter(.odbc(ODBCOptions(system: .sqlite)), zone: "Asia/Shanghai")
        }
        let statement = try Self.statement("SELECT 'a :words', b::text, :reference")
        #expect(statement.uses("reference") && !statement.uses("words") && !statement.uses("text"))
    }
}
