public import HeatModel

extension CursorOrder {
    /// The moment that a value of this order states, microseconds since 1970, local times by `offsetMinutes`. Nil where it states none, or a
    /// placeholder such as 1900-01-01, and for orders that are no times.
    public func moment(_ value: UnsafeBufferPointer<UInt8>, offsetMinutes: Int16) -> Int64? {
        let text = CursorColumn.trimmed(value)
        let moment: Int64?
        switch self {
        case .instant: moment = CursorTime.iso(text, offsetMinutes: offsetMinutes)
        case .format(let format): moment = format.moment(text, offsetMinutes: offsetMinutes)
        case .digits(let clock):
            moment = CursorNumber(text)?.whole.flatMap { clock.moment($0, offsetMinutes: offsetMinutes) }
        case .number, .counter, .text: moment = nil
        }
        return moment.flatMap { $0 > CursorNumbers.earliest ? $0 : nil }
    }

    public func moment(_ value: String, offsetMinutes: Int16) -> Int64? {
        var value = value
        return value.withUTF8 { moment($0, offsetMinutes: offsetMinutes) }
    }

    /// Whether one value stands before another; nil where one of them is no value of this order.
    public func isBefore(_ left: String, _ right: String, offsetMinutes: Int16) -> Bool? {
        switch self {
        case .instant, .format, .digits:
            guard let left = moment(left, offsetMinutes: offsetMinutes),
                let right = moment(right, offsetMinutes: offsetMinutes)
            else { return nil }
            return left < right
        case .number, .counter:
            guard let left = Self.number(left), let right = Self.number(right) else { return nil }
            return left < right
        case .text: return left.utf8.lexicographicallyPrecedes(right.utf8)
        }
    }

    /// The whole part of a number; nil where the value is none.
    public func whole(_ value: UnsafeBufferPointer<UInt8>) -> Int64? {
        CursorNumber(CursorColumn.trimmed(value))?.whole
    }

    public func whole(_ value: String) -> Int64? {
        var value = value
        return value.withUTF8 { whole($0) }
    }

    /// Moments not later than this are placeholders that mean "none".
    public static let earliest = Instant(microseconds: CursorNumbers.earliest, offsetMinutes: 0)

    private static func number(_ text: String) -> Int128? {
        var text = text
        return text.withUTF8 { CursorNumber(CursorColumn.trimmed($0))?.millionths }
    }
}
