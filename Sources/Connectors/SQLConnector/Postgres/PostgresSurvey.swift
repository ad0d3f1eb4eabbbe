import HeatModel
import Records

/// Asks how the values of a cursor column grow and how far they can be progress.
struct PostgresSurvey {
    let connection: PostgresConnection
    let stream: SQLStream
    let table: PostgresTable
    let column: PostgresTable.Column

    struct Result {
        var rule: PostgresCursorRule
        /// The greatest value that is progress, as an SQL expression that ``PostgresCursorRule/value`` is compared with; nil where
        /// nothing bounds it.
        var bound: String?
        /// The greatest value that is progress, where it was looked for.
        var progress: String?
        /// The stored value, where it still is progress.
        var from: String?
        var outcome: CursorOutcome?
    }

    private var name: String { PostgresTable.quoted(column.name) }

    /// - Parameter stored: where the last pull left off.
    /// - Throws: ``HearthError`` `config.cursorOrder` where the column's order is not known or is not that of time.
    func run(from stored: String?) throws -> Result {
        let now = try self.now()
        switch column.oid {
        case 1082, 1114, 1184: return try moments(stored, now)
        case 20, 21, 23, 700, 701, 1700:
            let rule = PostgresCursorRule(
                stream: stream, column: column, kind: .number, now: now, zone: connection.zone)
            return try numbers(rule, stored)
        case 19, 25, 1042, 1043: return try texts(stored, now)
        default:
            let rule = PostgresCursorRule(stream: stream, column: column, kind: .other, now: now, zone: connection.zone)
            return Result(rule: rule, bound: nil, progress: nil, from: stored, outcome: nil)
        }
    }

    /// The server's clock.
    private func now() throws -> Instant {
        let found = try connection.run(
            "SELECT (extract(epoch FROM t) * 1000000)::bigint, extract(timezone FROM t)::int / 60 FROM clock_timestamp() AS t"
        )
        guard let moment = found.text(0, 0).flatMap({ Int64($0) }), let offset = found.text(0, 1).flatMap({ Int16($0) })
        else { throw PostgresFailure.lost(connection, stream: stream) }
        return Instant(microseconds: moment, offsetMinutes: offset)
    }

    private func moments(_ stored: String?, _ now: Instant) throws -> Result {
        let instant = PostgresTable.literal(now.description, as: "timestamptz")
        let present = column.oid == 1184 ? instant : "\(instant)::\(column.oid == 1082 ? "date" : "timestamp")"
        let rule = PostgresCursorRule(
            stream: stream, column: column, kind: .moment(now: present), now: now, zone: connection.zone)
        var from = stored
        // Stored by a clock that was ahead: all is read once more.
        if let stored,
            try connection.run("SELECT \(rule.literal(stored)) <= \(present)", stream: stream).text(0, 0) != "t"
        {
            from = nil
        }
        return Result(rule: rule, bound: present, progress: nil, from: from, outcome: nil)
    }

    private func numbers(_ rule: PostgresCursorRule, _ stored: String?) throws -> Result {
        if let stored, CursorOrder.number.isBefore(stored, stored, offsetMinutes: 0) == nil {
            throw SQLConnector.badCursor(stream)
        }
        var rule = rule
        var found: Set<String> = []
        var column = CursorColumn(order: order(.number), now: rule.now)
        if let stored { column.take(stored, rows: 0) }
        func take(_ values: [String]) {
            for value in values where found.insert(value).inserted { column.take(value) }
        }
        take(try greatest(of: rule, below: nil))
        // What lies ahead of the times up to now must not hide them.
        if column.outcome().ahead.rows > 0 || column.outcome().progress == nil {
            for clock in CursorClock.allCases { take(try greatest(of: rule, below: clock.number(at: rule.now))) }
        }
        let outcome = column.outcome()
        rule.order = outcome.order
        return Result(
            rule: rule, bound: try outcome.progress.map { try rule.literal($0) }, progress: outcome.progress,
            from: try kept(stored, outcome, rule.now), outcome: outcome)
    }

    /// Distinct values from the greatest down; an index is walked from its end.
    private func greatest(of rule: PostgresCursorRule, below limit: Int64?) throws -> [String] {
        let bound = limit.map { ["\(rule.value) <= \($0)"] } ?? []
        let found = try connection.run(
            "SELECT DISTINCT \(rule.value) FROM \(table.sql) WHERE \(conditions(["\(rule.value) IS NOT NULL"] + bound)) ORDER BY 1 DESC LIMIT \(CursorColumn.depth)",
            stream: stream)
        return (0..<found.rowCount).compactMap { found.text($0, 0) }
    }

    private func texts(_ stored: String?, _ now: Instant) throws -> Result {
        var order = stream.cursorOrder
        var outcome: CursorOutcome?
        if order == nil || order == .text {
            // Texts that differ by their digits only are of one spelling.
            let shapes = try connection.run(
                """
                SELECT min(v), max(v), count(*) FROM (SELECT \(name)::text COLLATE "C" AS v FROM \(table.sql) WHERE \(conditions(["\(name) IS NOT NULL"]))) AS t
                GROUP BY translate(v, '123456789', '000000000') ORDER BY 3 DESC, 1 LIMIT 256
                """, stream: stream)
            var column = CursorColumn(order: order, now: now)
            if let stored { column.take(stored, rows: 0) }
            for row in 0..<shapes.rowCount {
                let count = shapes.text(row, 2).flatMap { Int($0) } ?? 0
                if count > 1 { column.take(shapes.text(row, 0) ?? "", rows: count - 1) }
                column.take(shapes.text(row, 1) ?? "")
            }
            let seen = column.outcome()
            if let error = seen.error(column: self.column.name, at: .table(stream.relationName, key: nil)) {
                throw error
            }
            order = seen.order
            outcome = seen
        }
        func rule(_ kind: PostgresCursorRule.Kind) -> PostgresCursorRule {
            PostgresCursorRule(
                stream: stream, column: column, kind: kind, order: order, now: now, zone: connection.zone)
        }
        switch order {
        case .instant, .format:
            let rule = rule(.textMoment(order ?? .instant))
            let isSound = stored.flatMap { order?.moment($0, offsetMinutes: now.offsetMinutes) }.map {
                $0 <= now.microseconds
            }
            return Result(
                rule: rule, bound: String(now.microseconds), progress: nil, from: isSound == true ? stored : nil,
                outcome: outcome)
        case .digits, .number, .counter: return try numbers(rule(.textNumber), stored)
        case .text:
            let rule = rule(.text)
            let from = outcome.flatMap { try? kept(stored, $0, now) }
            return Result(
                rule: rule, bound: try outcome?.progress.map { try rule.literal($0) }, progress: outcome?.progress,
                from: from, outcome: outcome)
        case nil:
            // Not one value yet.
            return Result(rule: rule(.textMoment(.instant)), bound: String(now.microseconds), outcome: outcome)
        }
    }

    /// What is declared of a column of numbers.
    private func order(_ fallback: CursorOrder) -> CursorOrder {
        switch stream.cursorOrder {
        case .digits, .number, .counter: stream.cursorOrder ?? fallback
        default: fallback
        }
    }

    /// The stored value, unless it lies ahead of what is progress: then all is read once more.
    private func kept(_ stored: String?, _ outcome: CursorOutcome, _ now: Instant) throws -> String? {
        guard let stored else { return nil }
        guard let progress = outcome.progress, let order = outcome.order else { return nil }
        return order.isBefore(progress, stored, offsetMinutes: now.offsetMinutes) == false ? stored : nil
    }

    func conditions(_ more: [String]) -> String {
        ((stream.filter.map { ["(\n\($0)\n)"] } ?? []) + more).joined(separator: " AND ")
    }

    /// The greatest value that is progress, in the present snapshot.
    func high(_ result: Result) throws -> String? {
        if let progress = result.progress { return progress }
        switch result.rule.kind {
        case .moment(let present):
            let found = try connection.run(
                "SELECT max(\(name)) FROM \(table.sql) WHERE \(conditions(["\(name) <= \(present)", "\(name) >= '1901-01-02'"]))",
                stream: stream)
            return found.text(0, 0)
        case .textMoment:
            let found = try connection.run(
                "SELECT \(name)::text FROM (SELECT \(name), \(result.rule.value) AS moment FROM \(table.sql) WHERE \(conditions(["\(name) IS NOT NULL"]))) AS t WHERE moment <= \(result.bound ?? "0") ORDER BY moment DESC LIMIT 1",
                stream: stream)
            return found.rowCount == 0 ? nil : found.text(0, 0)
        case .other:
            let found = try connection.run(
                "SELECT max(\(name)) FROM \(table.sql) WHERE \(conditions(["\(name) IS NOT NULL"]))", stream: stream)
            return found.text(0, 0)
        case .number, .textNumber, .text: return nil
        }
    }

    /// How many rows lie beyond progress, and how many have no value, in the whole stream.
    func counts(_ result: Result) throws -> (outcome: CursorOutcome, nulls: Int) {
        let rule = result.rule
        var bound = result.bound
        if case .digits(let clock)? = rule.order { bound = String(clock.number(at: rule.now)) }
        let ahead = bound.map { "\(rule.value) > \($0)" } ?? "false"
        let unusable: String
        switch rule.kind {
        case .moment: unusable = "\(name) < '1901-01-02'"
        case .textMoment, .textNumber: unusable = "\(name) IS NOT NULL AND \(rule.value) IS NULL"
        case .number, .text, .other: unusable = "false"
        }
        let placeholder =
            if case .digits(let clock)? = rule.order {
                " OR \(rule.value) <= \(clock.placeholder(offsetMinutes: rule.now.offsetMinutes))"
            } else { "" }
        let filter = stream.filter.map { " WHERE (\n\($0)\n)" } ?? ""
        let found = try connection.run(
            """
            SELECT count(*) FILTER (WHERE \(ahead)), max(\(name)::text COLLATE "C") FILTER (WHERE \(ahead)),
              count(*) FILTER (WHERE \(unusable)\(placeholder)), count(*) FILTER (WHERE \(name) IS NULL), count(\(name))
            FROM \(table.sql)\(filter)
            """, stream: stream)
        func count(_ column: Int) -> Int { found.text(0, column).flatMap { Int($0) } ?? 0 }
        var outcome = result.outcome ?? CursorOutcome(order: rule.order, values: count(4))
        if bound != nil {
            outcome.ahead = CursorStrays(rows: count(0), example: rule.kind == .text ? nil : found.text(0, 1))
        }
        if rule.kind != .text {
            outcome.unusable = CursorStrays(rows: count(2), example: outcome.unusable.example)
        }
        return (outcome, count(3))
    }
}
