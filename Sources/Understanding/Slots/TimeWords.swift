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
                // 十分钟前, 半小时后 are points; 三天三夜 is one span.
                var whole = end
                if let nights = numbers.first(where: { $0.start == end }),
                    let next = skip(Self.nights, text, nights.end)
                {
                    whole = next
                }
                let last = skip(ago, text, whole) ?? (whole == end ? skip(later, text, end) : nil)
                found.append(.init(range: at..<(last ?? whole), isSpan: last == nil))
                at = last ?? whole
            } else if let end = point(text, at, numbers, words) {
                var last = end
                while last < text.count {
                    if let next = point(text, last, numbers, words) {
                        last = next
                    } else if last + 1 < text.count, [0x665A, 0x65E9].contains(text[last]),
                        let next = point(text, last + 1, numbers, words)
                    {
                        // 周五晚六点.
                        last = next
                    } else if let between = skip(until, text, last), let next = point(text, between, numbers, words) {
                        // 两点到四点.
                        last = next
                    } else {
                        break
                    }
                }
                last = skip(about, text, last) ?? skip(ofDay, text, last) ?? last
                found.append(.init(range: at..<last, isSpan: false))
                at = last
            } else {
                at += 1
            }
        }
        return found
    }

    private static let ago = ["以前", "之前", "前"].map(\.scalars)
    private static let later = ["以后", "之后", "后"].map(\.scalars)
    private static let quarters = ["一刻钟", "一刻", "三刻"].map(\.scalars)
    private static let nights = ["夜", "宿", "晚上", "晚"].map(\.scalars)
    private static let ofDay = ["那天", "当天", "那会儿", "那阵子", "那晚", "最后一天"].map(\.scalars)
    private static let ofMonth = ["上旬", "中旬", "下旬", "初", "中", "底", "末"].map(\.scalars)
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
        // 12/5
        if let month = number.digits, (1...2).contains(month.count), (100...1200).contains(number.hundredths),
            number.end + 1 < text.count, text[number.end] == 0x2F,
            let day = numbers.first(where: { $0.start == number.end + 1 }), day.digits.map({ $0.count <= 2 }) ?? false,
            (100...3100).contains(day.hundredths)
        {
            return skip(["号".scalars, "日".scalars], text, day.end) ?? day.end
        }
        if number.hundredths <= 2400, var end = skip(clock, text, number.end) {
            // 九点一刻.
            if let quarter = skip(quarters, text, end) { return quarter }
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
        if mark == 0x6708 || text[end - 1] == 0x4EFD {
            if number.hundredths > 1200 { return nil }
            // 十一月中旬, 十二月初.
            return skip(ofMonth, text, end) ?? end
        }
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
            if text[end - 1] == 0x6708, end - number.end == 1, ![0x4EE8, 0x4FE9, 0x4E24].contains(text[number.start]) {
                return nil
            }
            if text[end - 1] == 0x5E74, number.hundredths > 1_500 { return nil }
            if text[end - 1] == 0x5468, end < text.count, ScalarKind.isNumeral(text[end]) { return nil }
            return end
        }
        if let after = skip(vague, text, at), let end = skip(units, text, after) { return end }
        return nil
    }
}
