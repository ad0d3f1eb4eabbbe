/// Whether a clause asks for something, or only tells how it came to that.
enum Asking {
    private static let signs = [
        "吗", "多少", "几点", "几天", "几成", "几号", "几步", "几度", "几毛", "怎么", "咋", "哪", "谁", "啥", "什么", "能", "可以", "行不", "想", "要",
        "给我", "帮我",
        "请",
        "告诉", "教", "看看", "查", "退", "转", "投诉", "多久", "何时", "为何", "是否", "有没有", "还有没", "还是", "选",
    ].map(\.scalars)
    private static let ends: Scalars = "不没么否呗吧".scalars
    private static let denials = ["不是", "不要", "不用", "别", "没问", "不问", "先不", "甭"].map(\.scalars)
    private static let further = [
        "再", "顺便", "另外", "还有", "还想", "还要", "还得", "一并", "顺带", "同时", "也想", "也要", "对了", "然后", "另",
    ].map(\.scalars)

    private static let between = ["还有", "另外", "顺便", "顺带", "再就是", "再一个"].map(\.scalars)
    /// What may also only tell what came next: it parts two that both ask.
    private static let then = ["然后", "完了", "再问"].map(\.scalars)

    /// What stands between question marks, and before and after words that add something; what is shorter asks nothing.
    static func parts(of plain: Scalars) -> [String] {
        for at in plain.indices {
            guard let word = then.first(where: { plain[at...].starts(with: $0) }) else { continue }
            let halves = [plain[..<at], plain[(at + word.count)...]]
            if halves.allSatisfy({ $0.count >= 4 && asks($0) }) { return halves.map { String($0) } }
        }
        var parts: [Scalars] = [[]]
        var at = 0
        while at < plain.count {
            if let word = between.first(where: { plain[at...].starts(with: $0) }) {
                parts.append([])
                at += word.count
            } else if plain[at] == 0x3F {
                parts.append([])
                at += 1
            } else {
                parts[parts.count - 1].append(plain[at])
                at += 1
            }
        }
        return parts.filter { $0.count >= 4 }.map { String($0) }
    }

    /// Whether any clause asks, or a question mark stands.
    static func isQuestion(_ utterance: Utterance) -> Bool {
        utterance.plain.contains(0x3F) || asks(utterance.bare[...])
            || utterance.breaks.contains { ends.contains(utterance.bare[$0 - 1]) }
    }

    static func asks(_ clause: ArraySlice<UInt32>) -> Bool {
        if let last = clause.last, ends.contains(last) { return true }
        // 退不退, 开没开.
        for at in clause.indices.dropFirst().dropLast() where clause[at] == 0x4E0D || clause[at] == 0x6CA1 {
            if clause[at - 1] == clause[at + 1] { return true }
        }
        return clause.indices.contains { at in signs.contains { clause[at...].starts(with: $0) } }
    }

    /// 不要人工, 别给我冻裂了: what is not wanted is not asked.
    static func denies(_ clause: ArraySlice<UInt32>) -> Bool { denials.contains { clause.starts(with: $0) } }

    /// 怎么办, 为什么: asks about what was said before, and nothing of its own.
    static func isBare(_ clause: ArraySlice<UInt32>) -> Bool { bare.contains { $0.elementsEqual(clause) } }

    private static let bare = [
        "怎么办", "咋办", "咋整", "怎么整", "怎么弄", "咋弄", "怎么回事", "咋回事", "为什么", "为啥", "为何", "凭什么", "凭啥", "行不行", "行吗", "可以吗", "好吗",
        "能行吗", "怎么说", "是不是", "对不对", "有没有", "多少", "多少钱", "几点", "什么时候", "啥时候", "派人看看", "来人看看", "给看看", "帮我看看", "给查查",
        "帮我查查",
    ].map(\.scalars)

    /// 再教我怎么交: something further is asked.
    static func adds(_ clause: ArraySlice<UInt32>) -> Bool { further.contains { clause.starts(with: $0) } }
}
