import Testing

@testable import Assistant

@Suite struct FormsTests {
    @Test(arguments: [
        ("还应缴 1,846.40 元。", "还应缴一千八百四十六元四角。"), ("0.00 元", "零元"), ("0.05 元", "五分"), ("12.05 元", "十二元零五分"),
        ("10,050 元", "一万零五十元"), ("100010 元", "十万零一十元"), ("1,000,000.00 元", "一百万元"), ("110 元", "一百一十元"), ("15 元", "十五元"),
        ("户号 01000010", "户号零幺零零零零幺零"), ("维修单 WX020000123(不热):已派往班组", "维修单WX零二零零零零幺二三，不热，已派往班组"),
        ("2025-12-31 截止", "二零二五年十二月三十一日截止"), ("2025-2026采暖期", "二零二五到二零二六年采暖期"),
        ("12月20日14:05测得19.2℃", "十二月二十日十四点零五分测得十九点二度"), ("8:30–17:00", "八点三十分到十七点整"),
        ("面积大 22.40 ㎡,多 387.32 元", "面积大二十二点四平方米，多三百八十七元三角二分"), ("报停费率 20%", "报停费率百分之二十"),
        ("分摊 15/121 天", "分摊一百二十一分之十五天"), ("25.000 元/㎡", "二十五元每平方米"), ("距您家 1.2 公里", "距您家一点二公里"),
        ("点这里 https://a.cn/x?y=1 缴", "点这里缴"), ("电话 96777", "电话九六七七七"), ("多 -12.30 元", "多负十二元三角"),
    ])
    func isSaidAloud(text: String, aloud: String) { #expect(SpokenForm.of(text) == aloud) }

    @Test func nothingThatIsSaidHoldsASymbol() {
        var state: UInt64 = 7
        let parts = Array("0123456789.,:-/%℃㎡元年月日 ()（）《》\n·→😀abcGJ\"'\\户号一二三")
        for _ in 0..<2000 {
            var text = ""
            for _ in 0..<24 {
                state = state &* 6_364_136_223_846_793_005 &+ 1
                text.append(parts[Int(state >> 33) % parts.count])
            }
            let aloud = SpokenForm.of(text)
            let isSaid = aloud.unicodeScalars.allSatisfy { scalar in
                (0x3400...0x9FFF).contains(scalar.value) || "，。？！、；".unicodeScalars.contains(scalar)
                    || (scalar.value < 0x80 && scalar.properties.isAlphabetic)
            }
            #expect(isSaid, "\(text) → \(aloud)")
        }
    }

    @Test func aShortFormFitsAndKeepsItsLink() {
        let long = String(repeating: "这是一句很长的话。", count: 30)
        let short = ShortForm.of(long, link: "https://pay.example.cn/heating", most: 2)
        #expect(short.utf16.count <= 134 && short.hasSuffix("https://pay.example.cn/heating"))
        let one = ShortForm.of(String(repeating: "长", count: 300), link: nil, most: 1)
        #expect(one.utf16.count <= 70 && one.hasSuffix("…"))
    }
}
