/// A date and a time of day as they were read, whether there is such a one or not.
public struct DateParts: Hashable, Sendable {
    public var year = 0
    public var month = 1
    public var day = 1
    public var hour = 0
    public var minute = 0
    public var second = 0
    public var microsecond = 0

    public init() {}

    /// - Parameter digits: how many digits the value had, of which a fraction depends.
    mutating func set(_ field: DateFormat.Field, _ value: Int, digits: Int) {
        switch field {
        case .year: year = value
        case .month: month = value
        case .day: day = value
        case .hour: hour = value
        case .minute: minute = value
        case .second: second = value
        case .fraction: setFraction(value, digits: digits)
        }
    }

    public func value(_ field: DateFormat.Field) -> Int {
        switch field {
        case .year: year
        case .month: month
        case .day: day
        case .hour: hour
        case .minute: minute
        case .second: second
        case .fraction: microsecond
        }
    }

    /// The fraction of a second that so many digits spell.
    public mutating func setFraction(_ value: Int, digits: Int) {
        microsecond = value
        for _ in digits..<max(digits, 6) { microsecond *= 10 }
        for _ in 6..<max(digits, 6) { microsecond /= 10 }
    }

    /// Microseconds since 1970 of a clock that is so many seconds east of UTC; nil where there is no such time. 24:00 ends a day.
    public func moment(offsetSeconds: Int) -> Int64? {
        guard let date = CivilDate(year: year, month: month, day: day),
            hour < 24 || (hour == 24 && minute + second == 0), minute < 60, second < 61
        else { return nil }
        let seconds = Int64(date.dayNumber) * 86_400 + Int64(hour * 3600 + minute * 60 + second - offsetSeconds)
        return seconds * 1_000_000 + Int64(microsecond)
    }
}
