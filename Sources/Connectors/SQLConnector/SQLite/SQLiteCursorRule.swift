import HeatModel
import Records

/// How a cursor column is compared, bounded and looked back from, by SQL with parameters.
struct SQLiteCursorRule {
    let stream: SQLStream
    let name: String
    let isNullable: Bool
    let result: SQLiteSurvey.Result
    let now: Instant
    let zone: String

    /// What is compared.
    var value: String {
        switch result.kind {
        case .number: name
        case .position: "hearth_position(\(name))"
        case .text: "\(name) COLLATE BINARY"
        }
    }

    /// Where a value stands, as a parameter that ``value`` is compared with.
    private func position(_ value: SQLiteValue) throws -> SQLiteValue {
        guard case .position(let order) = result.kind else { return value }
        let text = value.content
        let position = order.isTime ? order.moment(text, offsetMinutes: now.offsetMinutes) : order.whole(text)
        guard let position else { throw SQLConnector.badCursor(stream) }
        return .integer(position)
    }

    /// The value where it moves the cursor on, else NULL. ?1 is the value seen last, ?2 the greatest that is progress.
    func advance() throws -> (sql: String, values: [SQLiteValue]) {
        let written = SQLiteValue.sql(name)
        var bound = try result.progress.map { try position($0) }
        if case .position(let order) = result.kind, order.isTime { bound = .integer(now.microseconds) }
        guard let bound else { return ("NULL", []) }
        guard let from = result.from else { return ("CASE WHEN \(value) <= ?1 THEN \(written) END", [bound]) }
        return ("CASE WHEN \(value) > ?1 AND \(value) <= ?2 THEN \(written) END", [try position(from), bound])
    }

    /// Which rows stand where the last pull left off, or beyond; nil where it left nothing.
    func reached() throws -> (sql: String, value: SQLiteValue)? {
        try result.from.map { ("\(value) >= ?1", try position($0)) }
    }

    /// Which rows a pull that follows reads; `?number` is where it begins.
    func condition(_ number: Int, from: SQLiteValue?) throws -> (sql: String, values: [SQLiteValue])? {
        guard let from else { return nil }
        var conditions = ["\(value) >= ?\(number)"]
        switch result.kind {
        case .number:
            if isNullable { conditions.append("\(name) IS NULL") }
            if case .digits(let clock)? = result.order {
                conditions.append("\(name) <= \(clock.placeholder(offsetMinutes: now.offsetMinutes))")
            } else if CursorOrder.number.isBefore("0", from.content, offsetMinutes: 0) == true {
                conditions.append("\(name) <= 0")
            }
        case .position: conditions.append("\(value) IS NULL")
        case .text:
            conditions.append("\(name) IS NULL OR typeof(\(name)) <> 'text'")
            if from.content.contains(where: \.isNumber) { conditions.append("\(name) NOT GLOB '*[0-9]*'") }
        }
        return (conditions.joined(separator: " OR "), [try begin(from)])
    }

    /// Rows that stand up to a value, and whose number states a moment.
    func upTo(_ from: SQLiteValue) -> [String] {
        var floor: Int64 = 0
        if case .digits(let clock)? = result.order { floor = clock.placeholder(offsetMinutes: now.offsetMinutes) }
        return ["\(name) <= \(from.literal)", "\(name) > \(floor)"]
    }

    private func begin(_ from: SQLiteValue) throws -> SQLiteValue {
        let lookback = SQLLookback(seconds: max(0, stream.lookback), now: now, zone: zone)
        func back(_ number: Int64) -> Int64 {
            let (value, overflows) = number.subtractingReportingOverflow(max(0, stream.lookback))
            return overflows ? .min : value
        }
        switch (result.kind, from) {
        case (.number, .integer(let number)):
            return .integer(min(back(number), lookback.number(String(number), result.order) ?? .max))
        case (.position(let order), _) where order.isTime:
            if let moment = lookback.moment(from.content, order) { return .integer(moment) }
        case (.position, _) where stream.lookback > 0:
            if case .integer(let number) = try position(from) { return .integer(back(number)) }
        default: if stream.lookback <= 0 { return try position(from) }
        }
        throw HearthError(
            .configLookback,
            "stream \(stream.name): a lookback is taken from integers and times only, and the cursor column holds neither",
            at: .table(stream.relationName, key: nil),
            advice: "Use a query that writes the column as an ISO time, or set lookback to 0.")
    }
}
