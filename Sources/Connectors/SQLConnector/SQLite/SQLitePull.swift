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
        var order: [String]
        var hidden: [String] = []
        /// Cursor of the last batch, where it is not that of its last row.
        var end: SQLCursor?

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
        var plan = try plan(table)
        let conditions = plan.condition + (stream.filter.map { ["(\n\($0)\n)"] } ?? [])
        let tail =
            "FROM \(table.sql)"
            + (conditions.isEmpty ? "" : " WHERE " + conditions.map { "(\($0))" }.joined(separator: " AND "))
        var summary = PullSummary()
        if stream.countsRows && request.limit == nil {
            let count = try bound("SELECT count(*) \(tail)", plan.values)
            if try count.step() { summary.statedRows = count.text(0).flatMap { Int64($0) } }
        }
        let selected = (table.columns.map { SQLiteTable.quoted($0.name) } + plan.hidden).joined(separator: ", ")
        var sql = "SELECT \(selected) \(tail)"
        if !plan.order.isEmpty { sql += " ORDER BY " + plan.order.joined(separator: ", ") }
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
        let last = isWhole ? plan.end?.written() ?? moved : moved
        try tape.end()
        try hand(batcher.take(cursor: last, endsOrigin: isWhole), deliver)
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

    private func plan(_ table: SQLiteTable) throws -> Plan {
        let keys = table.key.map { SQLiteTable.quoted($0.name) }
        let keyOrder = stream.readsInKeyOrder ? keys : []
        guard let cursor = table.cursor else { return Plan(order: keyOrder) }
        let name = SQLiteTable.quoted(cursor.name)
        let rule = SQLiteCursorRule(name: name, zone: zone)
        if request.mode == .full { return Plan(order: keyOrder, end: .follow(from: try high(table, rule))) }
        let place = Place.table(stream.relationName, key: nil)
        var stored = try request.cursor.map { try SQLCursor.read($0, keyCount: keyOrder.count, place: place) }
        // Stored before such values were passed over, or by a clock that was ahead: all is read once more.
        if let high = stored?.high, try !rule.moves(value(high), connection) { stored?.high = nil }
        if let from = stored?.from, try !rule.moves(value(from), connection) { stored?.from = nil }
        if let stored, stored.phase == .follow {
            var plan = Plan(
                state: stored, order: [name] + keys,
                hidden: ["CASE WHEN \(rule.moves) THEN \(SQLiteValue.sql(name)) END"])
            if let from = try stored.from.map({ try value($0) }) {
                // Parameter 1 is the value seen last, 2 the one to begin from.
                plan.hidden = ["CASE WHEN \(name) > ?1 AND \(rule.moves) THEN \(SQLiteValue.sql(name)) END"]
                var condition = "\(name) >= ?2"
                if cursor.isNullable { condition += " OR \(name) IS NULL" }
                // Numbers and texts that stand before any date. Not '0', which a column of numbers would compare as one.
                if case .text = from { condition += " OR \(name) < '0-'" }
                plan.condition = [condition]
                plan.values = [from, try SQLiteLookback(connection: connection, stream: stream).begin(from)]
            }
            return plan
        }
        let state = try stored ?? .load(after: nil, high: high(table, rule))
        var plan = Plan(
            state: state, order: keyOrder, hidden: keyOrder.map { SQLiteValue.sql($0) }, end: .follow(from: state.high))
        if let after = state.after, !after.isEmpty {
            // Not `>`: rows of equal keys may stand on both sides of a batch's end.
            let nulls = table.key.filter(\.isNullable).map { " OR \(SQLiteTable.quoted($0.name)) IS NULL" }.joined()
            let places = after.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
            plan.condition = ["(\(keyOrder.joined(separator: ", "))) >= (\(places))\(nulls)"]
            plan.values = try after.map { try value($0) }
        }
        return plan
    }

    private func high(_ table: SQLiteTable, _ rule: SQLiteCursorRule) throws -> String? {
        let filter = stream.filter.map { "(\n\($0)\n) AND " } ?? ""
        // By the order, not max(): an index is then walked from its end to the first value that counts.
        let sql = """
            SELECT \(SQLiteValue.sql("high")) FROM (SELECT \(rule.name) AS high FROM \(table.sql)
            WHERE \(filter)\(rule.moves) ORDER BY \(rule.name) DESC LIMIT 1)
            """
        return try connection.rows(sql, stream: stream).first?[0]
    }

    private func value(_ written: String) throws -> SQLiteValue {
        if let value = SQLiteValue(written: written) { return value }
        throw HearthError(
            .init("source.badCursor"), "the stored cursor does not fit this stream",
            at: .table(stream.relationName, key: nil),
            advice: "If the stream's key or driver was changed, pull it once in full.")
    }
}
