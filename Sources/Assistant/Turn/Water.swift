/// What words of a fault say of water.
enum Water: Sendable {
    /// It runs: everybody is hurried.
    case runs
    /// It comes out, and nobody knows how much.
    case leaks

    private static let running = [
        "跑水", "喷水", "喷出", "水流", "流水", "流了一地", "流一地", "往外流", "还在流", "一直流", "淌", "哗", "爆", "满屋", "满地", "一地水", "一地都是水",
        "止不住", "关不上", "漏得厉害", "漏得很", "大漏", "水漫", "泡了", "冒水",
    ]
    private static let dripping = ["滴", "渗", "一点点", "慢慢漏", "潮", "洇"]

    /// Nil where water is not spoken of, or drips alone.
    static func of(_ words: String) -> Water? {
        let isWater = words.contains("水") || words.contains("漏")
        guard isWater, !["没漏", "不漏", "没有漏", "未漏", "煤气", "燃气", "热水"].contains(where: words.contains) else { return nil }
        if running.contains(where: words.contains) { return .runs }
        guard words.contains("漏"), !dripping.contains(where: words.contains) else { return nil }
        return .leaks
    }
}
