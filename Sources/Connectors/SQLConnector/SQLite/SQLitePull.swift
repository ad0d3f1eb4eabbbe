import GRDBSQLite
import HeatModel
import Records

/// One pull of one stream in one read transaction.
struct SQLitePull {
    let connection: SQLiteConnection
    let stream: SQLStream
    let request: PullRequest
    /// IANA name of the zone that the source's clock shows.
    let zone: String

    private struct Plan {
        var state: SQLCursor?
        var condition: [String] = []
        var values: [SQLiteValue] = []
        /// How the rows come.
        var sort: [String]
        var hidden: [String] = []
        /// Cursor of the last batch, where it is not that of its last row.
        var end: SQLCursor?
        /// How the cursor column grows, and the offset of its local times.
        var order: CursorOrder?
        var offsetMinutes: Int16 = 0
        var rule: SQLiteCursorRule?
        /// Whether rows are to be remembered anew.
        var isRenewed = false
        /// Where the last pull left off.
        var before: String?

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
        // The first SELECT takes the snapshot.
        try connection.execute("BEGIN")
        let table = try SQLiteTable(stream, connection)
        var summary = PullSummary()
        var plan = try plan(table, &summary)
        let conditions = plan.condition + (stream.filter.map { ["(\n\($0)\n)"] } ?? [])
        let tail =
            "FROM \(table.sql)"
            + (conditions.isEmpty ? "" : " WHERE " + conditions.map { "(\($0))" }.joined(separator: " AND "))
        if stream.countsRows && request.limit == nil {
            let count = try bound("SELECT count(*) \(tail)", plan.values)
            if try count.step() { summary.statedRows = count.text(0).flatMap { Int64($0) } }
        }
        let selected = (table.columns.map { SQLiteTable.quoted($0.name) } + plan.hidden).joined(separator: ", ")
        var sql = "SELECT \(selected) \(tail)"
        if !plan.sort.isEmpty { sql += " ORDER BY " + plan.sort.joined(separator: ", ") }
        if let limit = request.limit { sql += " LIMIT \(max(0, limit))" }

        let tracked = Array(table.columns.count..<table.columns.count + plan.hidden.count)
        var batcher = RowBatcher(
            columns: table.columns.map(\.name), width: table.columns.count + plan.hidden.count, tracked: tracked,
            origin: origin, request: request)
        var tape = try RowTape(
            request.tape, .sqlite, origin: origin, columns: table.columns.map(\.name), width: batcher.width)
        let statement = try bound(sql, plan.values)
        var row = SQLiteRow(width: batcher.width)
        while try statement.step() {
            if batcher.total & 0x3ff == 0 && request.isCancelled() { throw SQLConnector.cancelled }
            row.read(statement.handle)
            if batcher.isFull(for: row.bytes.count) {
                let cursor = plan.move(to: batcher.trackedTexts())
                try tape.flush()
                try hand(batcher.take(cursor: cursor, endsOrigin: false), deliver)
            }
            summary.bytes += Int64(row.bytes.count)
            tape.append(row.bytes, ranges: row.ranges)
            row.bytes.withUnsafeBufferPointer { batcher.append($0, ranges: row.ranges) }
        }
        summary.rows = batcher.total
        let isWhole = request.limit.map { batcher.total < Int64($0) } ?? true
        let moved = plan.move(to: batcher.trackedTexts())
        var last = moved
        if isWhole, var end = plan.end ?? plan.state {
            if let rule = plan.rule, plan.isRenewed || end.witness == nil || end.from != plan.before {
                end.witness = try witness(end, rule, table) ?? end.witness
            }
            last = end.written()
        }
        try tape.end()
        try hand(batcher.take(cursor: last, endsOrigin: isWhole), deliver)
        if let text = (plan.end ?? plan.state)?.from, let value = SQLiteValue(written: text),
            let moment = plan.order?.moment(value.content, offsetMinutes: plan.offsetMinutes)
        {
            summary.newestData = Instant(microseconds: moment, offsetMinutes: plan.offsetMinutes)
        }
        if isWhole { summary.completeness = SQLConnector.completeness(of: summary, "the result ended") }
        return summary
    }

    private func hand(_ batch: consuming RawBatch, _ deliver: (consuming RawBatch) throws -> Void) throws {
        if request.isCancelled() { throw SQLConnector.cancelled }
        try deliver(batch)
    }

    private func bound(_ sql: String, _ values: [SQLiteValue]) throws -> SQLiteStatement {
        let statement = try connection.prepare(sql, stream: stream)
        for (index, value) in values.enumerated() { statement.bind(value, at: index + 1) }
        return statement
    }

    private var origin: Origin {
        let isQuery = if case .query = stream.relation { true } else { false }
        let isFull = request.mode == .full || stream.cursor == nil
        return Origin(
            kind: isQuery ? .query : .table, name: stream.relationName,
            isSnapshot: isFull && stream.isSnapshot && request.limit == nil)
    }

    /// - Parameter values: of the query's parameters.
    private func witnesses(
        _ rule: SQLiteCursorRule, _ table: SQLiteTable, _ values: [SQLiteValue] = []
    ) -> WitnessQuery {
        WitnessQuery(
            stream: stream, relation: table.sql,
            key: table.key.map { key in
                let name = SQLiteTable.quoted(key.name)
                return WitnessQuery.Key(
                    name: name, read: SQLiteValue.sql(name), literal: { SQLiteValue(written: $0)?.literal })
            }, columns: table.columns.map { SQLiteValue.sql(SQLiteTable.quoted($0.name)) },
            value: (rule.name, SQLiteValue.sql(rule.name)),
            form: CursorWitness.digest(table.columns.flatMap { [$0.name, $0.type] })
        ) { sql in
            let statement = try bound(sql, values)
            var rows: [[String?]] = []
            while try statement.step() { rows.append((0..<statement.columnCount).map { statement.text($0) }) }
            return rows
        }
    }

    /// Of a column of numbers with an index, and rows that are found by one.
    private func witness(
        _ end: SQLCursor, _ rule: SQLiteCursorRule, _ table: SQLiteTable
    ) throws -> CursorWitness? {
        guard rule.result.kind == .number, let from = end.from, let column = table.cursor, let key = table.key.first,
            let indexes = try table.indexes(connection),
            indexes.contains(where: { $0.columns.first == column.name }),
            indexes.contains(where: { $0.columns.first == key.name })
        else { return nil }
        return try witnesses(rule, table).take(at: from, where: rule.upTo(try value(from)))
    }

    private func plan(_ table: SQLiteTable, _ summary: inout PullSummary) throws -> Plan {
        let keys = table.key.map { SQLiteTable.quoted($0.name) }
        let keyOrder = stream.readsInKeyOrder ? keys : []
        guard let cursor = table.cursor else { return Plan(sort: keyOrder) }
        let place = Place.table(stream.relationName, key: nil)
        var stored =
            try request.mode == .full
            ? nil
            : request.cursor.map { try SQLCursor.read($0, keyCount: keyOrder.count, place: place) }
        let survey = SQLiteSurvey(connection, stream, table, cursor, zone: zone)
        let last = try (stored?.from ?? stored?.high).map { try value($0) }
        let result = try survey.run(from: last, looksFor: stored == nil)
        if let outcome = result.outcome { summary.notice(outcome, column: cursor.name, at: stream.relationName) }
        let high = result.progress?.written
        let rule = SQLiteCursorRule(
            stream: stream, name: SQLiteTable.quoted(cursor.name), isNullable: cursor.isNullable, result: result,
            now: survey.now, zone: zone)
        if request.mode == .full {
            return Plan(
                sort: keyOrder, end: .follow(from: high), order: result.order, offsetMinutes: survey.now.offsetMinutes,
                rule: rule)
        }
        // What was stored by a clock that was ahead, or is a sentinel, is forgotten: all is read once more.
        let kept = result.from?.written
        if let phase = stored?.phase, phase == .follow {
            stored?.from = kept
            var isRenewed = false
            if let reached = try rule.reached() {
                let found = try bound("SELECT 1 FROM \(table.sql) WHERE \(reached.sql) LIMIT 1", [reached.value])
                if try !found.step() {
                    summary.noticeNothingReached(column: cursor.name, at: stream.relationName)
                } else if let witness = stored?.witness,
                    let read = try rule.condition(1, from: value(witness.since))
                {
                    isRenewed = try witnesses(rule, table, read.values).check(witness, reading: read.sql)
                }
            }
            let advance = try rule.advance()
            let condition = try rule.condition(advance.values.count + 1, from: result.from)
            return Plan(
                state: stored, condition: condition.map { [$0.sql] } ?? [],
                values: advance.values + (condition?.values ?? []), sort: [rule.value] + keys, hidden: [advance.sql],
                order: result.order, offsetMinutes: survey.now.offsetMinutes, rule: rule, isRenewed: isRenewed,
                before: kept)
        }
        if stored != nil { stored?.high = kept }
        let state = (stored ?? .load(after: nil, high: high)).loading(by: keyOrder.isEmpty ? [] : table.key.map(\.type))
        var plan = Plan(
            state: state, sort: keyOrder, hidden: keyOrder.map { SQLiteValue.sql($0) }, end: .follow(from: state.high),
            order: result.order, offsetMinutes: survey.now.offsetMinutes, rule: rule)
        if let after = state.after, !after.isEmpty {
            // Not `>`: rows of equal keys may stand on both sides of a batch's end.
            let nulls = table.key.filter(\.isNullable).map { " OR \(SQLiteTable.quoted($0.name)) IS NULL" }.joined()
            let places = after.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
            plan.condition = ["(\(keyOrder.joined(separator: ", "))) >= (\(places))\(nulls)"]
            plan.values = try after.map { try value($0) }
        }
        return plan
    }

    private func value(_ written: String) throws -> SQLiteValue {
        if let value = SQLiteValue(written: written) { return value }
        throw SQLConnector.badCursor(stream)
    }
}
