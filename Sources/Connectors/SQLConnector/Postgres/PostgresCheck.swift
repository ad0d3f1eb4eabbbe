import HeatModel
import Records

/// The questions of ``SQLConnector/check()`` to a PostgreSQL source.
struct PostgresCheck {
    let connector: SQLConnector
    let options: PostgresOptions

    func run() -> [CheckFinding] {
        var findings: [CheckFinding] = []
        do {
            let connection = try PostgresConnection(options, zone: connector.zone)
            findings.append(
                .init("connect", .ok, "PostgreSQL \(connection.serverVersion) at \(connection.target.place)"))
            let readOnly = try connection.run("SHOW transaction_read_only").text(0, 0) == "on"
            findings.append(
                readOnly
                    ? .init("read only", .ok, "the server refuses every write of this session")
                    : .init(
                        "read only", .failed, "the session could write",
                        advice: "Connect directly, not through a pooler that resets settings."))
            for stream in connector.streams { findings += check(stream, connection) }
        } catch {
            findings.append(.init("connect", error))
        }
        return findings
    }

    private func check(_ stream: SQLStream, _ connection: PostgresConnection) -> [CheckFinding] {
        let subject = "stream \(stream.name)"
        do {
            let table = try PostgresTable(stream, connection)
            try table.refuseHiddenRows(stream, connection)
            var findings = [
                CheckFinding(subject, .ok, "\(stream.relationName) has \(table.columns.count) columns to read")
            ]
            let read = table.columns + table.key + (table.cursor.map { [$0] } ?? [])
            let names = read.map { PostgresTable.quoted($0.name) }.joined(separator: ", ")
            let condition = stream.filter.map { " WHERE (\n\($0)\n)" } ?? ""
            _ = try connection.run("SELECT \(names) FROM \(table.sql)\(condition) LIMIT 0", stream: stream)
            findings += try checkKey(stream, table, connection)
            findings += try checkCursor(stream, table, connection)
            return findings
        } catch let error as HearthError where error.code == .sourceForbidden {
            return [.init(subject, PostgresRights(connection: connection, stream: stream).explained(error))]
        } catch {
            return [.init(subject, error)]
        }
    }

    private func checkKey(
        _ stream: SQLStream, _ table: PostgresTable, _ connection: PostgresConnection
    ) throws -> [CheckFinding] {
        let subject = "key of \(stream.name)"
        let names = table.key.map(\.name)
        if names.isEmpty {
            return [
                .init(
                    subject, .warning, "no key is configured and the table declares none: rows come in no order",
                    advice: "Name the columns that identify a row.")
            ]
        }
        guard let oid = table.oid else { return try checkShared(stream, table, connection) }
        let unique = try connection.run(
            """
            SELECT 1 FROM pg_index i,
              -- Before PostgreSQL 11 an index had key columns only.
              LATERAL (SELECT coalesce((to_jsonb(i)->>'indnkeyatts')::int, i.indnatts) AS count) k
            WHERE i.indrelid = $1::oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
              AND k.count = cardinality($2::text[])
              AND (SELECT array_agg(a.attname::text ORDER BY a.attname) FROM pg_attribute a
                   WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey[0:k.count - 1]))
                = (SELECT array_agg(n ORDER BY n) FROM unnest($2::text[]) n)
            LIMIT 1
            """, [oid, array(names)], stream: stream)
        if unique.rowCount > 0 { return [.init(subject, .ok, "\(names.joined(separator: ", ")) is unique")] }
        let shared = try checkShared(stream, table, connection)
        if shared.contains(where: { $0.verdict != .ok }) { return shared }
        return [
            .init(
                subject, .warning,
                "\(names.joined(separator: ", ")) has no unique index: rows may share a key, and reading in its order sorts the table",
                advice: "Ask for a unique index, or choose the columns of the primary key.")
        ]
    }

    /// Whether rows share a key, where nothing says that they cannot.
    private func checkShared(
        _ stream: SQLStream, _ table: PostgresTable, _ connection: PostgresConnection
    ) throws -> [CheckFinding] {
        let key = table.key.map { PostgresTable.quoted($0.name) }.joined(separator: ", ")
        let condition = stream.filter.map { " WHERE (\n\($0)\n)" } ?? ""
        let found = try connection.run(
            "SELECT count(*), coalesce(sum(n), 0) FROM (SELECT count(*) AS n FROM \(table.sql)\(condition) GROUP BY \(key) HAVING count(*) > 1) AS k",
            stream: stream)
        let keys = found.text(0, 0) ?? "0"
        let names = table.key.map(\.name).joined(separator: ", ")
        if keys == "0" { return [.init("key of \(stream.name)", .ok, "no two rows share \(names)")] }
        return [
            .init(
                "key of \(stream.name)", .warning, "\(found.text(0, 1) ?? "") rows share \(keys) values of \(names)",
                advice: "Name the columns that identify a row: of rows with one key only one is kept.")
        ]
    }

    private func checkCursor(
        _ stream: SQLStream, _ table: PostgresTable, _ connection: PostgresConnection
    ) throws -> [CheckFinding] {
        guard let cursor = table.cursor else { return [] }
        let subject = "cursor of \(stream.name)"
        var findings: [CheckFinding] = []
        let survey = PostgresSurvey(connection: connection, stream: stream, table: table, column: cursor)
        let result = try survey.run(from: nil)
        let high = try survey.high(result)
        _ = try result.rule.condition(from: high)
        let counts = try survey.counts(result)
        findings += counts.outcome.findings(subject, column: cursor.name)
        if table.oid != nil {
            if try !table.hasIndex(on: cursor.name, stream, connection) {
                findings.append(
                    .init(
                        subject, .warning, "\(cursor.name) has no index: each incremental pull reads the whole table",
                        advice: "Ask for an index on it."))
            }
            if cursor.isNullable {
                findings.append(
                    .init(
                        subject, .warning,
                        "\(cursor.name) may be NULL, and is in \(counts.nulls) rows: rows without it are read by every pull",
                        advice: "Ask for NOT NULL, if it always has a value."))
            }
        }
        findings += try checkLookback(stream, table, connection)
        if let order = result.rule.timeOrder {
            findings += RepeatedHour.findings(
                stream, column: cursor.name, cursor.oid == 1114 ? nil : high ?? "", order, in: connector.zone,
                now: result.rule.now)
        }
        let order = result.rule.order.map { ", read as \($0)" } ?? ""
        return findings.isEmpty ? [.init(subject, .ok, "\(cursor.name) of type \(cursor.type)\(order)")] : findings
    }

    /// Without a lookback the cursor waits for the transactions that are open; what keeps it from that is reported.
    private func checkLookback(
        _ stream: SQLStream, _ table: PostgresTable, _ connection: PostgresConnection
    ) throws -> [CheckFinding] {
        if stream.lookback > 0 { return [] }
        let subject = "lookback of \(stream.name)"
        let advice = "Set lookback to longer than the longest transaction of the legacy system lasts."
        if try connection.run("SELECT pg_is_in_recovery()", stream: stream).text(0, 0) == "t" {
            return [
                .init(
                    subject, .warning,
                    "lookback is 0 on a hot standby, which does not know of all transactions that are open on the primary: rows that are committed late may be missed",
                    advice: advice)
            ]
        }
        let settled = try PostgresTransactions(connection: connection, stream: stream).settle(
            within: .milliseconds(500))
        if settled { return [] }
        return [
            .init(
                subject, .warning,
                "lookback is 0 and a transaction of another session stays open: the cursor does not move until it has ended",
                advice: advice)
        ]
    }

    private func array(_ names: [String]) -> String {
        "{" + names.map { PostgresArray.element($0) }.joined(separator: ",") + "}"
    }
}

/// The text form of an array of texts.
private enum PostgresArray {
    static func element(_ text: String) -> String {
        "\"" + text.reduce(into: "") { $0 += $1 == "\"" || $1 == "\\" ? "\\\($1)" : "\($1)" } + "\""
    }
}
