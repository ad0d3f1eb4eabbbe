/// A number as it is said: digits, Chinese numerals, or digits before a multiplier.
struct SaidNumber {
    var start: Int
    var end: Int
    /// In hundredths, as a bill or an area may have a fraction.
    var hundredths: Int
    /// As digits, where all of it are digits or numerals said one by one (account numbers, rooms): `零零三八` is `0038`.
    var digits: String?
    /// 两千来, 几百, 一百多: not exact.
    var isVague: Bool
    /// 十三四: the second of two neighbours.
    var upper: Int?
    var isChinese: Bool

    /// Without a fraction that is none: `16.4`, `2310`.
    var text: String {
        let (whole, rest) = (hundredths / 100, hundredths % 100)
        if rest == 0 { return "\(whole)" }
        if rest % 10 == 0 { return "\(whole).\(rest / 10)" }
        return "\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// All numbers of a text, from left to right.
    static func all(in text: Scalars) -> [SaidNumber] {
        var found: [SaidNumber] = []
        var at = 0
        while at < text.count {
            if let number = arabic(text, at) ?? code(text, at) ?? chinese(text, at) {
                found.append(number)
                at = number.end
            } else {
                at += 1
            }
        }
        return found
    }

    private static func arabic(_ text: Scalars, _ start: Int) -> SaidNumber? {
        guard ScalarKind.isDigit(text[start]) else { return nil }
        // Digits in the middle of a word such as WX0008812 are no number.
        if start > 0, ScalarKind.isLetter(text[start - 1]) { return nil }
        var end = start
        var whole = 0
        while end < text.count, ScalarKind.isDigit(text[end]) || isGroup(text, end) {
            if text[end] != 0x2C { whole = min(whole * 10 + Int(text[end] - 0x30), 1_000_000_000_000) }
            end += 1
        }
        let digits = String(text[start..<end].filter { $0 != 0x2C })
        var hundredths = whole * 100
        var isPlain = true
        if end + 1 < text.count, text[end] == 0x2E, ScalarKind.isDigit(text[end + 1]) {
            var scale = 10
            end += 1
            while end < text.count, ScalarKind.isDigit(text[end]) {
                hundredths += Int(text[end] - 0x30) * scale
                scale /= 10
                end += 1
            }
            isPlain = false
        }
        // 3千, 2万, and what goes on in smaller steps: 2万1千3.
        if end < text.count, var rank = ScalarKind.numeral(text[end]), rank >= 11, whole < 100_000 {
            func scale(_ rank: Int) -> Int { rank == 11 ? 100 : rank == 12 ? 1000 : 10_000 }
            hundredths *= scale(rank)
            end += 1
            isPlain = false
            while end < text.count, ScalarKind.isDigit(text[end]), rank > 10,
                end + 1 == text.count || !ScalarKind.isDigit(text[end + 1])
            {
                let digit = Int(text[end] - 0x30) * 100
                let next = end + 1 < text.count ? ScalarKind.numeral(text[end + 1]) : nil
                if let next, (11..<rank).contains(next) {
                    hundredths += digit * scale(next)
                    rank = next
                    end += 2
                } else {
                    hundredths += digit * scale(rank) / 10
                    rank = 10
                    end += 1
                }
            }
        }
        return SaidNumber(
            start: start, end: end, hundredths: hundredths, digits: isPlain ? digits : nil,
            isVague: isVague(text, start, end), upper: nil, isChinese: false)
    }

    private static func isGroup(_ text: Scalars, _ at: Int) -> Bool {
        guard text[at] == 0x2C, at + 3 < text.count, at > 0, ScalarKind.isDigit(text[at - 1]) else { return false }
        return ScalarKind.isDigit(text[at + 1]) && ScalarKind.isDigit(text[at + 2]) && ScalarKind.isDigit(text[at + 3])
            && !(at + 4 < text.count && ScalarKind.isDigit(text[at + 4]))
    }

    /// 幺三八零零: digits said one by one, with those that are no numerals elsewhere.
    private static func code(_ text: Scalars, _ start: Int) -> SaidNumber? {
        var end = start
        while end < text.count, ScalarKind.saidDigit(text[end]) != nil { end += 1 }
        guard end - start >= 4, !text[start..<end].allSatisfy(ScalarKind.isNumeral) else { return nil }
        let digits = text[start..<end].compactMap(ScalarKind.saidDigit)
        return SaidNumber(
            start: start, end: end, hundredths: digits.reduce(0) { min($0 * 10 + $1, 1_000_000_000_000) } * 100,
            digits: digits.map(String.init).joined(), isVague: false, upper: nil, isChinese: true)
    }

    private static func chinese(_ text: Scalars, _ start: Int) -> SaidNumber? {
        guard ScalarKind.isNumeral(text[start]) else { return nil }
        var end = start
        while end < text.count, ScalarKind.isNumeral(text[end]) { end += 1 }
        let parts = text[start..<end].compactMap(ScalarKind.numeral)
        var isPlain = parts.allSatisfy { $0 < 10 }
        var value = 0
        var upper: Int?
        if isPlain {
            for part in parts { value = min(value * 10 + part, 1_000_000_000_000) }
            // 三四度, 五六个: two neighbours are a range.
            if parts.count == 2, parts[1] == parts[0] + 1, parts[0] > 0 { upper = parts[1] }
        } else {
            var total = 0
            var pending: Int?
            var last = 1
            for (index, part) in parts.enumerated() {
                if part >= 10 {
                    let scale = part == 10 ? 10 : part == 11 ? 100 : part == 12 ? 1000 : 10_000
                    if scale == 10_000 {
                        total = (total + (pending ?? 0)) * scale
                    } else {
                        total += (pending ?? 1) * scale
                    }
                    pending = nil
                    last = scale
                } else if let before = pending, before > 0, part == before + 1, index == parts.count - 1 {
                    // 十三四.
                    upper = total + part
                } else {
                    pending = part
                    if part == 0 { last = 10 }
                }
            }
            // 一千九百六 is 1960, 两千三 is 2300.
            if let pending {
                let isShort = last >= 100 && parts.count >= 2 && parts[parts.count - 2] >= 10
                total += isShort ? pending * last / 10 : pending
            }
            value = total
        }
        var hundredths = value * 100
        // 十六点四度, 一百一十二点三平, 温度计十七点五.
        let isMeasure = end + 2 < text.count && "度平".scalars.contains(text[end + 2])
        let isRead =
            value < 40 && start > 0 && "计表".scalars.contains(text[start - 1])
            && (end + 2 >= text.count || SlotReader.isMark(text[end + 2]))
        if end + 1 < text.count, text[end] == 0x70B9, let tenth = ScalarKind.numeral(text[end + 1]), tenth < 10,
            value >= 10, isMeasure || isRead
        {
            hundredths += tenth * 10
            end += 2
            isPlain = false
        }
        return SaidNumber(
            start: start, end: end, hundredths: hundredths,
            digits: isPlain ? parts.map(String.init).joined() : nil,
            isVague: isVague(text, start, end), upper: upper, isChinese: true)
    }

    /// 几 or 约 before it, 来 多 余 after it.
    private static func isVague(_ text: Scalars, _ start: Int, _ end: Int) -> Bool {
        let after = end < text.count ? text[end] : 0
        let before = start > 0 ? text[start - 1] : 0
        // 来 多 余 几 ; 几 约 近 小
        return [0x6765, 0x591A, 0x4F59, 0x51E0].contains(after) || [0x51E0, 0x7EA6, 0x8FD1, 0x5C0F].contains(before)
    }
}
