/// A line of totals that stands among the records: `合计`, `总计：`, `本页小计`, `Total`. As a record it would double all money.
public enum TotalLine {
    private static let words = ["合计", "总计", "小计", "共计", "累计", "汇总"]
    private static let englishWords: Set<String> = [
        "total", "totals", "subtotal", "subtotals", "grandtotal", "sumtotal",
    ]
    /// What may stand before such a word, and after it.
    private static let scopes = [
        "本页", "当页", "每页", "本期", "本日", "当日", "本月", "当月", "本年", "当年", "全部", "金额", "户数", "页", "月", "年", "日", "总",
    ]
    private static let counted = Set("共户条笔元行人份个张页数金额总0123456789")
    /// A longer text says more than that.
    private static let mostBytes = 64

    /// Whether a text that begins with this byte may name one: a quick answer that spares most texts the look.
    @inlinable
    @inline(__always)
    public static func mayBegin(with byte: UInt8) -> Bool {
        if byte &- 0x30 <= 9 { return false }
        let letter = byte | 0x20
        return letter &- 0x61 >= 26 || letter == 0x74 || letter == 0x73 || letter == 0x67
    }

    /// Whether a field names a line of totals. Blanks, colons, brackets and quotes in it mean nothing.
    ///
    /// - Parameter isKey: the field identifies the record. No key ends in such a word; of names of people and places some do.
    public static func isNamed(by text: UnsafeBufferPointer<UInt8>, isKey: Bool = false) -> Bool {
        guard let first = text.first, mayBegin(with: first), text.count <= mostBytes, mayHoldWord(text) else {
            return false
        }
        var core = ""
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            // Full-width letters and digits are what they look like.
            let folded = 0xFF01...0xFF5E ~= scalar.value ? Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar : scalar
            if folded.properties.isAlphabetic || "0"..."9" ~= folded { core.unicodeScalars.append(folded) }
        }
        core = core.lowercased()
        if englishWords.contains(String(core.prefix { !$0.isNumber })) { return true }
        return words.contains { word in
            guard let range = core.ranges(of: word).last else { return false }
            let (before, after) = (core[..<range.lowerBound], core[range.upperBound...])
            guard after.allSatisfy(counted.contains) else { return false }
            return before.isEmpty || scopes.contains(String(before)) || (isKey && after.isEmpty)
        }
    }

    private static func mayHoldWord(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        for index in 0..<max(0, text.count - 2) {
            switch (text[index], text[index + 1], text[index + 2]) {
            // 计, 汇, and the full-width T in both sizes.
            case (0xE8, 0xAE, 0xA1), (0xE6, 0xB1, 0x87), (0xEF, 0xBC, 0xB4), (0xEF, 0xBD, 0x94): return true
            case (0x54, _, _), (0x74, _, _):
                if text[index + 1] | 0x20 == 0x6F, text[index + 2] | 0x20 == 0x74 { return true }
            default: break
            }
        }
        return false
    }
}
