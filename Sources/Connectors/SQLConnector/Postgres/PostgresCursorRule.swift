import HeatModel
import Records

/// How a cursor column is compared, bounded and looked back from, by SQL.
struct PostgresCursorRule {
    enum Kind: Equatable {
        /// A type of the server that states a moment; its present is `now`.
        case moment(now: String)
        /// A number type; the values show the order.
        case number
        /// Texts that tell moments, compared by these.
        case textMoment(CursorOrder)
        /// Texts of digits, compared as numbers.
        case textNumber
        /// Texts in the order of their bytes.
        case text
        /// Another type, as the server orders it.
        case other
    }

    let stream: SQLStream
    let column: PostgresTable.Column
    let kind: Kind
    /// Of numbers, what was declared or recognised.
    var order: CursorOrder?
    /// The server's clock, with the offset of its local times.
    let now: Instant
    /// IANA name of the source's zone.
    let zone: String

    var name: String { PostgresTable.quoted(column.name) }

    /// What is compared.
    var value: String {
        switch kind {
        case .moment, .number, .other: name
        case .textMoment(let order): PostgresMoment(name, order, offsetMinutes: now.offsetMinutes).sql
        case .textNumber:
            "(CASE WHEN \(name) ~ '^\\s*[+-]?\\d{1,30}(\\.\\d{1,30})?\\s*$' THEN trim(\(name))::numeric END)"
        case .text: "(\(name)::text COLLATE \"C\")"
        }
    }

    /// The text that becomes the cursor.
    private var written: String {
        switch kind {
        case .moment, .number, .other: name
        case .textMoment, .textNumber, .text: "\(name)::text"
        }
    }

    func literal(_ text: String) throws -> String {
        switch kind {
        case .moment, .number, .other: return PostgresTable.literal(text, as: column.type)
        case .textNumber: return PostgresTable.literal(text, as: "numeric")
        case .text: return PostgresTable.literal(text, as: "text")
        case .textMoment(let order):
            guard let moment = order.moment(text, offsetMinutes: now.offsetMinutes) else {
                throw SQLConnector.badCursor(stream)
            }
            return String(moment)
        }
    }

    /// How its values are read as times; nil where they are none.
    var timeOrder: CursorOrder? {
        switch kind {
        case .moment: .instant
        case .textMoment(let order): order
        default: order.flatMap { $0.isTime ? $0 : nil }
        }
    }

    /// The moment that a value states; nil where it states none.
    func instant(_ text: String) -> Instant? {
        timeOrder?.moment(text, offsetMinutes: now.offsetMinutes).map {
            Instant(microseconds: $0, offsetMinutes: now.offsetMinutes)
        }
    }

    /// The value where it moves the cursor on from `from`, up to `bound` (SQL), else NULL.
    func advance(from: String?, upTo bound: String?) throws -> String {
        let conditions = [try from.map { "\(value) > \(try literal($0))" }, bound.map { "\(value) <= \($0)" }]
            .compactMap {
                $0
            }
        if conditions.isEmpty { return written }
        return "CASE WHEN \(conditions.joined(separator: " AND ")) THEN \(written) END"
    }

    /// Which rows a pull that follows from `from` reads; none for all.
    func condition(from: String?) throws -> [String] {
        guard let from else { return [] }
        return ["\(value) >= \(try begin(from))" + always(from).map { " OR \($0)" }.joined()]
    }

    /// Rows that every pull reads, for their value says nothing of when they changed.
    private func always(_ from: String) -> [String] {
        var conditions = column.isNullable ? ["\(name) IS NULL"] : []
        switch kind {
        case .moment: conditions.append("\(name) < '1901-01-02'")
        case .number, .textNumber:
            if case .digits(let clock)? = order {
                conditions.append("\(value) <= \(clock.placeholder(offsetMinutes: now.offsetMinutes))")
            } else if CursorOrder.number.isBefore("0", from, offsetMinutes: 0) == true {
                conditions.append("\(value) <= 0")
            }
            if kind == .textNumber { conditions.append("\(value) IS NULL") }
        case .textMoment: conditions.append("\(value) IS NULL")
        case .text: if from.contains(where: \.isNumber) { conditions.append("\(name) !~ '[0-9]'") }
        case .other: break
        }
        return conditions
    }

    /// Rows of a column of times or numbers that stand up to `from`, and whose value states a moment.
    func upTo(_ from: String) throws -> [String] {
        let floor =
            if case .moment = kind { "\(name) >= '1901-01-02'" } else if case .digits(let clock)? = order {
                "\(value) > \(clock.placeholder(offsetMinutes: now.offsetMinutes))"
            } else { "\(value) > 0" }
        return ["\(value) <= \(try literal(from))", floor]
    }

    private func begin(_ from: String) throws -> String {
        let lookback = SQLLookback(seconds: max(0, stream.lookback), now: now, zone: zone)
        switch kind {
        case .moment:
            let begin = try literal(from)
            if column.oid == 1082 { return "\(begin) - \((max(0, stream.lookback) + 86_399) / 86_400)" }
            let back = stream.lookback <= 0 ? begin : "\(begin) - interval '\(stream.lookback) seconds'"
            guard let hour = lookback.repeated(from, .instant) else { return back }
            let local = Instant(microseconds: hour, offsetMinutes: now.offsetMinutes).description.prefix(19)
            return "least(\(back), \(try literal(String(local))))"
        case .number, .textNumber:
            // An index of integers is of no use for comparing with a numeric.
            let type = [20, 21, 23].contains(column.oid) ? "bigint" : "numeric"
            let number = PostgresTable.literal(from, as: type) + (stream.lookback > 0 ? " - \(stream.lookback)" : "")
            guard let clock = lookback.number(from, order) else { return number }
            return "least(\(number), \(clock))"
        case .textMoment(let order):
            guard let moment = lookback.moment(from, order) else { throw SQLConnector.badCursor(stream) }
            return String(moment)
        case .text where stream.lookback <= 0, .other where stream.lookback <= 0: return try literal(from)
        case .text, .other:
            throw HearthError(
                .configLookback,
                "stream \(stream.name): a lookback cannot be taken from cursor column \(column.name) of type \(column.type)",
                at: .table(stream.relationName, key: nil),
                advice: "Use a query that casts the column to timestamp or a number, or set lookback to 0.")
        }
    }
}
