/// Points in time and spans of it as they are said: 明儿一早, 去年十一月, 三天.
enum TimeWords {
    struct Said {
        var range: Range<Int>
        /// How long rather than when.
        var isSpan: Bool
    }

    static func all(in text: Scalars, _ numbers: [SaidNumber], _ words: SlotWords) -> [Said] {
        var found: [Said] = []
        var at = 0
        while at < text.count {
            if let end = span(text, at, numbers) {
                // 十分钟前 is a point.
                let last = skip(ago, text, end)
                found.append(.init(range: at..<(last ?? end), isSpan: last == nil))
                at = last ?? end
            } else if let end = point(text, at, numbers, words) {
                var last = end
                while last < text.count {
                    if let next = point(text, last, numbers, words) {
                        last = next
                    } else if let between = skip(until, text, last), let next = point(text, between, numbers, words) {
                        // 两点到四点.
                        last = next
                    } else {
                        break
                    }
                }
                last = skip(about, text, last) ?? last
                found.append(.init(range: at..<last, isSpan: false))
                at = last
            } else {
                at += 1
            }
        }
        return found
    }

    private static let ago = ["以前", "之前", "前"].map(\.scalars)
    private static let until = ["到", "至", "-", "~"].map(\.scalars)
    private static let about = ["以后", "之后", "以前", "之前", "后"].map(\.scalars)
    private static let clock = ["点钟", "点半", "点多", "点", "时"].map(\.scalars)
    private static let calendar = ["年", "月份", "月", "号", "日"].map(\.scalars)
    private static let units = [
        "个多星期", "个多礼拜", "个多月", "个多小时", "多个小时", "多天", "个星期", "个礼拜", "个小时", "个钟头", "个月", "个冬天", "礼拜", "星期", "小时", "钟头",
        "分钟", "天", "周", "宿", "年", "月", "冬", "晚上",
    ].map(\.scalars)
    private static let vague = ["好几", "几", "半", "大半", "整整"].map(\.scalars)

    private static func skip(_ list: [Scalars], _ text: Scalars, _ at: Int) -> Int? {
        list.first { text[at...].starts(with: $0) }.map { at + $0.count }
    }

    private static func point(_ text: Scalars, _ at: Int, _ numbers: [SaidNumber], _ words: SlotWords) -> Int? {
        if let end = words.longest(.time, text, from: at) {
            // 下礼拜二.
            let isWeek = "拜周期".scalars.contains(text[end - 1])
            if isWeek, end < text.count, "一二三四五六日天".scalars.contains(text[end]),
                end + 1 == text.count || text[end + 1] != 0x4E2A
            {
                return end + 1
            }
            return end
        }
        guard let number = numbers.first(where: { $0.start == at }),
            number.hundredths % 100 == 0 || number.digits != nil
        else { return nil }
        if number.end < text.count, text[number.end] == 0x3A, number.hundredths <= 2400 {
            var end = number.end + 1
            while end < text.count, ScalarKind.isDigit(text[end]) { end += 1 }
            return end
        }
        if number.hundredths <= 2400, var end = skip(clock, text, number.end) {
            // 三点二十.
            if let minutes = numbers.first(where: { $0.start == end }), minutes.hundredths < 6000 {
                end = skip(["分".scalars], text, minutes.end) ?? minutes.end
            }
            return end
        }
        guard let end = skip(calendar, text, number.end) else { return nil }
        let mark = text[end - 1]
        // 3号楼 is a building, 三年 a span, 11日 a day.
        if mark == 0x53F7, end < text.count, [0x697C, 0x9662, 0x7EBF, 0x95E8].contains(text[end]) { return nil }
        if mark == 0x5E74, number.hundredths < 200_000, number.hundredths > 3_500 || number.hundredths < 1_500 {
            return nil
        }
        if mark == 0x6708, number.hundredths > 1200 { return nil }
        if mark == 0x53F7 || mark == 0x65E5, number.hundredths > 3100 { return nil }
        return end
    }

    private static func span(_ text: Scalars, _ at: Int, _ numbers: [SaidNumber]) -> Int? {
        if let number = numbers.first(where: { $0.start == at }) {
            if number.isVague,
                let end = skip(units, text, number.end) ?? skip(units, text, min(number.end + 1, text.count))
            {
                return end
            }
            guard let end = skip(units, text, number.end) else { return nil }
            // 三月 is a month of the year, 2024年 a year.
            if text[end - 1] == 0x6708, end - number.end == 1, text[number.start] != 0x4EE8 { return nil }
            if text[end - 1] == 0x5E74, number.hundredths > 1_500 { return nil }
            if text[end - 1] == 0x5468, end < text.count, ScalarKind.isNumeral(text[end]) { return nil }
            return end
        }
        if let after = skip(vague, text, at), let end = skip(units, text, after) { return end }
        return nil
    }
}
