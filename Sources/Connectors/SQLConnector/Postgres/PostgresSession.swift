import HeatModel
import Records

/// PostgreSQL's answers to what a check, a discovery and a pull ask.
extension PostgresConnection: SQLSession {
    var dialect: SQLDialect { Self.dialect }
    static let dialect = SQLDialect()

    var greeting: String { "PostgreSQL \(serverVersion) at \(target.place)" }
    var form: RowTape.Form { .copy }
    var remembersAsRead: Bool { true }

    func ask(_ sql: String, stream: SQLStream?) throws -> [[String?]] {
        let found = try run(sql, stream: stream)
        return (0..<found.rowCount).map { row in (0..<found.columnCount).map { found.text(row, $0) } }
    }

    func read(_ sql: String, stream: SQLStream, _ take: (SQLRow) throws -> Void) throws -> Int64? {
        try copy("COPY (\(sql)) TO STDOUT", stream: stream) { try take(.copyText($0, length: $1)) }
    }

    func begin(_ stream: SQLStream) throws {
        _ = try run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", stream: stream)
    }

    func readOnlyFinding() throws -> CheckFinding {
        try run("SHOW transaction_read_only").text(0, 0) == "on"
            ? CheckFinding("read only", .ok, "the server refuses every write of this session")
            : CheckFinding(
                "read only", .failed, "the session could write",
                advice: "Connect directly, not through a pooler that resets settings.")
    }

    func now(_ stream: SQLStream) throws -> Instant {
        let found = try run(
            "SELECT (extract(epoch FROM t) * 1000000)::bigint, extract(timezone FROM t)::int / 60 FROM clock_timestamp() AS t"
        )
        guard let moment = found.text(0, 0).flatMap({ Int64($0) }), let offset = found.text(0, 1).flatMap({ Int16($0) })
        else { throw PostgresFailure.lost(self, stream: stream) }
        return Instant(microseconds: moment, offsetMinutes: offset)
    }

    // MARK: Values

    func text(_ sql: String, of column: SQLColumn) -> String { "\(sql)::text" }

    func literal(_ written: String, of column: SQLColumn) -> String? {
        // A text of money is read by the marks of the server's country, a number is not.
        SQLDialect.literal(written) + "::" + (column.type == "money" ? "numeric::money" : column.type)
    }

    func literal(_ moment: Instant, of column: SQLColumn) -> String {
        let text = moment.description
        switch column.kind {
        case .date: return "'\(text.prefix(10))'::date"
        case .instant: return "'\(text)'::timestamptz"
        // Without the offset, of six characters.
        default: return "'\(text.dropLast(6))'::timestamp"
        }
    }

    func position(_ column: SQLColumn, _ order: CursorOrder, now: Instant) throws -> String? {
        switch order {
        case .instant, .format: PostgresMoment(column.quoted, order, offsetMinutes: now.offsetMinutes).sql
        case .digits, .number, .counter:
            "(CASE WHEN \(column.quoted) ~ '^\\s*[+-]?\\d{1,30}(\\.\\d{1,30})?\\s*$' THEN trim(\(column.quoted))::numeric END)"
        case .text: bytewise(column)
        }
    }

    func bytewise(_ column: SQLColumn) -> String? { "(\(column.quoted)::text COLLATE \"C\")" }

    func oddTexts(_ column: SQLColumn, haveDigits: Bool) -> [String] {
        haveDigits ? ["\(column.quoted) !~ '[0-9]'"] : []
    }

    /// Texts that differ by their digits only are of one spelling.
    func judge(
        _ column: SQLColumn, of table: SQLTable, _ stream: SQLStream, by judge: inout CursorColumn
    ) throws {
        let shapes = try run(
            """
            SELECT min(v), max(v), count(*) FROM (SELECT \(column.quoted)::text COLLATE "C" AS v \(table.rows(stream, where: ["\(column.quoted) IS NOT NULL"]))) AS t
            GROUP BY translate(v, '123456789', '000000000') ORDER BY 3 DESC, 1 LIMIT 256
            """, stream: stream)
        for row in 0..<shapes.rowCount {
            let count = shapes.text(row, 2).flatMap { Int($0) } ?? 0
            if count > 1 { judge.take(shapes.text(row, 0) ?? "", rows: count - 1) }
            judge.take(shapes.text(row, 1) ?? "")
        }
    }

    // MARK: Facts

    private func isStandby(_ stream: SQLStream) throws -> Bool {
        try run("SELECT pg_is_in_recovery()", stream: stream).text(0, 0) == "t"
    }

    func settle(_ stream: SQLStream, within time: Duration?) throws -> Bool? {
        try PostgresTransactions(connection: self, stream: stream, isStandby: isStandby(stream))
            .settle(within: time ?? .milliseconds(settleTime))
    }

    func lateCommits(_ stream: SQLStream) throws -> String? {
        if try isStandby(stream) {
            return
                "lookback is 0 on a hot standby, which does not know of all transactions that are open on the primary: rows that are committed late may be missed"
        }
        return try settle(stream, within: .milliseconds(500)) == true
            ? nil
            : "lookback is 0 and a transaction of another session stays open: the cursor does not move until it has ended"
    }

    /// The server refuses to read past a policy, for `row_security` is off; the error comes before the first row.
    func refuseHiddenRows(_ relation: SQLRelation, _ stream: SQLStream) throws {
        guard let oid = relation.identity else { return }
        if try run("SELECT row_security_active($1::oid)", [oid], stream: stream).text(0, 0) == "t" {
            throw PostgresFailure.rowSecurity(stream, self)
        }
    }

    func paddedKeys(_ key: [SQLColumn]) -> String? {
        let padded = key.filter(\.isPadded).map { "octet_length(\($0.quoted)) <> octet_length(\($0.read))" }
        return padded.isEmpty ? nil : padded.joined(separator: " OR ")
    }

    func explained(_ error: HearthError, _ stream: SQLStream) -> HearthError {
        PostgresRights(connection: self, stream: stream).explained(error)
    }
}
