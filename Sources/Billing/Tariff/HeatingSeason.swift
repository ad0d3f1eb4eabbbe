public import HeatModel

/// A heating season by name: `2025-2026`.
public struct HeatingSeason: Sendable, Hashable, Comparable, CustomStringConvertible {
    public var startYear: Int

    public init(startYear: Int) { self.startYear = startYear }

    /// The season that a day belongs to, or is before: from May on it is the coming one.
    public init(on day: CivilDate) {
        let (year, month, _) = day.components
        startYear = month >= 5 ? year : year - 1
    }

    /// Nil unless two years that follow each other.
    public init?(_ name: String) {
        var name = name
        let first = name.withUTF8 { bytes -> Int? in
            guard bytes.count == 9, bytes[4] == 0x2D else { return nil }
            var (first, second) = (0, 0)
            for place in 0..<4 {
                let (left, right) = (bytes[place] &- 0x30, bytes[place + 5] &- 0x30)
                guard left <= 9, right <= 9 else { return nil }
                first = first * 10 + Int(left)
                second = second * 10 + Int(right)
            }
            return second == first + 1 && first > 0 ? first : nil
        }
        guard let first else { return nil }
        startYear = first
    }

    public var description: String {
        guard (1000..<9999).contains(startYear) else { return "\(startYear)-\(startYear + 1)" }
        // Of every bill of every account: digits are written as they are.
        return String(unsafeUninitializedCapacity: 9) { bytes in
            var (first, second) = (startYear, startYear + 1)
            for place in 1...4 {
                bytes[4 - place] = UInt8(0x30 + first % 10)
                bytes[9 - place] = UInt8(0x30 + second % 10)
                first /= 10
                second /= 10
            }
            bytes[4] = 0x2D
            return 9
        }
    }
    public static func < (left: HeatingSeason, right: HeatingSeason) -> Bool { left.startYear < right.startYear }
}

/// The seasons in which a version of a tariff holds: `2020-2021..2024-2025`, open at either end.
public struct SeasonRange: Sendable, Hashable, CustomStringConvertible {
    /// Year in which the first season starts; nil where there is no first.
    public var first: Int?
    public var last: Int?

    public func contains(_ season: HeatingSeason) -> Bool {
        season.startYear >= first ?? .min && season.startYear <= last ?? .max
    }

    public func overlaps(_ other: SeasonRange) -> Bool {
        max(first ?? .min, other.first ?? .min) <= min(last ?? .max, other.last ?? .max)
    }

    public var description: String {
        let from = first.map { HeatingSeason(startYear: $0).description } ?? ""
        let to = last.map { HeatingSeason(startYear: $0).description } ?? ""
        return from == to ? from : "\(from)..\(to)"
    }
}

/// A day of any year: `11-15`.
public struct MonthDay: Sendable, Hashable {
    public var month: Int
    public var day: Int

    /// Nil where no year has such a day.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 2, parts[1].utf8.count == 2, let month = Int(parts[0]),
            let day = Int(parts[1]), CivilDate(year: 2000, month: month, day: day) != nil
        else { return nil }
        self.month = month
        self.day = day
    }

    /// The day in a year; 02-29 of a common year is its 28th of February.
    public func date(in year: Int) -> CivilDate? {
        CivilDate(year: year, month: month, day: day) ?? (month == 2 ? CivilDate(year: year, month: 2, day: 28) : nil)
    }

    /// The day as a date before or in a season: from May on in the year in which the season starts, else in the next.
    public func date(around season: HeatingSeason) -> CivilDate? {
        date(in: month >= 5 ? season.startYear : season.startYear + 1)
    }
}

/// Days from a first to a last, both included.
public struct DaySpan: Sendable, Hashable, CustomStringConvertible {
    public var first: CivilDate
    public var last: CivilDate

    public init(_ first: CivilDate, _ last: CivilDate) {
        self.first = first
        self.last = last
    }

    /// 0 where the last day comes before the first.
    public var days: Int { max(0, last.days(since: first) + 1) }
    public func contains(_ day: CivilDate) -> Bool { first <= day && day <= last }
    public func intersection(_ other: DaySpan) -> DaySpan { DaySpan(max(first, other.first), min(last, other.last)) }
    public var description: String { "\(first)..\(last)" }
}

/// When a season starts and ends, and how its days are counted.
public struct SeasonRule: Sendable, Hashable {
    public enum DayCount: Sendable, Hashable {
        /// First and last day both count: 11-15–03-15 is 121 days, 122 in a leap year.
        case inclusive
        /// The last day does not count.
        case exclusive
        /// The price is published for so many days, whatever the calendar says.
        case fixed(Int)
    }

    public var start: MonthDay
    public var end: MonthDay
    public var days: DayCount
    /// Seasons whose dates were published otherwise.
    public var exceptions: [HeatingSeason: DaySpan]

    /// First and last day of a season.
    public func span(of season: HeatingSeason) -> DaySpan? {
        if let exception = exceptions[season] { return exception }
        let wraps = (end.month, end.day) < (start.month, start.day)
        guard let first = start.date(in: season.startYear),
            let last = end.date(in: season.startYear + (wraps ? 1 : 0))
        else { return nil }
        return DaySpan(first, last)
    }

    /// How many days the season's price pays for.
    public func count(_ span: DaySpan) -> Int {
        switch days {
        case .inclusive: span.days
        case .exclusive: max(0, span.days - 1)
        case .fixed(let days): days
        }
    }
}
