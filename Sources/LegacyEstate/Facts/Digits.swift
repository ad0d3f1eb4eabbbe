import HeatModel

/// Numbers and days as text, without any formatter.
enum Digits {
    static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return digits.utf8.count >= width ? digits : String(repeating: "0", count: width - digits.utf8.count) + digits
    }

    /// Half-width digits and signs as their full-width forms: `3-2` becomes `３－２`.
    static func fullWidth(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isPlain = scalar.value > 0x20 && scalar.value < 0x7F
            result.append(isPlain ? Unicode.Scalar(scalar.value + 0xFEE0) ?? scalar : scalar)
        }
        return String(result)
    }

    /// 1…99 in Chinese numerals: 十二.
    static func chinese(_ value: Int) -> String {
        let names = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"]
        if value < 10 { return names[value] }
        let tens = value / 10 == 1 ? "十" : names[value / 10] + "十"
        return value % 10 == 0 ? tens : tens + names[value % 10]
    }
}

extension [UInt8] {
    mutating func append(_ text: String) { append(contentsOf: text.utf8) }

    mutating func append(number: Int64) {
        if number < 0 { append(0x2D) }
        append(magnitude: number.magnitude, width: 1)
    }

    /// At least `width` digits, zeros in front.
    mutating func append(magnitude: UInt64, width: Int) {
        var rest = magnitude
        var count = 0
        let start = self.count
        while rest > 0 || count < width {
            append(0x30 + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
            count += 1
        }
        var low = start
        var high = self.count - 1
        while low < high {
            swapAt(low, high)
            low += 1
            high -= 1
        }
    }

    /// A whole number of 10⁻ᵖˡᵃᶜᵉˢ: `append(units: 26000, places: 3)` writes `26.000`.
    mutating func append(units: Int64, places: Int) {
        if units < 0 { append(0x2D) }
        let power = UInt64(ExactDecimal.powersOfTen[places])
        append(magnitude: units.magnitude / power, width: 1)
        if places > 0 {
            append(0x2E)
            append(magnitude: units.magnitude % power, width: places)
        }
    }

    mutating func append(_ date: CivilDate, separator: UInt8? = 0x2D) {
        let (year, month, day) = date.components
        append(magnitude: UInt64(year), width: 4)
        if let separator { append(separator) }
        append(magnitude: UInt64(month), width: 2)
        if let separator { append(separator) }
        append(magnitude: UInt64(day), width: 2)
    }

    mutating func append(_ time: LocalTime, separator: UInt8 = 0x20) {
        append(time.date)
        append(separator)
        append(magnitude: UInt64(time.secondOfDay / 3600), width: 2)
        append(0x3A)
        append(magnitude: UInt64(time.secondOfDay / 60 % 60), width: 2)
        append(0x3A)
        append(magnitude: UInt64(time.secondOfDay % 60), width: 2)
    }
}

/// A moment on the wall clock of the company (Asia/Shanghai, no summer time).
struct LocalTime: Hashable, Comparable, Sendable {
    /// Seconds since 1970-01-01 00:00 local time.
    var seconds: Int64

    init(seconds: Int64) { self.seconds = seconds }

    init(_ date: CivilDate, second: Int = 0) { seconds = Int64(date.dayNumber) * 86_400 + Int64(second) }

    var date: CivilDate { CivilDate(dayNumber: Int32(seconds / 86_400)) }
    var secondOfDay: Int { Int(seconds % 86_400) }

    static func < (left: LocalTime, right: LocalTime) -> Bool { left.seconds < right.seconds }

    func adding(seconds more: Int) -> LocalTime { LocalTime(seconds: seconds + Int64(more)) }

    /// `2026-01-20 09:30:00`.
    var text: String {
        var bytes: [UInt8] = []
        bytes.append(self)
        return String(decoding: bytes, as: UTF8.self)
    }
}
