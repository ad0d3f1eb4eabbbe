import CLibPQ
import GRDBSQLite
package import HeatModel

/// Writes into an SQL database: one parametrised statement in a transaction of its own. What actions use; a connector never writes.
///
/// ```swift
/// let insert = try SQLWriter.Statement("INSERT INTO orders(account, ref) VALUES (:account, :reference)", names: names, of: "…")
/// let done = try writer.write(insert, ["account": "00000017", "reference": "K7Q2…"], rows: 1)
/// ```
///
/// PostgreSQL and SQLite. A value is bound, never pasted into the text; a name without a value is NULL.
package struct SQLWriter: Sendable {
    /// A statement whose values stand as `:name`.
    package struct Statement: Sendable {
        fileprivate let text: String
        fileprivate let names: [String]

        /// - Parameter names: those that it may have.
        /// - Throws: `config.badQuery` where it has another one.
        package init(_ text: String, names known: Set<String>, of subject: String) throws {
            var (out, found): (String, [String]) = ("", [])
            let characters = Array(text)
            var index = 0
            var quote: Character?
            while index < characters.count {
                let character = characters[index]
                index += 1
                if let open = quote {
                    if character == open { quote = nil }
                    out.append(character)
                    continue
                }
                if character == "'" || character == "\"" { quote = character }
                // A cast of PostgreSQL is no name.
                let isCast =
                    index < characters.count && characters[index] == ":" || index > 1 && characters[index - 2] == ":"
                guard character == ":", !isCast, index < characters.count, characters[index].isLetter else {
                    out.append(character)
                    continue
                }
                let name = String(characters[index...].prefix { $0.isLetter || $0.isNumber || $0 == "_" })
                guard known.contains(name) else {
                    throw HearthError(
                        .configBadQuery, "\(subject): :\(name) is not known",
                        advice: NearestName.advice(name, among: known.sorted()))
                }
                index += name.count
                if !found.contains(name) { found.append(name) }
                out += "$\((found.firstIndex(of: name) ?? 0) + 1)"
            }
            self.text = out
            self.names = found
        }

        package func uses(_ name: String) -> Bool { names.contains(name) }

        fileprivate func values(_ values: [String: String]) -> [String?] {
            names.map { name in values[name].flatMap { $0.isEmpty ? nil : $0 } }
        }
    }

    /// Why nothing is known to be done.
    package enum Failure: Error, Sendable {
        /// Nothing was done: no connection, or what was begun was taken back.
        case notDone(HearthError)
        /// The database refused what the statement would do, in its own words; nothing was done.
        case refused(String)
        /// The connection was lost when the work was being committed.
        case unclear(HearthError)
    }

    private let driver: SQLConnector.Driver
    private let zone: String

    /// - Throws: `config.badConnection` for a driver that cannot be written by.
    package init(_ driver: SQLConnector.Driver, zone: String) throws {
        if case .odbc = driver {
            throw HearthError(
                .configBadConnection, "actions are not written by ODBC",
                advice: "use the driver postgres or sqlite, or write by the system's SOAP service or by files")
        }
        self.driver = driver
        self.zone = zone
    }

    /// Runs a statement that must change just so many rows, or nothing is kept.
    ///
    /// - Returns: the first value of the row that it gives (`RETURNING id`); nil where it gives none.
    package func write(_ statement: Statement, _ values: [String: String], rows: Int) throws(Failure) -> String? {
        switch driver {
        case .postgres(let options): return try writePostgres(options, statement, values, rows)
        case .sqlite(let path): return try writeSQLite(path, statement, values, rows)
        case .odbc: throw .notDone(HearthError(.configBadConnection, "actions are not written by ODBC"))
        }
    }

    /// All rows that a question gives. Nothing that it would change is kept.
    package func ask(_ statement: Statement, _ values: [String: String]) throws -> [[String?]] {
        switch driver {
        case .postgres(let options):
            let connection = try PostgresConnection(options, zone: zone)
            let result = try connection.run(statement.text, statement.values(values))
            return (0..<result.rowCount).map { row in (0..<result.columnCount).map { result.text(row, $0) } }
        case .sqlite(let path):
            let connection = try SQLiteConnection(path: path, zone: zone)
            let prepared = try connection.prepare(statement.text)
            prepared.bind(statement.values(values))
            var rows: [[String?]] = []
            while try prepared.step() { rows.append((0..<prepared.columnCount).map { prepared.text($0) }) }
            return rows
        case .odbc: throw HearthError(.configBadConnection, "actions are not written by ODBC")
        }
    }

    private static func hearth(_ error: any Error) -> HearthError {
        (error as? HearthError) ?? HearthError(.sourceQueryFailed, "the statement failed", cause: error)
    }

    private static func wrongCount(_ changed: Int, _ wanted: Int) -> String {
        changed == 0 ? "no row is there that it could change" : "\(changed) rows would be changed instead of \(wanted)"
    }

    /// What PostgreSQL's own words decide; nil where they leave it open. Only what a value (class 22), a constraint (23), a view's check (44) or
    /// the database's own rule (P0001) forbids is a refusal: a deadlock, a lock or a full disk passes, and it is tried again.
    private static func judged(_ error: HearthError) -> Failure? {
        guard let said = error.cause as? PostgresFailure.ServerMessage else { return nil }
        // What is unique is there already, and may be ours.
        if said.state == "23505" { return .unclear(error) }
        let isRule = ["22", "23", "44"].contains(said.state.prefix(2)) || said.state == "P0001"
        return isRule ? .refused(said.description) : nil
    }

    private func writePostgres(
        _ options: PostgresOptions, _ statement: Statement, _ values: [String: String], _ rows: Int
    ) throws(Failure) -> String? {
        let connection: PostgresConnection
        let given: String?
        do {
            connection = try PostgresConnection(options, zone: zone, writes: true)
            _ = try connection.run("BEGIN")
            let result = try connection.run(statement.text, statement.values(values))
            let changed = PQcmdTuples(result.handle).flatMap { Int(String(cString: $0)) } ?? 0
            // The connection is closed, and with it the transaction.
            if changed != rows { throw Failure.refused(Self.wrongCount(changed, rows)) }
            given = result.rowCount > 0 && result.columnCount > 0 ? result.text(0, 0) : nil
        } catch let failure as Failure {
            throw failure
        } catch {
            let error = Self.hearth(error)
            throw Self.judged(error) ?? .notDone(error)
        }
        // A check that waits for the commit refuses there.
        do { _ = try connection.run("COMMIT") } catch {
            let error = Self.hearth(error)
            throw Self.judged(error) ?? .unclear(error)
        }
        return given
    }

    private func writeSQLite(
        _ path: String, _ statement: Statement, _ values: [String: String], _ rows: Int
    ) throws(Failure) -> String? {
        let connection: SQLiteConnection
        var given: String?
        do {
            connection = try SQLiteConnection(path: path, zone: zone, writes: true)
            try connection.execute("BEGIN IMMEDIATE")
            let prepared = try connection.prepare(statement.text)
            prepared.bind(statement.values(values))
            do {
                var isFirst = true
                while try prepared.step() {
                    if isFirst, prepared.columnCount > 0 { given = prepared.text(0) }
                    isFirst = false
                }
            } catch {
                // 2067 and 1555: what is unique is there already.
                let code = sqlite3_extended_errcode(connection.handle)
                let words = String(cString: sqlite3_errmsg(connection.handle))
                if code & 0xFF == SQLITE_CONSTRAINT, code != 2067, code != 1555 { throw Failure.refused(words) }
                throw code & 0xFF == SQLITE_CONSTRAINT ? Failure.unclear(Self.hearth(error)) : error
            }
            let changed = Int(sqlite3_changes(connection.handle))
            if changed != rows { throw Failure.refused(Self.wrongCount(changed, rows)) }
        } catch let failure as Failure {
            throw failure
        } catch {
            throw .notDone(Self.hearth(error))
        }
        do { try connection.execute("COMMIT") } catch { throw .unclear(Self.hearth(error)) }
        return given
    }
}

extension SQLiteStatement {
    /// Binds the values in order, nil as NULL.
    fileprivate func bind(_ values: [String?]) {
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        for (index, value) in values.enumerated() {
            guard let value else {
                sqlite3_bind_null(handle, Int32(index + 1))
                continue
            }
            sqlite3_bind_text(handle, Int32(index + 1), value, -1, transient)
        }
    }
}
