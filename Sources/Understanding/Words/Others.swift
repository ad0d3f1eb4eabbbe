/// Few words that ask for what is another household's, where a rule's pattern is too wide: numbers of rooms, and what stands close together.
enum Others {
    static func isAskedOf(_ bare: Scalars) -> Bool {
        // Who compares asks for their own bill; who reports what comes from above asks for nothing.
        guard bare.count <= 24, !bare.indices.contains(where: { begins(bare, $0, with: own) }) else { return false }
        return isOfRoom(bare) || holds(bare, whose, within: 4, unpaid)
            || holds(bare, people, within: 6, asked) && !bare.contains(0x8D35)  // 贵
    }

    private static let own = ["比", "跟我", "和我", "漏", "我家"].map(\.scalars)
    private static let (whose, unpaid) = (["谁家", "哪家", "哪户"].map(\.scalars), ["欠", "没交", "没缴"].map(\.scalars))
    private static let people = ["邻居", "隔壁", "对门", "楼上", "楼下", "别人家"].map(\.scalars)
    private static let asked = ["欠", "电话", "户号", "热费多少", "暖气费多少", "交了没", "缴了没", "多少钱"].map(\.scalars)
    private static let ofRoom = ["电话", "手机", "户主", "户号"].map(\.scalars)

    private static func begins(_ text: Scalars, _ at: Int, with words: [Scalars]) -> Bool {
        words.contains { text[at...].starts(with: $0) }
    }

    /// 501室的电话: the number of a room at the beginning, and something of its household.
    private static func isOfRoom(_ text: Scalars) -> Bool {
        var at = text.prefix(while: ScalarKind.isDigit).count
        guard (3...4).contains(at) else { return false }
        if at < text.count, text[at] == 0x5BA4 || text[at] == 0x53F7 { at += 1 }
        if at < text.count, text[at] == 0x7684 { at += 1 }
        return begins(text, at, with: ofRoom)
    }

    /// Whether one of the second words follows one of the first with at most so many characters between.
    private static func holds(_ text: Scalars, _ first: [Scalars], within reach: Int, _ second: [Scalars]) -> Bool {
        text.indices.contains { at in
            first.contains { word in
                guard text[at...].starts(with: word) else { return false }
                let end = at + word.count
                return (end...min(end + reach, text.count)).contains { begins(text, $0, with: second) }
            }
        }
    }
}
