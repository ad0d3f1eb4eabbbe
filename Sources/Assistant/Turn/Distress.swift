/// Words of somebody who needs help that no heating company gives.
enum Distress {
    /// What is told to who says them.
    static func of(_ words: String) -> RoomEntry? {
        if ["不想活", "想死", "自杀", "活不下去", "寻短见", "轻生"].contains(where: words.contains) { return .despair }
        let isHurt = ["烫伤", "烧伤", "触电", "晕倒", "昏倒", "电着人", "烫着孩子", "烫到孩子", "被烫"].contains(where: words.contains)
        let isFear = ["怕", "会不会", "容易", "小心", "赔", "投诉"].contains(where: words.contains)
        return isHurt && !isFear ? .hurt : nil
    }
}

/// Words that ask for what is another household's.
enum Others {
    static func isAskedOf(_ text: String) -> Bool {
        // Who compares asks for their own bill; who reports what comes from above asks for nothing.
        guard text.count <= 24, !["比", "跟我", "和我", "漏", "我家"].contains(where: text.contains) else { return false }
        if text.firstMatch(of: /^[0-9]{3,4}(室|号)?的?(电话|手机|户主|户号)/) != nil { return true }
        if text.firstMatch(of: /(谁家|哪家|哪户).{0,4}(欠|没交|没缴)/) != nil { return true }
        let people = /(邻居|隔壁|对门|楼上|楼下|别人家).{0,6}(欠|电话|户号|热费多少|暖气费多少|交了没|缴了没|多少钱)/
        return text.firstMatch(of: people) != nil && !text.contains("贵")
    }
}
