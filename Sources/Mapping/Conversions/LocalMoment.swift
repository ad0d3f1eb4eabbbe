import HeatModel

/// A date, perhaps with a time and an offset, as a legacy system spells it.
struct LocalMoment {
    var year = 0
    var month = 0
    var day = 0
    var hour = 0
    var minute = 0
    var second = 0
    var microsecond = 0
    /// Minutes east of UTC; `noOffset` where the text has none.
    var offset = LocalMoment.noOffset
    /// Seconds beside them, of the same sign: local mean times of before 1901 have some.
    var offsetSeconds = 0
    var hasTime = false
    /// What a clock of twelve hours says beside the hour.
    private var half = Half.none

    private enum Half { case none, morning, afternoon }

    static let noOffset = Int.min

    /// Reads every spelling of the mapping grammar; `.null` for what ``LongAgo`` knows as never.
    @inline(__always)
    static func read(_ text: Text, into moment: inout LocalMoment) -> Fault {
        moment = LocalMoment()
        let count = text.count
        let start = text.start
        if count >= 10, start[4] == 0x2D, start[7] == 0x2D, number(start, 4, &moment.year),
            number(start + 5, 2, &moment.month),
            number(start + 8, 2, &moment.day)
        {
            if count == 10 { return moment.checked() }
            if count >= 19, start[10] == 0x20 || start[10] == 0x54, start[13] == 0x3A, start[16] == 0x3A,
                number(start + 11, 2, &moment.hour), number(start + 14, 2, &moment.minute),
                number(start + 17, 2, &moment.second)
            {
                if count == 19 { return moment.checked() }
                moment.hasTime = true
                // As PostgreSQL writes most of them: `+08`.
                if count == 22, start[19] == 0x2B, number(start + 20, 2, &moment.offset), moment.offset <= 18 {
                    moment.offset &*= 60
                    return moment.checked()
                }
                moment.offset = noOffset
                var cursor = TextCursor(text, at: 19)
                return readEnd(&cursor, &moment)
            }
            moment = LocalMoment()
        }
        return readAny(text, &moment)
    }

    @inline(__always)
    private static func number(_ start: UnsafePointer<UInt8>, _ count: Int, _ value: inout Int) -> Bool {
        var sum = 0
        for index in 0..<count {
            let digit = start[index] &- 0x30
            if digit > 9 { return false }
            sum = sum &* 10 &+ Int(digit)
        }
        value = sum
        return true
    }

    @inline(__always)
    private func checked() -> Fault {
        guard hour < 24, minute < 60, second < 60 else { return .badDate }
        if year <= 1900 { return LongAgo.fault(self) }
        return CivilDate(year: year, month: month, day: day) != nil ? .none : .badDate
    }

    /// Reads a text in one of the forms declared, or, where they leave no doubt, in any of ``read(_:into:)``.
    @inline(never)
    static func read(_ text: Text, in formats: [DateFormat], into moment: inout LocalMoment) -> Fault {
        for format in formats {
            moment = LocalMoment()
            var cursor = TextCursor(text, at: 0)
            guard format.read(&cursor, &moment) else { continue }
            let fault = readTimeAndEnd(&cursor, &moment)
            if fault == .none || fault == .null { return fault }
        }
        return formats.allSatisfy(\.standsApart) ? read(text, into: &moment) : .badDate
    }

    @inline(never)
    private static func readAny(_ text: Text, _ moment: inout LocalMoment) -> Fault {
        var cursor = TextCursor(text, at: 0)
        let (digits, length) = cursor.digits(atMost: 15)
        switch length {
        case 8:
            moment.year = digits / 10_000
            moment.month = digits / 100 % 100
            moment.day = digits % 100
        case 12, 14:
            var rest = digits
            if length == 14 {
                moment.second = rest % 100
                rest /= 100
            }
            moment.minute = rest % 100
            moment.hour = rest / 100 % 100
            moment.day = rest / 10_000 % 100
            moment.month = rest / 1_000_000 % 100
            moment.year = rest / 100_000_000
            moment.hasTime = true
            return readEnd(&cursor, &moment)
        case 4:
            moment.year = digits
            guard readMonthAndDay(&cursor, &moment) else { return .badDate }
        default: return .badDate
        }
        return readTimeAndEnd(&cursor, &moment)
    }

    private static func readTimeAndEnd(_ cursor: inout TextCursor, _ moment: inout LocalMoment) -> Fault {
        if cursor.isAtEnd { return moment.checked() }
        // A time follows a blank or a T; an offset may follow at once (xs:date).
        if cursor.skip(0x54) || cursor.skipBlanks() || cursor.text[cursor.index - 1] >= 0x80 {
            if cursor.skip("上午") { moment.half = .morning } else if cursor.skip("下午") { moment.half = .afternoon }
            if moment.half != .none { _ = cursor.skipBlanks() }
            if cursor.isDigit {
                guard readTime(&cursor, &moment) else { return .badDate }
                moment.hasTime = true
            }
        }
        return readEnd(&cursor, &moment)
    }

    private static func readMonthAndDay(_ cursor: inout TextCursor, _ moment: inout LocalMoment) -> Bool {
        let isChinese: Bool
        if cursor.skip("年") {
            isChinese = true
        } else if let mark = cursor.next, mark == 0x2D || mark == 0x2F || mark == 0x2E {
            isChinese = false
            cursor.index += 1
        } else {
            return false
        }
        let mark = cursor.index > 0 ? cursor.text[cursor.index - 1] : 0
        let (month, monthLength) = cursor.digits(atMost: 3)
        guard monthLength == 1 || monthLength == 2 else { return false }
        if isChinese {
            guard cursor.skip("月") else { return false }
        } else {
            guard cursor.skip(mark) else { return false }
        }
        let (day, dayLength) = cursor.digits(atMost: 3)
        guard dayLength == 1 || dayLength == 2 else { return false }
        if isChinese, !cursor.skip("日") { guard cursor.skip("号") else { return false } }
        moment.month = month
        moment.day = day
        return true
    }

    private static func readTime(_ cursor: inout TextCursor, _ moment: inout LocalMoment) -> Bool {
        let (hour, hourLength) = cursor.digits(atMost: 3)
        guard hourLength == 1 || hourLength == 2 else { return false }
        moment.hour = hour
        let isChinese = cursor.skip("时") || cursor.skip("点")
        guard isChinese || cursor.skip(0x3A) else { return false }
        if isChinese, cursor.isAtEnd { return true }
        let (minute, minuteLength) = cursor.digits(atMost: 3)
        guard minuteLength == 2 || (isChinese && minuteLength == 1) else { return false }
        moment.minute = minute
        if isChinese {
            guard cursor.skip("分") else { return false }
            if cursor.isAtEnd { return true }
        } else if !cursor.skip(0x3A) {
            return true
        }
        let (second, secondLength) = cursor.digits(atMost: 3)
        guard secondLength == 2 || (isChinese && secondLength == 1) else { return false }
        moment.second = second
        return !isChinese || cursor.skip("秒")
    }

    /// What may follow the seconds: a fraction, AM or PM, an offset, and the BC of PostgreSQL.
    private static func readEnd(_ cursor: inout TextCursor, _ moment: inout LocalMoment) -> Fault {
        if cursor.skip(0x2E) || cursor.skip(0x2C) {
            var digits = 0
            while cursor.isDigit {
                if digits < 6 { moment.microsecond = moment.microsecond * 10 + Int(cursor.text[cursor.index] &- 0x30) }
                digits += 1
                cursor.index += 1
            }
            guard digits > 0 else { return .badDate }
            while digits < 6 {
                moment.microsecond *= 10
                digits += 1
            }
        }
        _ = cursor.skipBlanks()
        if moment.half == .none, moment.hasTime, !cursor.isAtEnd, cursor.text[cursor.index] > 0x2D {
            if cursor.skip("AM") || cursor.skip("am") || cursor.skip("上午") {
                moment.half = .morning
            } else if cursor.skip("PM") || cursor.skip("pm") || cursor.skip("下午") {
                moment.half = .afternoon
            }
            _ = cursor.skipBlanks()
        }
        guard moment.readHalf() else { return .badDate }
        if cursor.isAtEnd { return moment.checked() }
        if cursor.skip(0x5A) || cursor.skip(0x7A) {
            moment.offset = 0
        } else if cursor.next == 0x2B || cursor.next == 0x2D {
            guard readOffset(&cursor, &moment) else { return .badDate }
        }
        _ = cursor.skipBlanks()
        if cursor.skip("BC") { moment.year = 1 - moment.year }
        return cursor.isAtEnd ? moment.checked() : .badDate
    }

    /// Makes the hour one of twenty-four.
    private mutating func readHalf() -> Bool {
        if half == .none { return true }
        guard hasTime, hour <= 12 else { return false }
        hour = hour % 12 + (half == .afternoon ? 12 : 0)
        return true
    }

    /// `+08`, `+0800`, `+08:00`, and with seconds `+08:05:43`.
    private static func readOffset(_ cursor: inout TextCursor, _ moment: inout LocalMoment) -> Bool {
        let sign = cursor.next == 0x2D ? -1 : 1
        cursor.index += 1
        let (value, length) = cursor.digits(atMost: 7)
        var (hours, minutes, seconds) = (value, 0, 0)
        switch length {
        case 2:
            if cursor.skip(0x3A) {
                let count: Int
                (minutes, count) = cursor.digits(atMost: 3)
                guard count == 2 else { return false }
                if cursor.skip(0x3A) {
                    let count: Int
                    (seconds, count) = cursor.digits(atMost: 3)
                    guard count == 2 else { return false }
                }
            }
        case 4: (hours, minutes) = (value / 100, value % 100)
        case 6: (hours, minutes, seconds) = (value / 10_000, value / 100 % 100, value % 100)
        default: return false
        }
        guard hours <= 18, minutes < 60, seconds < 60 else { return false }
        moment.offset = sign * (hours * 60 + minutes)
        moment.offsetSeconds = sign * seconds
        return true
    }

    /// Seconds since 1970-01-01T00:00:00Z of a moment whose offset is known.
    var utcSecond: Int64 { localSecond - Int64(offset * 60 + offsetSeconds) }

    var localSecond: Int64 { dayNumber * 86_400 + Int64(hour * 3600 + minute * 60 + second) }

    /// The same moment with an offset of whole minutes, the only ones that RFC 3339 can write.
    mutating func dropOffsetSeconds() {
        let local = localSecond - Int64(offsetSeconds)
        offsetSeconds = 0
        let rest = Int(local - local.day * 86_400)
        (year, month, day) = CivilDate(dayNumber: Int32(local.day)).components
        (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60)
    }

    /// Days since 1970-01-01 of a moment that was read.
    @inline(__always)
    var dayNumber: Int64 { Int64(CivilDate(year: year, month: month, day: day)?.dayNumber ?? 0) }
}
