import Testing

@testable import Understanding

/// What asks for another household's data, beside patterns that say the same.
@Suite struct OthersTests {
    private static func byPatterns(_ text: String) -> Bool {
        guard text.count <= 24, !["比", "跟我", "和我", "漏", "我家"].contains(where: text.contains) else { return false }
        if text.firstMatch(of: /^[0-9]{3,4}(室|号)?的?(电话|手机|户主|户号)/) != nil { return true }
        if text.firstMatch(of: /(谁家|哪家|哪户).{0,4}(欠|没交|没缴)/) != nil { return true }
        let people = /(邻居|隔壁|对门|楼上|楼下|别人家).{0,6}(欠|电话|户号|热费多少|暖气费多少|交了没|缴了没|多少钱)/
        return text.firstMatch(of: people) != nil && !text.contains("贵")
    }

    @Test func whatGoesThroughTheTextFindsWhatThePatternsFind() {
        let parts = [
            "5", "501", "2046", "室", "号", "的", "电话", "手机", "户主", "谁家", "哪户", "欠", "没交", "没缴", "邻居", "楼上", "别人家", "户号",
            "热费多少",
            "多少钱", "贵", "比", "和我", "漏", "我", "家", "是", "查一下", "今年", "了",
        ]
        var state: UInt64 = 5
        func roll(_ sides: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(sides))
        }
        var found = 0
        for _ in 0..<4_000 {
            let text = (0..<(1 + roll(9))).map { _ in parts[roll(parts.count)] }.joined()
            let isAsked = Others.isAskedOf(text.scalars)
            #expect(isAsked == Self.byPatterns(text), "\(text)")
            if isAsked { found += 1 }
        }
        #expect(found > 200)
    }
}
