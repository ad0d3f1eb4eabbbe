import HeatModel
import Records

/// One pull of one stream in one snapshot, by `COPY (SELECT …) TO STDOUT`.
struct PostgresPull {
    let connection: PostgresConnection
    let stream: SQLStream
    let request: PullRequest
    /// Ordinal of the first row: a pull that was broken off may be taken up again.
    var first: Int64 = 1
    /// Most milliseconds to wait for transactions of others.
    var settleTime = 0

    /// The query sent to the server, and how its rows move the cursor.
    private struct Plan {
        var state: SQLCursor?
        var condition: [String]
        var order: [String]
        /// Expressions after the visible columns.
        var hidden: [String] = []
        var tracked: [Int] = []
        /// Cursor of the last batch, where it is not that of its last row.
        var end: SQLCursor?

        /// The cursor after a batch in which the tracked fields were last `texts`.
        mutating func move(to texts: [String]?) -> Cursor? {
            guard var state else { return nil }
            if let texts {
                if state.phase == .load { state.after = texts } else { state.from = texts.first }
                self.state = state
            }
            return state.written()
        }
    }

    func run(_ deliver: (consuming RawBatch) throws -> Void) throws -> PullSummary {
        do { return try read(deliver) } catch let error as HearthError where error.code == .sourceForbidden {
            throw PostgresRights(connection: connection, stream: stream).explained(error)
        }
    }

    private func read(_ deliver: (consuming RawBatch) throws -> Void) throws -> PullSummary {
        let table = try PostgresTable(stream, connection)
        try table.refuseHiddenRows(stream, connection)
        var summary = PullSummary()
        var isRenewed = false
        let cursor = try table.cursor.map { try follow($0, table, &summary) }
        _ = try connection.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        if let cursor, let column = table.cursor, cursor.stored?.phase == .follow, let from = cursor.result.from {
            let rule = cursor.result.rule
            let reached = try connection.run(
                "SELECT 1 FROM \(table.sql) WHERE \(rule.value) >= \(rule.literal(from)) LIMIT 1", stream: stream)
            if reached.rowCount == 0 {
                summary.noticeNothingReached(column: column.name, at: stream.relationName)
            } else if let witness = cursor.stored?.witness,
                let condition = try rule.condition(from: witness.since).first
            {
                isRenewed = try witnesses(rule, table).check(witness, reading: condition)
            }
        }
        var plan = try plan(table, cursor)
        let conditions = plan.condition + (stream.filter.map { ["(\n\($0)\n)"] } ?? [])
        let tail =
            "FROM \(table.sql)"
            + (conditions.isEmpty ? "" : " WHERE " + conditions.map { "(\($0))" }.joined(separator: " AND "))
        if stream.countsRows && request.limit == nil {
            summary.statedRows = try connection.run("SELECT count(*) \(tail)", stream: stream).text(0, 0).flatMap {
                Int64($0)
            }
        }
        let selected = (table.columns.map(\.read) + plan.hidden).joined(separator: ", ")
        var sql = "SELECT \(selected) \(tail)"
        if !plan.order.isEmpty { sql += " ORDER BY " + plan.order.joined(separator: ", ") }
        if let limit = request.limit { sql += " LIMIT \(max(0, limit))" }

        var batcher = RowBatcher(
            columns: table.columns.map(\.name), width: table.columns.count + plan.hidden.count, tracked: plan.tracked,
            origin: origin, request: request, first: first)
        var tape = try RowTape(
            request.tape, .copy, origin: origin, columns: table.columns.map(\.name), width: batcher.width, first: first)
        let sent = try connection.copy("COPY (\(sql)) TO STDOUT", stream: stream) { row, length in
            if batcher.isFull(for: length) {
                let cursor = plan.move(to: batcher.trackedTexts())
                try tape.flush()
                try hand(batcher.take(cursor: cursor, endsOrigin: false), deliver)
            }
            summary.bytes += Int64(length + 1)
            tape.append(row, length: length)
            guard batcher.appendCopyRow(row, length: length) else {
                throw HearthError(
                    .sourceBrokenData,
                    "stream \(stream.name): a row does not have the \(batcher.width) fields asked for",
                    at: .table(stream.relationName, key: nil),
                    advice: "Run again; if it stays, look at the server's log.")
            }
        }
        guard sent == batcher.total else {
            throw HearthError(
                .sourceBrokenData,
                "stream \(stream.name): \(batcher.total) rows came, the server sent \(sent)",
                at: .table(stream.relationName, key: nil), advice: "Run again.")
        }
        summary.rows = batcher.total
        let isWhole = request.limit.map { batcher.total < Int64($0) } ?? true
        let moved = plan.move(to: batcher.trackedTexts())
        var last = moved
        if isWhole, var end = plan.end ?? plan.state {
            if let rule = cursor?.result.rule, isRenewed || end.witness == nil || end.from != cursor?.stored?.from {
                end.witness = try witness(end, rule, table) ?? end.witness
            }
            last = end.written()
        }
        try tape.end()
        try hand(batcher.take(cursor: last, endsOrigin: isWhole), deliver)
        if let text = (plan.end ?? plan.state)?.from, let rule = cursor?.result.rule {
            summary.newestData = rule.instant(text)
        }
        if isWhole { summary.completeness = SQLConnector.completeness(of: summary, "COPY ended") }
        return summary
    }

    private func witnesses(_ rule: PostgresCursorRule, _ table: PostgresTable) -> WitnessQuery {
        let form = [connection.zone] + table.columns.flatMap { [$0.name, $0.type] }
        return WitnessQuery(
            stream: stream, relation: table.sql,
            key: table.key.map { key in
                WitnessQuery.Key(
                    name: PostgresTable.quoted(key.name), read: "\(key.read)::text",
                    literal: { PostgresTable.literal($0, as: key.type) })
            }, columns: table.columns.map { "\($0.read)::text" }, value: (rule.value, "\(rule.value)::text"),
            form: CursorWitness.digest(form)
        ) { sql in
            let found = try connection.run(sql, stream: stream)
            return (0..<found.rowCount).map { row in (0..<found.columnCount).map { found.text(row, $0) } }
        }
    }

    /// Of a column that the server orders by an index, and rows that it finds by one.
    private func witness(
        _ end: SQLCursor, _ rule: PostgresCursorRule, _ table: PostgresTable
    ) throws -> CursorWitness? {
        switch rule.kind {
        case .moment, .number: break
        case .textMoment, .textNumber, .text, .other: return nil
        }
        guard let from = end.from, let key = table.key.first,
            try table.hasIndex(on: rule.column.name, stream, connection),
            try table.hasIndex(on: key.name, stream, connection)
        else { return nil }
        return try witnesses(rule, table).take(at: from, where: rule.upTo(from))
    }

    /// Where the cursor column stands, read before the snapshot: what a transaction that is open by then has yet to commit is
    /// seen by the snapshot or, without a lookback, not passed by the cursor.
    private func follow(
        _ column: PostgresTable.Column, _ table: PostgresTable, _ summary: inout PullSummary
    ) throws -> (survey: PostgresSurvey, result: PostgresSurvey.Result, stored: SQLCursor?, isSettled: Bool) {
        let stored =
            try request.mode == .full
            ? nil
            : request.cursor.map {
                try SQLCursor.read(
                    $0, keyCount: stream.readsInKeyOrder ? table.key.count : 0,
                    place: .table(stream.relationName, key: nil))
            }
        if let stored, stored.keys == nil { try refusePaddedKeys(table) }
        let survey = PostgresSurvey(connection: connection, stream: stream, table: table, column: column)
        let result = try survey.run(from: stored?.from ?? stored?.high)
        if let outcome = result.outcome { summary.notice(outcome, column: column.name, at: stream.relationName) }
        // A value that was looked for before is settled, or was given up.
        let isOld = stored?.phase == .load
        let isSettled =
            try stream.lookback > 0 || isOld
            || PostgresTransactions(connection: connection, stream: stream).settle(within: .milliseconds(settleTime))
        if !isSettled {
            summary.notice(
                "cursor.transactionOpen",
                "a transaction of another session stays open, and what it has yet to commit may be older than what was read: the cursor stays where it is. Look for sessions that are idle in transaction, or set lookback to longer than the longest transaction lasts",
                at: stream.relationName)
        }
        return (survey, result, stored, isSettled)
    }

    private func hand(_ batch: consuming RawBatch, _ deliver: (consuming RawBatch) throws -> Void) throws {
        if request.isCancelled() { throw connection.cancel() }
        try deliver(batch)
    }

    private var origin: Origin {
        let isQuery = if case .query = stream.relation { true } else { false }
        let isFull = request.mode == .full || stream.cursor == nil
        return Origin(
            kind: isQuery ? .query : .table, name: stream.relationName,
            isSnapshot: isFull && stream.isSnapshot && request.limit == nil)
    }

    /// The blanks that fill up `char(n)` stood in the keys of records once: read without them, each record would be there twice.
    private func refusePaddedKeys(_ table: PostgresTable) throws {
        let padded = table.key.filter { $0.oid == 1042 }.map { column in
            "octet_length(\(PostgresTable.quoted(column.name))) <> octet_length(\(column.read))"
        }
        if padded.isEmpty { return }
        let found = try connection.run(
            "SELECT 1 FROM \(table.sql) WHERE \(padded.joined(separator: " OR ")) LIMIT 1", stream: stream)
        if found.rowCount == 0 { return }
        throw HearthError(
            .sourcePaddedKeys,
            "stream \(stream.name): its records were stored under keys with the blanks of char(n), which are no longer read",
            at: .table(stream.relationName, key: nil),
            advice:
                "Run \(.fullRefreshWithDeletes) once: every record gets its key without blanks, and the old ones end."
        )
    }

    /// How the keys of a stream with such columns are read is noted in its cursor.
    private func noted(_ cursor: SQLCursor, _ table: PostgresTable) -> SQLCursor {
        var cursor = cursor
        if table.key.contains(where: { $0.oid == 1042 }) { cursor.keys = "trimmed" }
        return cursor
    }

    private func plan(
        _ table: PostgresTable,
        _ cursor: (survey: PostgresSurvey, result: PostgresSurvey.Result, stored: SQLCursor?, isSettled: Bool)?
    ) throws -> Plan {
        let keyOrder = stream.readsInKeyOrder ? table.key.map { PostgresTable.quoted($0.name) } : []
        guard let (survey, result, stored, isSettled) = cursor else { return Plan(condition: [], order: keyOrder) }
        func high() throws -> String? { isSettled ? try survey.high(result) : nil }
        if request.mode == .full {
            return Plan(condition: [], order: keyOrder, end: noted(.follow(from: try high()), table))
        }
        if var stored, stored.phase == .follow {
            stored.from = result.from
            stored = noted(stored, table)
            let rule = result.rule
            // Where nothing is progress, nothing moves.
            let isBounded = result.bound != nil || rule.kind == .other
            let advance = isSettled && isBounded ? try rule.advance(from: result.from, upTo: result.bound) : "NULL"
            return Plan(
                state: stored, condition: try rule.condition(from: result.from),
                order: [rule.value] + table.key.map { PostgresTable.quoted($0.name) }, hidden: [advance],
                tracked: [table.columns.count])
        }
        var state = noted(try stored ?? .load(after: nil, high: high()), table)
        if state.high != nil, stored != nil { state.high = result.from }
        let loadKey = stream.readsInKeyOrder ? table.key : []
        state = state.loading(by: loadKey.map(\.type))
        var plan = Plan(state: state, condition: [], order: keyOrder, end: noted(.follow(from: state.high), table))
        for column in loadKey {
            if let index = table.columns.firstIndex(where: { $0.name == column.name }) {
                plan.tracked.append(index)
            } else {
                plan.tracked.append(table.columns.count + plan.hidden.count)
                plan.hidden.append(column.read)
            }
        }
        if let after = state.after, !after.isEmpty {
            // Not `>`: rows of equal keys may stand on both sides of a batch's end.
            let values = zip(after, loadKey).map { PostgresTable.literal($0, as: $1.type) }.joined(separator: ", ")
            let nulls = loadKey.filter(\.isNullable).map { " OR \(PostgresTable.quoted($0.name)) IS NULL" }.joined()
            plan.condition.append("(\(keyOrder.joined(separator: ", "))) >= (\(values))\(nulls)")
        }
        return plan
    }
}
