import HeatModel
import Records

/// Asks how the values of a cursor column grow and how far they can be progress.
struct CursorSurvey {
    let session: any SQLSession
    let stream: SQLStream
    let table: SQLTable
    let column: SQLColumn

    struct Result {
        var rule: CursorRule
        /// The greatest value that is progress, as an SQL expression that ``CursorRule/value`` is compared with; nil where
        /// nothing bounds it.
        var bound: String?
        /// The greatest value that is progress, as it is remembered, where it was looked for.
        var progress: String?
        /// The stored value, where it still is progress.
        var from: String?
        var outcome: CursorOutcome?
    }

    private func ask(_ sql: String) throws -> [[String?]] { try session.ask(sql, stream: stream) }
    private var isGiven: String { "\(column.quoted) IS NOT NULL" }

    private func rule(_ kind: CursorRule.Kind, _ order: CursorOrder? = nil, _ now: Instant, _ value: String)
        -> CursorRule
    {
        CursorRule(
            session: session, stream: stream, column: column, kind: kind, order: order, now: now, value: value)
    }

    /// - Parameter stored: where the last pull left off.
    /// - Throws: ``HearthError`` `config.cursorOrder` where the column's order is not known or is not that of time.
    func run(from stored: String?) throws -> Result {
        let now = try session.now(stream)
        switch try session.kind(of: column, in: table, stream) {
        case .date, .localTime, .instant: return try moments(stored, now)
        case .number: return try numbers(rule(.number, nil, now, column.quoted), stored)
        case .text: return try texts(stored, now)
        case .other: return Result(rule: rule(.other, nil, now, column.quoted), from: stored)
        case .unordered:
            var outcome = CursorOutcome(order: nil, values: 0)
            outcome.refusal =
                "values of type \(column.type) grow in no order that can be followed; a query may cast them to a number or a time"
            throw outcome.error(column: column.name, at: .table(stream.relationName, key: nil))
                ?? SQLConnector.badCursor(stream)
        }
    }

    private func moments(_ stored: String?, _ now: Instant) throws -> Result {
        let rule = rule(.moment, nil, now, column.quoted)
        var from = stored
        if let stored {
            if let moment = rule.instant(stored) {
                // Stored by a clock that was ahead: all is read once more.
                if moment > now { from = nil }
            } else if Self.isPlaceholder(stored) {
                // So it is after one that an earlier version took for progress.
                from = nil
            } else {
                throw SQLConnector.badCursor(stream)
            }
        }
        return Result(rule: rule, bound: session.literal(now, of: column), from: from)
    }

    /// Whether a text that states no moment is a date for all that, before those that count.
    private static func isPlaceholder(_ text: String) -> Bool {
        let year = text.prefix(while: \.isNumber)
        return text == "-infinity" || (year.count >= 4 && text.dropFirst(year.count).first == "-")
    }

    private func numbers(_ rule: CursorRule, _ stored: String?) throws -> Result {
        if let stored, CursorRule.number(session.content(stored)) == nil { throw SQLConnector.badCursor(stream) }
        var rule = rule
        var found: [String: String] = [:]
        var judge = CursorColumn(order: declaredNumbers, now: rule.now)
        if let stored { judge.take(session.content(stored), rows: 0) }
        func take(_ values: [String]) {
            for value in values {
                let content = session.content(value)
                if found.updateValue(value, forKey: content) == nil { judge.take(content) }
            }
        }
        take(try greatest(of: rule, below: nil))
        // What lies ahead of the times up to now must not hide them.
        if judge.outcome().ahead.rows > 0 || judge.outcome().progress == nil {
            for clock in CursorClock.allCases { take(try greatest(of: rule, below: clock.number(at: rule.now))) }
        }
        let outcome = judge.outcome()
        rule.order = outcome.order
        let progress = outcome.progress.map { progress in
            rule.kind == .numberText
                ? session.written(progress)
                : found[progress] ?? stored.flatMap { session.content($0) == progress ? $0 : nil } ?? progress
        }
        return Result(
            rule: rule, bound: try progress.map { try rule.literal($0) }, progress: progress,
            from: kept(stored, outcome, rule.now), outcome: outcome)
    }

    /// Distinct values from the greatest down; an index is walked from its end.
    private func greatest(of rule: CursorRule, below limit: Int64?) throws -> [String] {
        let conditions = ["\(rule.value) IS NOT NULL"] + (limit.map { ["\(rule.value) <= \($0)"] } ?? [])
        let limited = session.dialect.limited(to: CursorColumn.depth, isOrdered: true)
        let found = try ask(
            "SELECT \(session.text("v", of: column)) FROM (SELECT DISTINCT \(rule.value) AS v \(table.rows(stream, where: conditions)) ORDER BY 1 DESC\(limited)) d"
        )
        return found.compactMap { $0[0] }
    }

    private func texts(_ stored: String?, _ now: Instant) throws -> Result {
        var order = stream.cursorOrder
        var outcome: CursorOutcome?
        let declared = try order.map { try session.position(column, $0, now: now) }
        if order == nil || order == .text || declared == .some(.none) {
            var judge = CursorColumn(order: order, now: now)
            if let stored { judge.take(session.content(stored), rows: 0) }
            try session.judge(column, of: table, stream, by: &judge)
            let seen = judge.outcome()
            if let error = seen.error(column: self.column.name, at: .table(stream.relationName, key: nil)) {
                throw error
            }
            order = seen.order
            outcome = seen
        }
        let position = try session.position(column, order ?? .instant, now: now)
        let value = order == .text ? session.bytewise(column) : position
        guard let value else { return judged(stored, order ?? .instant, outcome, now) }
        switch order {
        case .instant, .format, nil:
            // Nil: not one value yet.
            let rule = rule(.momentText(order ?? .instant), order, now, value)
            let isSound = stored.flatMap { rule.instant($0) }.map { $0 <= now }
            return Result(
                rule: rule, bound: String(now.microseconds), from: isSound == true && order != nil ? stored : nil,
                outcome: outcome)
        case .digits, .number, .counter:
            return try numbers(rule(.numberText, order, now, value), stored)
        case .text:
            let rule = rule(.text, order, now, value)
            let progress = outcome?.progress.map { session.written($0) }
            return Result(
                rule: rule, bound: try progress.map { try rule.literal($0) }, progress: progress,
                from: outcome.flatMap { kept(stored, $0, now) }, outcome: outcome)
        }
    }

    private func judged(_ stored: String?, _ order: CursorOrder, _ outcome: CursorOutcome?, _ now: Instant) -> Result {
        let rule = rule(.judged(order), order, now, column.quoted)
        var from = outcome.flatMap { kept(stored, $0, now) }
        if order.isTime { from = stored.flatMap { rule.instant($0) }.flatMap { $0 <= now ? stored : nil } }
        return Result(
            rule: rule, progress: outcome?.progress.map { session.written($0) }, from: from, outcome: outcome)
    }

    /// What is declared of a column of numbers.
    private var declaredNumbers: CursorOrder {
        switch stream.cursorOrder {
        case .digits, .number, .counter: stream.cursorOrder ?? .number
        default: .number
        }
    }

    /// The stored value, unless it lies ahead of what is progress: then all is read once more.
    private func kept(_ stored: String?, _ outcome: CursorOutcome, _ now: Instant) -> String? {
        guard let stored, let progress = outcome.progress, let order = outcome.order else { return nil }
        let isKept = order.isBefore(progress, session.content(stored), offsetMinutes: now.offsetMinutes) == false
        return isKept ? stored : nil
    }

    /// The greatest value that is progress, in the present snapshot.
    func high(_ result: Result) throws -> String? {
        if let progress = result.progress { return progress }
        let rule = result.rule
        switch rule.kind {
        case .moment:
            let conditions = ["\(rule.value) <= \(result.bound ?? "NULL")", "\(rule.value) >= \(rule.earliest)"]
            return try ask(
                "SELECT \(session.text("max(\(rule.value))", of: column)) \(table.rows(stream, where: conditions))"
            ).first?[0]
        case .momentText:
            let found = try ask(
                "SELECT w FROM (SELECT \(session.text(column)) AS w, \(rule.value) AS moment \(table.rows(stream, where: [isGiven]))) t WHERE moment <= \(result.bound ?? "0") ORDER BY moment DESC\(session.dialect.limited(to: 1, isOrdered: true))"
            )
            return found.first?[0]
        case .other:
            return try ask(
                "SELECT \(session.text("max(\(rule.value))", of: column)) \(table.rows(stream, where: [isGiven]))"
            ).first?[0]
        case .number, .numberText, .text, .judged: return nil
        }
    }

    /// How many rows lie beyond progress, and how many have no value, in the whole stream.
    func counts(_ result: Result) throws -> (outcome: CursorOutcome, nulls: Int) {
        let rule = result.rule
        func count(_ condition: String) -> String { "count(CASE WHEN \(condition) THEN 1 END)" }
        let nulls = count("\(column.quoted) IS NULL")
        if case .judged = rule.kind {
            let found = try ask("SELECT \(nulls) \(table.rows(stream))")
            return (
                result.outcome ?? CursorOutcome(order: rule.order, values: 0), found.first?[0].flatMap { Int($0) } ?? 0
            )
        }
        var bound = result.bound
        if case .digits(let clock)? = rule.order { bound = String(clock.number(at: rule.now)) }
        let ahead = bound.map { "\(rule.value) > \($0)" } ?? "1 = 0"
        var unusable: String
        switch rule.kind {
        case .moment: unusable = "\(rule.value) < \(rule.earliest)"
        case .momentText, .numberText: unusable = "\(isGiven) AND \(rule.value) IS NULL"
        case .number, .text, .other, .judged: unusable = "1 = 0"
        }
        if case .digits(let clock)? = rule.order {
            unusable += " OR \(rule.value) <= \(clock.placeholder(offsetMinutes: rule.now.offsetMinutes))"
            if let bound, let noTime = try session.statesNoTime(column, clock, now: rule.now) {
                unusable += " OR (\(rule.value) <= \(bound) AND \(noTime))"
            }
        }
        let example = "max(CASE WHEN \(ahead) THEN \(session.text(column)) END)"
        let found = try ask(
            "SELECT \(count(ahead)), \(example), \(count(unusable)), \(nulls), \(count(isGiven)) \(table.rows(stream))")
        func number(_ index: Int) -> Int { found.first?[index].flatMap { Int($0) } ?? 0 }
        var outcome = result.outcome ?? CursorOutcome(order: rule.order, values: number(4))
        if bound != nil {
            let example = rule.kind == .text ? nil : found.first?[1].map { session.content($0) }
            outcome.ahead = CursorStrays(rows: number(0), example: example)
        }
        if rule.kind != .text {
            outcome.unusable = CursorStrays(rows: number(2), example: outcome.unusable.example)
        }
        return (outcome, number(3))
    }
}
