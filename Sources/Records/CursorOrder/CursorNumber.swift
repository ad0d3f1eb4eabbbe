import HeatModel

/// A number as it stands in a cursor column, exact to the millionth.
struct CursorNumber {
    var millionths: Int128
    /// Digits before the point, without leading zeros.
    var digits: Int

    /// The whole part; nil where it is out of bounds.
    var whole: Int64? { Int64(exactly: millionths / 1_000_000) }

    /// `42`, `-3.25`, `1e+20`. Nil where the text is no number; what has more than 30 digits counts as the greatest of all.
    init?(_ text: Slice<UnsafeBufferPointer<UInt8>>) {
        var rest = text
        let isNegative = rest.first == 0x2D
        if isNegative || rest.first == 0x2B { rest.removeFirst() }
        var value: Int128 = 0
        var significant = 0
        var places = 0
        var seen = 0
        var isFraction = false
        while let byte = rest.first {
            if byte &- 0x30 <= 9 {
                seen += 1
                if significant < 32 && !(isFraction && places >= 6) {
                    value = value * 10 + Int128(byte &- 0x30)
                    if value != 0 { significant += 1 }
                    if isFraction { places += 1 }
                } else if !isFraction {
                    significant += 1
                }
            } else if byte == 0x2E && !isFraction {
                isFraction = true
            } else {
                break
            }
            rest.removeFirst()
        }
        if seen == 0 { return nil }
        var shift = 6 - places
        if let mark = rest.first {
            guard mark == 0x65 || mark == 0x45, let power = Int(String(decoding: rest.dropFirst(), as: UTF8.self))
            else {
                return nil
            }
            shift += max(-99, min(99, power))
        }
        if significant + shift > 36 && value != 0 {
            millionths = isNegative ? .min : .max
            digits = 99
            return
        }
        while shift > 0 {
            value *= 10
            shift -= 1
        }
        while shift < 0 {
            value /= 10
            shift += 1
        }
        millionths = isNegative ? -value : value
        var whole = value / 1_000_000
        digits = 0
        if let small = UInt64(exactly: whole) {
            var small = small
            while small > 0 {
                small /= 10
                digits += 1
            }
        } else {
            while whole > 0 {
                whole /= 10
                digits += 1
            }
        }
    }

    /// Whether it is a value that systems write to mean "none" or "for ever": the greatest of a type, all nines, the year 9999.
    var isSentinel: Bool {
        if millionths == .max || millionths == .min { return true }
        guard millionths > 0 else { return false }
        guard let whole else { return true }
        switch whole {
        case 32_767, 2_147_483_647, 4_294_967_295, .max: return true
        // 9999-12-31 in any zone, in seconds and in milliseconds.
        case 253_370_000_000...253_402_400_000, 253_370_000_000_000...253_402_400_000_000: return true
        default: break
        }
        if digits >= 5 && Self.isAllNines(whole) { return true }
        guard let clock = CursorClock.of(digits: digits), clock != .epochSeconds, clock != .epochMilliseconds else {
            return false
        }
        guard let moment = clock.moment(whole, offsetMinutes: 0) else { return false }
        return moment >= Self.year2200
    }

    private static let year2200: Int64 = 7_258_118_400_000_000

    private static func isAllNines(_ number: Int64) -> Bool {
        var number = number
        while number > 0 {
            if number % 10 != 9 { return false }
            number /= 10
        }
        return true
    }
}
