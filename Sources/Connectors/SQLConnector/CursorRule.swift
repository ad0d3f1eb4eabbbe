import HeatModel
import Records

/// How a cursor column is compared, bounded and looked back from, by SQL.
struct CursorRule {
    enum Kind: Equatable {
        /// A type of the system that tells a moment.
        case moment
        /// Numbers; the values show the order.
        case number
        /// Texts that tell moments, compared by these.
        case momentText(CursorOrder)
        /// Texts of digits, compared as numbers.
        case numberText
        /// Texts in the order of their bytes.
        case text
        /// Another type, as the server orders it.
        case other
        /// Texts in an order that the system cannot compare by: each is judged as it comes.
        case judged(CursorOrder)
    }

    let session: any SQLSession
    let stream: SQLStream
    let column: SQLColumn
    let kind: Kind
    /// Of numbers and texts, what was declared or recognised.
    var order: CursorOrder?
    /// The source's clock, with the offset of its local times.
    let now: Instant
    /// What is compared.
    let value: String

    private var name: String { column.quoted }

    /// How its values are read as times; nil where they are none.
    var timeOrder: CursorOrder? {
        switch kind {
        case .moment: .instant
        case .momentText(let order): order
        default: order.flatMap { $0.isTime ? $0 : nil }
        }
    }

    /// The moment that a remembered value tells; nil where it tells none.
    func instant(_ written: String) -> Instant? {
        timeOrder?.moment(session.content(written), offsetMinutes: now.offsetMinutes).map {
            Instant(microseconds: $0, offsetMinutes: now.offsetMinutes)
        }
    }

    /// A remembered value as it is compared with ``value``.
    func literal(_ written: String) throws -> String {
        let literal: String? =
            switch kind {
            case .moment, .text, .other, .judged: session.literal(written, of: column)
            case .number: session.number(written, of: column)
            case .numberText: Self.number(session.content(written))
            case .momentText(let order):
                order.moment(session.content(written), offsetMinutes: now.offsetMinutes).map { String($0) }
            }
        guard let literal else { throw SQLConnector.badCursor(stream) }
        return literal
    }

    /// A number as SQL spells it too; nil where the text is none.
    static func number(_ text: String) -> String? {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard let number = words.first.map({ String($0) }), words.count == 1,
            CursorOrder.number.isBefore(number, number, offsetMinutes: 0) != nil,
            number.utf8.allSatisfy({ $0 &- 0x30 <= 9 || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains($0) })
        else { return nil }
        return number
    }

    /// The remembered text of a value that moves the cursor on from `from`, up to `bound` (SQL), else NULL.
    func advance(from: String?, upTo bound: String?) throws -> String {
        // Where nothing was seen before, a placeholder is no progress either.
        let floor: String? =
            try from.map { "\(value) > \(try literal($0))" } ?? (kind == .moment ? "\(value) >= \(earliest)" : nil)
        let conditions = [floor, bound.map { "\(value) <= \($0)" }].compactMap { $0 }
        if conditions.isEmpty { return session.text(column) }
        return "CASE WHEN \(conditions.joined(separator: " AND ")) THEN \(session.text(column)) END"
    }

    /// Which rows a pull that follows from `from` reads; nil for all.
    func condition(from: String?) throws -> String? {
        guard let from else { return nil }
        if case .judged = kind {
            _ = try JudgedCursor(self, from: from, progress: nil)
            return nil
        }
        return "\(value) >= \(try begin(from))" + (try always(from)).map { " OR \($0)" }.joined()
    }

    /// Rows that every pull reads, for their value says nothing of when they changed.
    private func always(_ from: String) throws -> [String] {
        var conditions = column.isNullable ? ["\(name) IS NULL"] : []
        let content = session.content(from)
        switch kind {
        case .moment: conditions.append("\(value) < \(earliest)")
        case .number, .numberText:
            if case .digits(let clock)? = order {
                conditions.append("\(value) <= \(clock.placeholder(offsetMinutes: now.offsetMinutes))")
            } else if CursorOrder.number.isBefore("0", content, offsetMinutes: 0) == true {
                conditions.append("\(value) <= 0")
            }
            if kind == .numberText { conditions.append("\(value) IS NULL") }
        case .momentText: conditions.append("\(value) IS NULL")
        case .text: conditions += session.oddTexts(column, haveDigits: content.contains(where: \.isNumber))
        case .other, .judged: break
        }
        return conditions
    }

    /// The day after the placeholders that mean "none".
    var earliest: String {
        let day = Instant(
            microseconds: CursorOrder.earliest.microseconds - Int64(now.offsetMinutes) * 60_000_000,
            offsetMinutes: now.offsetMinutes)
        return session.literal(day, of: column)
    }

    /// Rows of a column of times or numbers that stand up to `from`, and whose value tells something.
    func upTo(_ from: String) throws -> [String] {
        let floor =
            if kind == .moment { "\(value) >= \(earliest)" } else if case .digits(let clock)? = order {
                "\(value) > \(clock.placeholder(offsetMinutes: now.offsetMinutes))"
            } else { "\(value) > 0" }
        return ["\(value) <= \(try literal(from))", floor]
    }

    private func begin(_ from: String) throws -> String {
        let content = session.content(from)
        let lookback = SQLLookback(seconds: max(0, stream.lookback), now: now, zone: session.zone)
        switch kind {
        case .moment:
            guard let begin = lookback.exact(content, isDate: column.kind == .date) else { return try literal(from) }
            return session.literal(Instant(microseconds: begin, offsetMinutes: now.offsetMinutes), of: column)
        case .number, .numberText:
            let clock = lookback.number(content, order)
            if let number = Int64(content) {
                let (back, overflows) = number.subtractingReportingOverflow(lookback.seconds)
                return String(min(overflows ? .min : back, clock ?? .max))
            }
            if let clock { return String(clock) }
            return try literal(from) + (lookback.seconds > 0 ? " - \(lookback.seconds)" : "")
        case .momentText(let order):
            guard let moment = lookback.moment(content, order) else { throw SQLConnector.badCursor(stream) }
            return String(moment)
        case .text where stream.lookback <= 0, .other where stream.lookback <= 0, .judged: return try literal(from)
        case .text, .other: throw noLookback
        }
    }

    var noLookback: HearthError {
        HearthError(
            .configLookback,
            "stream \(stream.name): a lookback cannot be taken from cursor column \(column.name) of type \(column.type)",
            at: .table(stream.relationName, key: nil),
            advice: "Use a query that casts the column to timestamp or a number, or set lookback to 0.")
    }
}
