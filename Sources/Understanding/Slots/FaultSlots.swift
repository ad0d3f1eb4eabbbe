/// What is wrong, and where, in a customer's own words.
struct FaultSlots {
    let words: SlotWords
    let text: Scalars
    let intents: Set<String>

    private struct Found {
        var range: Range<Int>
        /// The part that is broken is a piece of it: 阀门锈死了.
        var isJoined = false
        var isWet = false
        var weight: Int
    }

    func read(_ slots: inout Slots, _ used: [Range<Int>]) {
        let found = best(used)
        place(found, &slots, used)
        if let found { slots.symptom = String(text[found.range]) }
    }

    // MARK: what is wrong

    /// The longest; of equally long ones the first.
    private func best(_ used: [Range<Int>]) -> Found? {
        var best: Found?
        for start in text.indices {
            for kind in [SlotWords.Kind.symptom, .state, .broken, .pour] {
                guard let end = words.longest(kind, text, from: start) else { continue }
                // 阀门漏水 is said of the water.
                if kind == .broken, end < text.count, text[end] == 0x6C34 || text[end] == 0x6C14,
                    "漏渗滴".scalars.contains(text[end - 1])
                {
                    continue
                }
                let found = whole(start..<end, kind)
                guard !isUnreal(found.range, kind), !used.contains(where: { $0.overlaps(found.range) }) else {
                    continue
                }
                if found.weight > best?.weight ?? 0 { best = found }
            }
        }
        return best
    }

    private var isUrgent: Bool { intents.contains("leak_emergency") }

    private static let adverbs = ["又开始", "又", "也", "都", "全", "突然", "已经", "开始"].map(\.scalars)
    private static let again = ["又开始", "又"].map(\.scalars)
    private static let still = ["还是", "还", "照样", "照旧", "依旧", "仍然", "依然", "仍"].map(\.scalars)
    private static let softEnds: Scalars = "的地得呢啊呀吧嘛吗".scalars

    private func before(_ at: Int, _ list: [Scalars]) -> Int? {
        list.first { at >= $0.count && text[(at - $0.count)..<at].elementsEqual($0) }.map { at - $0.count }
    }

    private func whole(_ core: Range<Int>, _ kind: SlotWords.Kind) -> Found {
        var (start, end) = (core.lowerBound, core.upperBound)
        var isJoined = false
        if kind == .broken {
            var at = start
            while let next = before(at, Self.adverbs) { at = next }
            if at > 0, text[at - 1] == 0x513F, let part = words.start(.part, text, endingAt: at - 1) {
                (start, isJoined) = (part, true)
            } else if let part = words.start(.part, text, endingAt: at) {
                (start, isJoined) = (part, true)
            }
            // 放气阀的帽儿断了.
            if isJoined, start > 1, text[start - 1] == 0x7684,
                let owner = words.start(.part, text, endingAt: start - 1)
            {
                start = owner
            }
        }
        if !isJoined {
            if let next = before(start, Self.again) {
                start = next
                if end < text.count, text[end] == 0x4E86, text[end - 1] != 0x4E86 { end += 1 }
            } else if intents.contains("follow_up_not_fixed"), let next = before(start, Self.still) {
                start = next
            }
        }
        while end - start > 1, Self.softEnds.contains(text[end - 1]) { end -= 1 }
        if end - start > 1, text[start] == 0x7684 { start += 1 }
        // What broke says more than how it is, and water more than both where it runs.
        let isTelling = isJoined || kind == .pour && isUrgent
        return Found(
            range: start..<end, isJoined: isJoined, isWet: kind == .pour,
            weight: end - start + (isTelling ? 2 : 0))
    }

    private static let denials = ["不是", "没有", "并不是", "不怕", "怕", "别给我", "别", "不会", "没", "天", "外头", "外面", "嫌"].map(
        \.scalars)

    /// 天 before it speaks of the weather, but not in 第二天.
    private func isDenied(_ at: Int) -> Bool {
        guard let start = before(at, Self.denials) else { return false }
        guard at - start == 1, text[start] == 0x5929, start > 0 else { return true }
        return !ScalarKind.isNumeral(text[start - 1]) && !"几当".scalars.contains(text[start - 1])
    }

    private static let noMore = ["不", "起"].map(\.scalars)

    /// What is denied or feared is not there: 不是漏水, 没出水.
    private func isUnreal(_ range: Range<Int>, _ kind: SlotWords.Kind) -> Bool {
        isDenied(range.lowerBound)
            || (kind == .broken || kind == .pour) && before(range.lowerBound, Self.noMore) != nil
    }

    // MARK: where

    private func place(_ symptom: Found?, _ slots: inout Slots, _ used: [Range<Int>]) {
        let at = symptom?.range.lowerBound ?? text.count
        var found: Range<Int>?
        for start in text.indices where start < at || found == nil {
            let room = words.longest(.placeForm, text, from: start) ?? words.longest(.place, text, from: start)
            guard let end = room ?? (found == nil ? wetPart(start, symptom) : nil), start >= found?.upperBound ?? 0
            else { continue }
            let range = start..<end
            if used.contains(where: { $0.overlaps(range) }) || symptom.map({ $0.range.overlaps(range) }) ?? false {
                continue
            }
            found = range
            // Without anything that is wrong, where it was spoken of first.
            if symptom == nil { break }
        }
        if let found { slots.place = String(text[found]) }
    }

    /// A part is where it drips, where it is not what is broken itself.
    private func wetPart(_ start: Int, _ symptom: Found?) -> Int? {
        guard let symptom, !symptom.isJoined, symptom.isWet, !isUrgent,
            var end = words.longest(.part, text, from: start)
        else {
            return nil
        }
        while let next = words.longest(.part, text, from: end) { end = next }
        return end - start >= 3 && end <= symptom.range.lowerBound && symptom.range.lowerBound - end <= 6 ? end : nil
    }
}
