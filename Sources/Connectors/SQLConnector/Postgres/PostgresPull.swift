import HeatModel
import Records

/// One pull of one stream in one snapshot, by `COPY (SELECT …) TO STDOUT`.
struct PostgresPull {
    let connection: PostgresConnection
    let stream: SQLStream
    let request: PullRequest

    /// What is asked of the server, and how its rows move the cursor.
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
        _ = try connection.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        let table = try PostgresTable(stream, connection)
        var plan = try plan(table)
        var summary = PullSummary()
        let conditions = plan.condition + (stream.filter.map { ["(\n\($0)\n)"] } ?? [])
        let tail =
            "FROM \(table.sql)"
            + (conditions.isEmpty ? "" : " WHERE " + conditions.map { "(\($0))" }.joined(separator: " AND "))
        if stream.countsRows && request.limit == nil {
            summary.statedRows = try connection.run("SELECT count(*) \(tail)", stream: stream).text(0, 0).flatMap {
                Int64($0)
            }
        }
        let selected = (table.columns.map { PostgresTable.quoted($0.name) } + plan.hidden).joined(separator: ", ")
        var sql = "SELECT \(selected) \(tail)"
        if !plan.order.isEmpty { sql += " ORDER BY " + plan.order.joined(separator: ", ") }
        if let limit = request.limit { sql += " LIMIT \(max(0, limit))" }

        var batcher = RowBatcher(
            columns: table.columns.map(\.name), width: table.columns.count + plan.hidden.count, tracked: plan.tracked,
            origin: origin, request: request)
        var tape = try RowTape(
            request.tape, .copy, origin: origin, columns: table.columns.map(\.name), width: batcher.width)
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
                    .init("source.brokenData"),
                    "stream \(stream.name): a row does not have the \(batcher.width) fields asked for",
                    at: .table(stream.relationName, key: nil),
                    advice: "Run again; if it stays, look at the server's log.")
            }
        }
        guard sent == batcher.total else {
            throw HearthError(
                .init("source.brokenData"),
                "stream \(stream.name): \(batcher.total) rows came, the server sent \(sent)",
                at: .table(stream.relationName, key: nil), advice: "Run again.")
        }
        summary.rows = batcher.total
        let isWhole = request.limit.map { batcher.total < Int64($0) } ?? true
        let moved = plan.move(to: batcher.trackedTexts())
        let last = isWhole ? plan.end?.written() ?? moved : moved
        try tape.end()
        try hand(batcher.take(cursor: last, endsOrigin: isWhole), deliver)
        return summary
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

    private func plan(_ table: PostgresTable) throws -> Plan {
        let keyOrder = stream.readsInKeyOrder ? table.key.map { PostgresTable.quoted($0.name) } : []
        guard let cursor = table.cursor else { return Plan(condition: [], order: keyOrder) }
        let rule = PostgresCursorRule(stream: stream, column: cursor)
        if request.mode == .full {
            return Plan(condition: [], order: keyOrder, end: .follow(from: try high(table, rule)))
        }
        let loadKey = stream.readsInKeyOrder ? table.key : []
        let stored = try request.cursor.map {
            try SQLCursor.read($0, keyCount: loadKey.count, place: .table(stream.relationName, key: nil))
        }
        if let stored, stored.phase == .follow {
            return Plan(
                state: stored, condition: try rule.condition(from: stored.from),
                order: [rule.name] + table.key.map { PostgresTable.quoted($0.name) },
                hidden: [rule.advance(from: stored.from)], tracked: [table.columns.count])
        }
        let state = try stored ?? .load(after: nil, high: high(table, rule))
        var plan = Plan(state: state, condition: [], order: keyOrder, end: .follow(from: state.high))
        for column in loadKey {
            if let index = table.columns.firstIndex(where: { $0.name == column.name }) {
                plan.tracked.append(index)
            } else {
                plan.tracked.append(table.columns.count + plan.hidden.count)
                plan.hidden.append(PostgresTable.quoted(column.name))
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

    private func high(_ table: PostgresTable, _ rule: PostgresCursorRule) throws -> String? {
        var conditions = stream.filter.map { ["(\n\($0)\n)"] } ?? []
        conditions += rule.bound.map { ["\(rule.name) <= \($0)"] } ?? []
        let condition = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        return try connection.run("SELECT max(\(rule.name)) FROM \(table.sql)\(condition)", stream: stream).text(0, 0)
    }
}
