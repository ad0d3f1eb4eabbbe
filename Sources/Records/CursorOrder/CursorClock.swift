public import HeatModel

/// A clock that writes its time as one number.
public enum CursorClock: String, Hashable, Sendable, CaseIterable {
    case day = "yyyyMMdd"
    case minute = "yyyyMMddHHmm"
    case second = "yyyyMMddHHmmss"
    case millisecond = "yyyyMMddHHmmssSSS"
    case epochSeconds
    case epochMilliseconds

    /// The moment that the number states, microseconds since 1970; local times by `offsetMinutes`. Nil where it is no time.
    public func moment(_ number: Int64, offsetMinutes: Int16) -> Int64? {
        guard number > 0 else { return nil }
        let scale: Int64
        switch self {
        case .epochSeconds: return Self.product(number, 1_000_000)
        case .epochMilliseconds: return Self.product(number, 1000)
        case .day: scale = 1
        case .minute: scale = 10_000
        case .second: scale = 1_000_000
        case .millisecond: scale = 1_000_000_000
        }
        let day = number / scale
        guard day <= 9999_12_31,
            let date = CivilDate(year: Int(day / 10_000), month: Int(day / 100 % 100), day: Int(day % 100))
        else { return nil }
        var rest = number % scale
        var fraction: Int64 = 0
        if self == .millisecond {
            fraction = rest % 1000
            rest /= 1000
        } else if self == .minute {
            rest *= 100
        }
        let (hour, minute, second) = (rest / 10_000, rest / 100 % 100, rest % 100)
        guard self == .day || (hour < 24 && minute < 60 && second < 60) else { return nil }
        let seconds = Int64(date.dayNumber) * 86_400 + hour * 3600 + minute * 60 + second - Int64(offsetMinutes) * 60
        return seconds * 1_000_000 + fraction * 1000
    }

    /// The number that this clock shows at a moment, by the offset of the instant.
    public func number(at instant: Instant) -> Int64 {
        let milliseconds = instant.microseconds / 1000
        switch self {
        case .epochSeconds: return milliseconds / 1000
        case .epochMilliseconds: return milliseconds
        default: break
        }
        let (date, microsecond) = instant.local
        let (year, month, dayOfMonth) = date.components
        let day = Int64(year * 10_000 + month * 100 + dayOfMonth)
        let second = microsecond / 1_000_000
        let time = second / 3600 * 10_000 + second / 60 % 60 * 100 + second % 60
        switch self {
        case .day: return day
        case .minute: return day * 10_000 + time / 100
        case .second: return day * 1_000_000 + time
        default: return (day * 1_000_000 + time) * 1000 + microsecond / 1000 % 1000
        }
    }

    /// The clock that writes numbers of so many digits in our days.
    static func of(digits: Int) -> CursorClock? {
        switch digits {
        case 8: .day
        case 10: .epochSeconds
        case 12: .minute
        case 13: .epochMilliseconds
        case 14: .second
        case 17: .millisecond
        default: nil
        }
    }

    private static func product(_ number: Int64, _ factor: Int64) -> Int64? {
        let (product, overflows) = number.multipliedReportingOverflow(by: factor)
        return overflows ? nil : product
    }

    /// Numbers up to this one are placeholders that mean "none".
    public func placeholder(offsetMinutes: Int16) -> Int64 {
        switch self {
        case .epochSeconds, .epochMilliseconds: 0
        default:
            number(at: Instant(microseconds: CursorOrder.earliest.microseconds, offsetMinutes: offsetMinutes))
        }
    }
}
