/// A moment, with the offset from UTC in force where it was recorded. Two instants are the same moment whatever their
/// offsets; `==` asks for both to agree, `<` orders by the moment.
public struct Instant: Hashable, Sendable, Comparable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    public var microseconds: Int64
    /// Minutes east of UTC.
    public var offsetMinutes: Int16

    @inlinable
    public init(microseconds: Int64, offsetMinutes: Int16) {
        self.microseconds = microseconds
        self.offsetMinutes = offsetMinutes
    }

    public static func < (left: Instant, right: Instant) -> Bool { left.microseconds < right.microseconds }

    static let microsecondsPerDay: Int64 = 86_400_000_000

    /// The local day and the microsecond of that day.
    public var local: (date: CivilDate, microsecondOfDay: Int64) {
        let shifted = microseconds + Int64(offsetMinutes) * 60_000_000
        var day = shifted / Self.microsecondsPerDay
        var rest = shifted % Self.microsecondsPerDay
        if rest < 0 {
            day -= 1
            rest += Self.microsecondsPerDay
        }
        return (CivilDate(dayNumber: Int32(day)), rest)
    }
}

extension Instant: DigitTextual, Codable {
    public static var textCapacity: Int { 64 }

    /// RFC 3339 with the offset: `2026-10-01T08:30:00+08:00`; a fraction only where there is one, without trailing zeros.
    public func write(to text: inout DigitText) {
        let (date, microsecondOfDay) = local
        let seconds = Int(microsecondOfDay / 1_000_000)
        date.write(to: &text)
        text.put("T")
        text.put(seconds / 3600, width: 2)
        text.put(":")
        text.put(seconds / 60 % 60, width: 2)
        text.put(":")
        text.put(seconds % 60, width: 2)
        var fraction = Int(microsecondOfDay % 1_000_000)
        if fraction != 0 {
            var places = 6
            while fraction % 10 == 0 {
                fraction /= 10
                places -= 1
            }
            text.put(".")
            text.put(fraction, width: places)
        }
        let offset = Int(offsetMinutes)
        text.put(offset < 0 ? "-" : "+")
        text.put(offset / 60, width: 2)
        text.put(":")
        text.put(offset % 60, width: 2)
    }

    /// Reads RFC 3339 (`2026-10-01T08:30:00.25+08:00`, or `Z`).
    public init?(_ text: String) {
        var text = text
        guard let instant = text.withUTF8({ Instant(utf8: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = instant
    }

    /// The same of UTF-8.
    public init?(utf8 bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 20, bytes[10] == 0x54 || bytes[10] == 0x20, bytes[13] == 0x3A, bytes[16] == 0x3A,
            let date = CivilDate(utf8: UnsafeRawBufferPointer(rebasing: bytes[0..<10])),
            let hour = bytes.twoDigits(at: 11), let minute = bytes.twoDigits(at: 14),
            let second = bytes.twoDigits(at: 17),
            hour < 24, minute < 60, second < 60
        else { return nil }
        var index = 19
        var fraction: Int64 = 0
        if bytes[index] == 0x2E {
            index += 1
            var digits = 0
            while index < bytes.count, bytes[index] &- 0x30 <= 9 {
                if digits < 6 {
                    fraction = fraction * 10 + Int64(bytes[index] &- 0x30)
                    digits += 1
                }
                index += 1
            }
            if digits == 0 { return nil }
            for _ in digits..<6 { fraction *= 10 }
        }
        guard index < bytes.count else { return nil }
        var offset: Int16 = 0
        if bytes[index] == 0x5A {
            guard index + 1 == bytes.count else { return nil }
        } else {
            guard bytes[index] == 0x2B || bytes[index] == 0x2D, index + 6 == bytes.count, bytes[index + 3] == 0x3A,
                let hours = bytes.twoDigits(at: index + 1), let minutes = bytes.twoDigits(at: index + 4), hours < 24,
                minutes < 60
            else { return nil }
            offset = Int16(hours * 60 + minutes) * (bytes[index] == 0x2D ? -1 : 1)
        }
        let seconds = Int64(date.dayNumber) * 86_400 + Int64(hour * 3600 + minute * 60 + second) - Int64(offset) * 60
        self.init(microseconds: seconds * 1_000_000 + fraction, offsetMinutes: offset)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let instant = Instant(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an RFC 3339 instant")
        }
        self = instant
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
