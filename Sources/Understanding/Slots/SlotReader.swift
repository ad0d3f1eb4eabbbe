import Mapping

/// Reads what an utterance names, from its own words.
struct SlotReader {
    let words: SlotWords

    private static let faults: Set<String> = ["not_warm", "report_fault", "leak_emergency", "follow_up_not_fixed"]
    private static let since = faults.union(["cold_refund", "outage_notice"])
    private static let times: Set<String> = [
        "cancel_or_change_appointment", "order_progress", "pay_failed_no_receipt", "payment_history",
    ]
    private static let channels: Set<String> = ["pay_failed_no_receipt", "payment_history", "pay_how", "invoice"]
    private static let money: Set<String> = [
        "pay_how", "amount_due", "pay_failed_no_receipt", "bill_higher_than_others", "bill_higher_than_last_year",
        "bill_wrong_claim", "payment_history", "deadline_late_fee", "invoice", "shared_area", "suspend_cost",
    ]

    func slots(in text: Scalars, intents: [String]) -> Slots {
        var slots = Slots()
        guard intents.contains(where: { $0 != "none" && $0 != "human" }) else { return slots }
        let intents = Set(intents)
        let numbers = SaidNumber.all(in: text)
        var used: [Range<Int>] = []
        AddressSlots.read(text, words, &slots, &used)
        identifiers(text, numbers, &slots, &used)
        season(text, numbers, &slots, &used)
        area(text, numbers, &slots, &used)
        let times = TimeWords.all(in: text, numbers, words)
        temperature(text, numbers, &slots, &used)
        if !intents.isDisjoint(with: Self.money) { amount(text, numbers, times, &slots, used) }
        if !intents.isDisjoint(with: Self.since) { since(text, times, intents, &slots) }
        if !intents.isDisjoint(with: Self.times) {
            time(text, times.filter { time in !used.contains { $0.overlaps(time.range) } }, intents, &slots)
        }
        if !intents.isDisjoint(with: Self.channels) { slots.channel = channel(text, intents) }
        if !intents.isDisjoint(with: Self.faults) {
            FaultSlots(words: words, text: text, intents: intents).read(&slots, used)
        }
        return slots
    }

    /// Where somebody lives and how they are called, where nothing of it was read yet: of words that are asked for as an address.
    func readPlace(in text: Scalars, _ slots: inout Slots) {
        guard slots.community == nil, slots.building == nil, slots.unit == nil, slots.room == nil else { return }
        var used: [Range<Int>] = []
        AddressSlots.read(text, words, &slots, &used)
        if used.isEmpty, slots.community == nil { slots.community = AddressSlots.alone(text, words) }
        if slots.phone == nil { phone(text, SaidNumber.all(in: text), &slots, &used) }
    }

    private func overlaps(_ used: [Range<Int>], _ number: SaidNumber) -> Bool {
        used.contains { $0.overlaps(number.start..<number.end) }
    }

    // MARK: numbers

    private static let idWords = ["后六位", "末六位", "尾号六位", "最后六位", "后6位", "末6位", "最后6位", "身份证后", "身份证尾号", "身份证号后"].map(
        \.scalars)
    private static let accountWords = ["户号", "编号", "卡号", "客户号", "户头", "账号", "用户号", "号是", "号码"].map(\.scalars)
    private static let orderWords = ["工单号", "单号", "工单", "报修号", "报修单", "编号"].map(\.scalars)

    private func ends(_ list: [Scalars], _ text: Scalars, before: Int, within: Int = 4) -> Bool {
        let from = max(0, before - within - 5)
        return list.contains { word in
            guard before - from >= word.count else { return false }
            return (from...(before - word.count)).contains { at in
                at + word.count >= before - within && text[at..<(at + word.count)].elementsEqual(word)
            }
        }
    }

    private func identifiers(_ text: Scalars, _ numbers: [SaidNumber], _ slots: inout Slots, _ used: inout [Range<Int>])
    {
        // Words of letters and digits: WX0008812.
        var at = 0
        while at < text.count {
            guard ScalarKind.isLetter(text[at]) || ScalarKind.isDigit(text[at]) else {
                at += 1
                continue
            }
            var end = at
            while end < text.count,
                ScalarKind.isLetter(text[end]) || ScalarKind.isDigit(text[end]) || text[end] == 0x2D && end > at
            { end += 1 }
            while text[end - 1] == 0x2D { end -= 1 }
            let word = text[at..<end]
            let digits = word.filter(ScalarKind.isDigit).count
            if ScalarKind.isLetter(word.first!), digits >= 4, slots.order == nil {
                slots.order = String(word).uppercased()
                used.append(at..<end)
            } else if digits == 5, word.count == 6, word.last! | 0x20 == 0x78, slots.idLastSix == nil {
                slots.idLastSix = String(word).uppercased()
                used.append(at..<end)
            }
            at = end
        }
        phone(text, numbers, &slots, &used)
        for number in numbers where !overlaps(used, number) {
            guard let digits = number.digits else { continue }
            if digits.count < 8, let end = grouped(text, numbers, from: number), slots.account == nil,
                ends(Self.accountWords, text, before: number.start)
            {
                slots.account = String(text[number.start..<end].filter(ScalarKind.isDigit))
                used.append(number.start..<end)
                continue
            }
            if digits.count == 6, slots.idLastSix == nil, ends(Self.idWords, text, before: number.start) {
                slots.idLastSix = digits
            } else if digits.count >= 6, slots.order == nil,
                ends(Self.orderWords.dropLast(), text, before: number.start),
                !ends(Self.accountWords.dropFirst(2).dropLast(2), text, before: number.start, within: 2)
            {
                slots.order = digits
            } else if digits.count == 8
                || digits.count >= 6 && digits.count <= 12 && ends(Self.accountWords, text, before: number.start),
                slots.account == nil, !(digits.count == 11 && digits.first == "1")
            {
                slots.account = digits
            } else if digits.count < 7 {
                continue
            }
            used.append(number.start..<number.end)
        }
    }

    /// 13800001234, 138 0000 1234.
    private func phone(_ text: Scalars, _ numbers: [SaidNumber], _ slots: inout Slots, _ used: inout [Range<Int>]) {
        for first in numbers.indices where slots.phone == nil {
            var (digits, end, last) = ("", numbers[first].start, first)
            while last < numbers.count, let next = numbers[last].digits, digits.count < 11,
                last == first || numbers[last].start - end <= 1 && text[end..<numbers[last].start].allSatisfy(isJoint)
            {
                digits += next
                end = numbers[last].end
                last += 1
            }
            guard digits.utf8.count == 11, digits.hasPrefix("1"), digits.dropFirst().first.map({ $0 >= "3" }) ?? false
            else { continue }
            slots.phone = digits
            used.append(numbers[first].start..<end)
        }
    }

    /// 0012 3456: eight digits in groups; where they end.
    private func grouped(_ text: Scalars, _ numbers: [SaidNumber], from first: SaidNumber) -> Int? {
        var (count, end) = (0, first.start)
        for number in numbers where number.start >= first.start {
            let isNext = number.start == first.start || number.start == end + 1 && isJoint(text[end])
            guard isNext, let digits = number.digits, !number.isChinese else { break }
            count += digits.count
            end = number.end
            if count >= 8 { break }
        }
        return count == 8 ? end : nil
    }

    private func isJoint(_ value: UInt32) -> Bool { value == 0x20 || value == 0x2D }

    private func season(_ text: Scalars, _ numbers: [SaidNumber], _ slots: inout Slots, _ used: inout [Range<Int>]) {
        for (first, second) in zip(numbers, numbers.dropFirst()) {
            guard let year = year(first), let next = year2(second, after: year), second.start - first.end <= 3 else {
                continue
            }
            let between = text[first.end..<second.start]
            guard between.contains(where: { "-—~/到至跨和年".scalars.contains($0) }) || between.isEmpty else { continue }
            slots.season = "\(year)-\(next)"
            used.append(first.start..<second.end)
            return
        }
    }

    private func year(_ number: SaidNumber) -> Int? {
        guard let digits = number.digits, let value = Int(digits) else { return nil }
        if digits.count == 4, (1990...2100).contains(value) { return value }
        if digits.count == 2, (10...60).contains(value) { return 2000 + value }
        return nil
    }

    private func year2(_ number: SaidNumber, after first: Int) -> Int? {
        year(number).flatMap { $0 == first + 1 ? $0 : nil }
    }

    private static let squares: [Scalars] = ["平方米", "平方", "平米", "平", "㎡", "m2", "个平方"].map(\.scalars)

    private static let areaWords = ["建筑面积", "建面", "房本", "房本上", "房产证", "产权证", "面积是", "面积按", "面积写", "面积算"].map(
        \.scalars)

    private func area(_ text: Scalars, _ numbers: [SaidNumber], _ slots: inout Slots, _ used: inout [Range<Int>]) {
        var best: (text: String, isBuilding: Bool)?
        for number in numbers where !overlaps(used, number) {
            guard var unit: Scalars = Self.squares.first(where: { text[number.end...].starts(with: $0) }) else {
                let isSaid = ends(Self.areaWords, text, before: number.start, within: 6)
                if isSaid, best == nil, !number.isVague, number.hundredths >= 2_000, number.hundredths < 100_000,
                    number.end == text.count || !Self.measures.contains(text[number.end])
                {
                    best = (number.text, true)
                    used.append(number.start..<number.end)
                }
                continue
            }
            let place = number.end + unit.count
            var said = number.text
            // 九十八平五.
            if let tenth = numbers.first(where: { $0.start == place })?.digits, tenth.count == 1,
                number.hundredths % 100 == 0, place + 1 == text.count || !Self.measures.contains(text[place + 1])
            {
                said += "." + tenth
                unit.append(text[place])
            }
            used.append(number.start..<(number.end + unit.count))
            let after = text[(number.end + unit.count)...].prefix(2)
            let isVague = number.isVague || ["上下", "左右", "来的", "出头"].contains { after.starts(with: $0.scalars) }
            guard !isVague, number.upper == nil, number.hundredths >= 1_000, number.hundredths < 200_000,
                !isOthers(text, number.start)
            else { continue }
            let isBuilding = ends(Self.areaWords, text, before: number.start, within: 6)
            if best == nil || isBuilding && !best!.isBuilding { best = (said, isBuilding) }
        }
        slots.area = best?.text
    }

    /// Whether the clause before a place speaks of someone else or of another time.
    private func isOthers(_ text: Scalars, _ start: Int) -> Bool {
        var from = start
        while from > 0, !Self.isMark(text[from - 1]) { from -= 1 }
        var (mine, others) = (-1, -1)
        for at in from..<start {
            if words.longest(.mine, text, from: at) != nil { mine = at }
            if words.longest(.others, text, from: at) != nil { others = at }
        }
        return others > mine
    }

    static func isMark(_ value: UInt32) -> Bool { ",.，。;；!?、:：".scalars.contains(value) || value == 0x20 }

    private func temperature(_ text: Scalars, _ numbers: [SaidNumber], _ slots: inout Slots, _ used: inout [Range<Int>])
    {
        for (index, number) in numbers.enumerated() where !overlaps(used, number) {
            guard number.hundredths >= 300 || number.upper != nil, number.hundredths <= 3_500 else { continue }
            var value = number.text
            var end = number.end
            if end == text.count {
                if !isMeasured(text, number) { continue }
            } else if text[end] == 0x5EA6 || text[end] == 0x2103 || text[end] == 0xB0
                || text[end...].starts(with: "摄氏度".scalars)
            {
                end += 1
                // 十六度五, 16度半.
                if end < text.count, text[end] == 0x534A {
                    value += ".5"
                    end += 1
                } else if index + 1 < numbers.count, numbers[index + 1].start == end,
                    let tenth = numbers[index + 1].digits, tenth.count == 1,
                    !(end + 1 < text.count && [0x4E2A, 0x5929, 0x6B21].contains(text[end + 1]))
                {
                    value += "." + tenth
                    end += 1
                }
            } else if !isMeasured(text, number) {
                continue
            }
            if let upper = number.upper {
                value = "\(upper - 1)-\(upper)"
            }
            used.append(number.start..<end)
            if text[..<number.start].ends(with: "零下") || isStandard(text, number.start, end)
                || isOthers(text, number.start) || slots.temperature != nil
            {
                continue
            }
            slots.temperature = value
        }
    }

    private static let measured = ["量", "量了", "量的", "测", "测了", "测的", "测温单上写", "温度", "室温", "测出来", "量出来"].map(\.scalars)

    /// Without a unit: what was measured, or what can be nothing else (就16.5).
    private func isMeasured(_ text: Scalars, _ number: SaidNumber) -> Bool {
        guard number.hundredths >= 500, number.hundredths <= 3_000, !number.isVague,
            !number.isChinese || number.hundredths % 100 != 0
        else {
            return false
        }
        if number.end < text.count, Self.measures.contains(text[number.end]) || text[number.end] == 0x3A {
            return false
        }
        return ends(Self.measured, text, before: number.start, within: 1)
            || number.hundredths % 100 != 0
                && ["就", "才", "写", "显示", "只有", "表", "计", "是", "着"].contains { text[..<number.start].ends(with: $0) }
    }

    /// 标准18度, 不到18度, 18度才算: a line, no measurement.
    private func isStandard(_ text: Scalars, _ start: Int, _ end: Int) -> Bool {
        let before = max(0, start - 6)..<start
        if words.find(.standard, text, in: before.lowerBound..<start) != nil { return true }
        let after = text[end...].prefix(3)
        return ["才", "以上", "以下", "标准", "算", "达标", "及格", "的标准", "是最低", "线", "是标准", "那条线"].contains {
            after.starts(with: $0.scalars)
        }
    }

    private static let yuan: [Scalars] = ["元", "块钱", "块", "圆"].map(\.scalars)
    private static let measures: Scalars = "个天月年号楼室户平度岁人家次遍分页条张克米斤点小时钟期层栋单门座幢位名瓦千升吨立块桶米厘毫倍成折片组间只台趟回种".scalars

    private func isYear(_ number: SaidNumber) -> Bool { year(number) != nil && number.hundredths < 203_500 }

    private func amount(
        _ text: Scalars, _ numbers: [SaidNumber], _ times: [TimeWords.Said], _ slots: inout Slots, _ used: [Range<Int>]
    ) {
        for number in numbers where !overlaps(used, number) {
            if number.isVague || number.upper != nil
                || times.contains(where: { $0.range.overlaps(number.start..<number.end) })
            {
                continue
            }
            guard number.hundredths >= 10_000, number.hundredths < 10_000_000 else { continue }
            let after = text[number.end...]
            var unit: Scalars? = Self.yuan.first { after.starts(with: $0) }
            var said = number.text
            // 五十六块三: the tenths behind the unit.
            if let unit, unit.first == 0x5757, number.hundredths % 100 == 0,
                let tenth = numbers.first(where: { $0.start == number.end + unit.count }), tenth.digits?.count == 1,
                tenth.end == text.count || !Self.measures.contains(text[tenth.end]) || text[tenth.end] == 0x6BDB
            {
                if tenth.hundredths > 0 { said += ".\(tenth.hundredths / 100)" }
            }
            if unit == nil, number.start > 0, text[number.start - 1] == 0xA5 { unit = [] }
            let rest = after.dropFirst(unit?.count ?? 0).prefix(2)
            if ["左右", "上下", "出头", "多", "来", "一平", "每平"].contains(where: { rest.starts(with: $0.scalars) }) { continue }
            if unit == nil {
                // Without a unit: not before a unit of something else, no year, and no digits said one by one.
                if let next = after.first, ScalarKind.isLetter(next) || Self.measures.contains(next) { continue }
                if number.digits != nil, number.isChinese || isYear(number) { continue }
                if number.digits?.first == "0" || (number.digits?.count ?? 0) > 5 { continue }
                // Beside an area a small number is another one: 房本118.6平,账单写126.
                if slots.area != nil, number.hundredths < 30_000 { continue }
                let near = text[max(0, number.start - 3)..<number.start]
                if ["打", "拨", "热线", "第", "编号", "单号", "号码"].contains(where: { contains(near, $0.scalars) })
                    || near.contains(where: ScalarKind.isLetter)
                {
                    continue
                }
            }
            let before = text[max(0, number.start - 4)..<number.start]
            if contains(before, any: ["差", "多", "低", "便宜", "贵", "高", "涨", "少", "比", "快", "将近", "零下"]) {
                continue
            }
            if isOthers(text, number.start) { continue }
            slots.amount = said
        }
    }

    private func contains(_ text: ArraySlice<UInt32>, _ word: Scalars) -> Bool {
        guard text.count >= word.count else { return false }
        return (text.startIndex...(text.endIndex - word.count)).contains {
            text[$0..<($0 + word.count)].elementsEqual(word)
        }
    }

    // MARK: words

    private func since(_ text: Scalars, _ times: [TimeWords.Said], _ intents: Set<String>, _ slots: inout Slots) {
        if let range = words.find(.since, text, in: 0..<text.count) {
            slots.since = String(text[range])
            return
        }
        // Since when goes before how long; a question for when is neither.
        let said = times.first { time in
            let before = text[max(0, time.range.lowerBound - 2)..<time.range.lowerBound]
            let after = text[time.range.upperBound...].prefix(3)
            // What is yet to come, and a question for how long.
            if ["明", "后天", "几"].contains(where: { text[time.range].starts(with: $0.scalars) })
                || contains(text[..<time.range.lowerBound].suffix(4), any: ["要", "会", "得"])
            {
                return false
            }
            if time.isSpan {
                // 热了俩钟头, 没两天: how long it was well.
                if ["连着", "连续", "一连", "接连", "整整"].contains(where: { text[..<time.range.lowerBound].ends(with: $0) }) {
                    return true
                }
                if ["热了", "好了", "没", "才", "过", "再"].contains(where: { before.ends(with: $0) })
                    || [0x51AC, 0x5BBF].contains(text[time.range.upperBound - 1])
                {
                    return false
                }
                if before.last.map({ "冻冷凉停漏断熬烧等".scalars.contains($0) }) ?? false
                    || ["停了", "冻了", "熬了", "凉了", "断了", "烧了", "冷了", "没热", "不热"].contains(where: { before.ends(with: $0) })
                {
                    return true
                }
                if ["没", "不"].contains(where: { after.starts(with: $0.scalars) }) {
                    return after.contains { "热暖供气温来烫修".scalars.contains($0) }
                }
                return ["了", "都", "一直", "还", "也", "多"].contains { after.starts(with: $0.scalars) }
                    || after.isEmpty || Self.isMark(after.first!)
            }
            // 一到后半夜就凉 is each time, 三月到账 is something else.
            if ["一到", "每到", "每", "到了"].contains(where: { before.ends(with: $0) }) || after.starts(with: "到账".scalars)
                || ["起来", "起床"].contains(where: { after.starts(with: $0.scalars) })
            {
                return false
            }
            return text[time.range].ends(with: "前") && time.range.count > 2
                || before.last.map { "从打自".scalars.contains($0) } ?? false
                || ["起", "就", "开始", "到", "停", "不", "又", "突然", "忽然", "一下", "才"].contains {
                    after.starts(with: $0.scalars)
                }
        }
        slots.since = said.map { String(text[$0.range]) }
    }

    // MARK: appointments and payments

    private func contains(_ text: ArraySlice<UInt32>, any words: [String]) -> Bool {
        words.contains { contains(text, $0.scalars) }
    }

    /// What stands before and after a place in its clause, as far as it is near.
    private func near(_ text: Scalars, _ range: Range<Int>, _ reach: Int) -> (
        before: ArraySlice<UInt32>, after: ArraySlice<UInt32>
    ) {
        var (from, to) = (range.lowerBound, range.upperBound)
        while from > 0, range.lowerBound - from < reach, !Self.isMark(text[from - 1]) { from -= 1 }
        while to < text.count, to - range.upperBound < reach, !Self.isMark(text[to]) { to += 1 }
        return (text[from..<range.lowerBound], text[range.upperBound..<to])
    }

    private func time(_ text: Scalars, _ times: [TimeWords.Said], _ intents: Set<String>, _ slots: inout Slots) {
        let points = times.filter { !$0.isSpan && !Self.isInside(text, $0.range.lowerBound) }
        let found: TimeWords.Said?
        if intents.contains("cancel_or_change_appointment") {
            found = wanted(text, points)
        } else if intents.contains("order_progress") {
            // Only what was agreed: not when it was reported, nor whether somebody comes today.
            found = points.first { point in
                let (before, after) = near(text, point.range, 8)
                if contains(after.prefix(4), any: ["报", "登记", "打的电话", "打过", "下的单", "提交"]) { return false }
                return contains(text[point.range], any: ["点", ":"])
                    || contains(before, any: ["说", "约", "定", "答应", "通知", "安排", "派到"])
            }
        } else {
            found = points.first { point in
                let (before, after) = near(text, point.range, 10)
                let paid = ["交", "缴", "付", "扣", "那笔", "这笔", "刷", "转", "充", "打款", "存", "汇", "买"]
                let other = ["卖", "买", "搬", "租", "票", "退", "装修"]
                if let at = after.indices.first(where: { at in paid.contains { after[at...].starts(with: $0.scalars) } }
                ) {
                    return !contains(after[..<at], any: other)
                }
                return contains(before, any: ["交", "缴", "付", "扣"])
            }
        }
        slots.time = found.map { String(text[$0.range]) }
    }

    /// 一上午 is a span, 以前年度 no year.
    private static func isInside(_ text: Scalars, _ at: Int) -> Bool {
        ["一", "以"].contains { text[..<at].ends(with: $0) }
    }

    /// When somebody is to come instead: what it is changed to, or the last time said that is not one when nobody can.
    private func wanted(_ text: Scalars, _ points: [TimeWords.Said]) -> TimeWords.Said? {
        let free = points.filter { point in
            let after = near(text, point.range, 6).after
            let before = text[..<point.range.lowerBound].suffix(3)
            return !contains(before, any: ["别", "不", "取消", "撤"])
                && !contains(
                    after,
                    any: [
                        "别来", "甭来", "不用来", "先别", "不在", "没人", "来不了", "有事", "没空", "出差", "加班", "开会", "不行", "不方便", "去不了",
                        "赶集", "没时间", "走不开", "太早", "太晚", "早了", "晚了", "来不及", "赶不上",
                    ].filter { !($0 == "不行" && contains(after, any: ["行不行"])) })
        }
        let target = free.first { point in
            contains(
                text[max(0, point.range.lowerBound - 2)..<point.range.lowerBound],
                any: ["到", "成", "至", "改", "换", "挪", "推"])
        }
        if let target { return target }
        guard let last = free.last else { return nil }
        // What was agreed before is not what is wanted: 约的明天 without another time.
        let before = text[max(0, last.range.lowerBound - 3)..<last.range.lowerBound]
        return contains(before, any: ["约的", "约了", "定的", "约在", "本来", "原来", "定了"]) ? nil : last
    }

    private static let paying = ["交", "缴", "付", "扣", "充", "刷", "转"]

    /// By what was or is to be paid: words that stand together are one, as in 建行手机银行.
    private func channel(_ text: Scalars, _ intents: Set<String>) -> String? {
        var at = 0
        while at < text.count {
            guard var end = words.longest(.channel, text, from: at) else {
                at += 1
                continue
            }
            while let next = words.longest(.channel, text, from: end) { end = next }
            // 工行卡.
            if end < text.count, text[end] == 0x5361, text[end - 1] == 0x884C { end += 1 }
            let range = at..<end
            at = end
            let (before, after) = near(text, range, 8)
            let word = String(text[range])
            // A bank that says something is none that is paid at.
            if word == "银行",
                !(before.last.map { "去在到从用上跑".scalars.contains($0) } ?? false)
                    && !contains(after.prefix(4), any: Self.paying)
            {
                continue
            }
            // What is read in a programme need not have been paid there.
            if intents.isSubset(of: ["payment_history", "invoice"]),
                ["小程序", "公众号", "微信公众号", "微信小程序", "APP", "app"].contains(word),
                !contains(before, any: Self.paying), !contains(after.prefix(4), any: Self.paying)
            {
                continue
            }
            return word
        }
        return nil
    }
}
