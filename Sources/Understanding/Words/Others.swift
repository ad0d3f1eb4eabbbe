/// Few words that ask for what is another household's, where a rule's pattern is too wide: numbers of rooms, and what stands close together.
enum Others {
    static func isAskedOf(_ bare: Scalars) -> Bool {
        let text = String(bare)
        // Who compares asks for their own bill; who reports what comes from above asks for nothing.
        guard text.count <= 24, !["比", "跟我", "和我", "漏", "我家"].contains(where: text.contains) else { return false }
        if text.firstMatch(of: /^[0-9]{3,4}(室|号)?的?(电话|手机|户主|户号)/) != nil { return true }
        if text.firstMatch(of: /(谁家|哪家|哪户).{0,4}(欠|没交|没缴)/) != nil { return true }
        let people = /(邻居|隔壁|对门|楼上|楼下|别人家).{0,6}(欠|电话|户号|热费多少|暖气费多少|交了没|缴了没|多少钱)/
        return text.firstMatch(of: people) != nil && !text.contains("贵")
    }
}
