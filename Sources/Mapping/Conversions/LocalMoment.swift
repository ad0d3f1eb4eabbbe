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
    /// Minutes east of UTC; nil where the text has none.
    var offset = LocalMoment.noOffset

    static let noOffset = Int.min

    /// Reads every spelling of the mapping grammar; `.null` for `0000-00-00` and `1900-01-01`.
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
        guard CivilDate(year: year, month: month, day: day) != nil else {
            return year == 0 && month == 0 && day == 0 ? .null : .badDate
        }
        return year == 1900 && month == 1 && day == 1 ? .null : .none
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
            return readEnd(&cursor, &moment)
        case 4:
            moment.year = digits
            guard readMonthAndDay(&cursor, &moment) else { return .badDate }
        default: return .badDate
        }
        if cursor.isAtEnd { return moment.checked() }
        // A time follows a blank or a T; an offset may follow at once (xs:date).
        if cursor.skip(0x54) || cursor.skipBlanks() || text[cursor.index - 1] >= 0x80 {
            if cursor.isDigit { guard readTime(&cursor, &moment) else { return .badDate } }
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

    /// What may follow the seconds: a fraction and an offset.
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
        if cursor.isAtEnd { return moment.checked() }
        if cursor.skip(0x5A) || cursor.skip(0x7A) {
            moment.offset = 0
            return cursor.isAtEnd ? moment.checked() : .badDate
        }
        let isWest = cursor.next == 0x2D
        guard cursor.skip(0x2B) || cursor.skip(0x2D) else { return .badDate }
        var (hours, length) = cursor.digits(atMost: 5)
        var minutes = 0
        if length == 4 {
            minutes = hours % 100
            hours /= 100
        } else {
            guard length == 2 else { return .badDate }
            if cursor.skip(0x3A) {
                (minutes, length) = cursor.digits(atMost: 3)
                guard length == 2 else { return .badDate }
            }
        }
        guard cursor.isAtEnd, hours <= 18, minutes < 60 else { return .badDate }
        moment.offset = (hours * 60 + minutes) * (isWest ? -1 : 1)
        return moment.checked()
    }

    /// Days since 1970-01-01 of a moment that was read.
    @inline(__always)
    var dayNumber: Int64 { Int64(CivilDate(year: year, month: month, day: day)?.dayNumber ?? 0) }
}
