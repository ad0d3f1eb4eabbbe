import HeatModel

/// A day and a time of day, which a workbook stores as days since an epoch and a share of one.
struct CellDate {
    let startsIn1904: Bool

    enum Refusal: Error { case noNumber, before1900, noSuchDay, tooLate }

    /// Milliseconds of a day.
    private static let day: Int64 = 86_400_000
    /// 1970-01-01 in days since 1899-12-30 and since 1904-01-01.
    private static let epoch1900: Int64 = 25_569
    private static let epoch1904: Int64 = 24_107
    /// 9999-12-31.
    private static let lastDay: Int64 = 2_932_896

    /// The text of a stored number: `2025-11-14`, `2025-11-14 09:30:00`, `09:30:00`; with `.123` where it is no whole second.
    func text(_ stored: UnsafeBufferPointer<UInt8>, hasDay: Bool, hasTime: Bool) throws(Refusal) -> [UInt8] {
        let moment = try milliseconds(stored)
        if moment < 0 { throw .before1900 }
        let (serial, time) = (moment / Self.day, moment % Self.day)
        if !hasDay, serial == 0 { return Self.clock(time) }
        var days: Int64
        if startsIn1904 {
            days = serial - Self.epoch1904
        } else {
            if serial == 0 { throw .before1900 }
            // Excel believes that 1900 had a 29th of February; days before it count from the 31st of December.
            if serial == 60 { throw .noSuchDay }
            days = serial - Self.epoch1900 + (serial < 60 ? 1 : 0)
        }
        if days > Self.lastDay { throw .tooLate }
        let date = CivilDate(dayNumber: Int32(days)).components
        var text = Self.padded(Int64(date.year), 4) + [0x2D] + Self.padded(Int64(date.month), 2)
        text += [0x2D] + Self.padded(Int64(date.day), 2)
        if hasTime || time > 0 { text += [0x20] + Self.clock(time) }
        return text
    }

    /// Hours, minutes and seconds, the hours beyond a day: `36:30:00`.
    func duration(_ stored: UnsafeBufferPointer<UInt8>) throws(Refusal) -> [UInt8] {
        let moment = try milliseconds(stored)
        return (moment < 0 ? [0x2D] : []) + Self.clock(abs(moment))
    }

    /// To the millisecond, which is what a binary number of this size tells of a day.
    private func milliseconds(_ stored: UnsafeBufferPointer<UInt8>) throws(Refusal) -> Int64 {
        guard let decimal = CellNumber.Decimal(stored), decimal.digits.count <= 25 else { throw .noNumber }
        let wholeDigits = decimal.digits.count + decimal.exponent
        if wholeDigits > 9 { throw .tooLate }
        // Beyond the 18th place nothing is left of a millisecond.
        let places = min(max(0, -decimal.exponent), 18)
        var units: Int128 = 0
        let kept = decimal.exponent >= -18 ? decimal.digits[...] : decimal.digits.dropLast(-18 - decimal.exponent)
        for digit in kept { units = units * 10 + Int128(digit - 0x30) }
        for _ in 0..<max(0, decimal.exponent) { units *= 10 }
        var scale: Int128 = 1
        for _ in 0..<places { scale *= 10 }
        let value = (units * Int128(Self.day) * 2 + scale) / (scale * 2)
        return decimal.isNegative ? -Int64(value) : Int64(value)
    }

    private static func clock(_ time: Int64) -> [UInt8] {
        let (seconds, rest) = (time / 1_000, time % 1_000)
        var text = padded(seconds / 3_600, 2) + [0x3A] + padded(seconds / 60 % 60, 2) + [0x3A] + padded(seconds % 60, 2)
        if rest > 0 { text += [0x2E] + padded(rest, 3) }
        return text
    }

    private static func padded(_ value: Int64, _ width: Int) -> [UInt8] {
        var digits: [UInt8] = []
        var rest = value
        repeat {
            digits.append(UInt8(rest % 10) + 0x30)
            rest /= 10
        } while rest > 0 || digits.count < width
        return digits.reversed()
    }
}
