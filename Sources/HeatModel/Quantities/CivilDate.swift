/// A day of the proleptic Gregorian calendar, without a zone.
public struct CivilDate: Hashable, Sendable, Comparable {
    /// Days since 1970-01-01.
    public var dayNumber: Int32

    @inlinable
    public init(dayNumber: Int32) { self.dayNumber = dayNumber }

    /// Nil where there is no such day.
    @inlinable
    public init?(year: Int, month: Int, day: Int) {
        guard year >= 1, year <= 9999, month >= 1, month <= 12, day >= 1, day <= Self.days(inMonth: month, of: year)
        else {
            return nil
        }
        self.init(dayNumber: Self.dayNumber(year: year, month: month, day: day))
    }

    @inlinable
    static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: return 30
        case 2: return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        default: return 31
        }
    }

    // Howard Hinnant, "chrono-compatible low-level date algorithms" (public domain).
    @inlinable
    static func dayNumber(year: Int, month: Int, day: Int) -> Int32 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int32(era * 146_097 + dayOfEra - 719_468)
    }

    @inlinable
    public var components: (year: Int, month: Int, day: Int) {
        let shifted = Int(dayNumber) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    public static func < (left: CivilDate, right: CivilDate) -> Bool { left.dayNumber < right.dayNumber }

    /// Whole days from `start` to this day; negative where this day is earlier.
    public func days(since start: CivilDate) -> Int { Int(dayNumber) - Int(start.dayNumber) }
    public func adding(days: Int) -> CivilDate { CivilDate(dayNumber: dayNumber + Int32(days)) }
}

extension UnsafeRawBufferPointer {
    /// The number that two digits make; nil where there are none.
    func twoDigits(at index: Int) -> Int? {
        guard index + 2 <= count else { return nil }
        let (high, low) = (self[index] &- 0x30, self[index + 1] &- 0x30)
        return high <= 9 && low <= 9 ? Int(high) * 10 + Int(low) : nil
    }
}

extension CivilDate: DigitTextual, Codable {
    public static var textCapacity: Int { 32 }

    /// `2025-11-15`.
    public func write(to text: inout DigitText) {
        let (year, month, day) = components
        if year < 0 { text.put("-") }
        text.put(year, width: year < 0 ? 3 : 4)
        text.put("-")
        text.put(month, width: 2)
        text.put("-")
        text.put(day, width: 2)
    }

    /// Reads `2025-11-15` only; the spellings of legacy systems are the mapping's business.
    public init?(_ text: String) {
        var text = text
        guard let date = text.withUTF8({ CivilDate(utf8: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = date
    }

    /// The same of UTF-8.
    public init?(utf8 text: UnsafeRawBufferPointer) {
        guard text.count == 10, text[4] == 0x2D, text[7] == 0x2D, let century = text.twoDigits(at: 0),
            let year = text.twoDigits(at: 2), let month = text.twoDigits(at: 5), let day = text.twoDigits(at: 8)
        else { return nil }
        self.init(year: century * 100 + year, month: month, day: day)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let date = CivilDate(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a date (yyyy-mm-dd)")
        }
        self = date
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
