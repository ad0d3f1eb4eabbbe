/// Digits as they are said and written where a number is asked for: 零幺零 → 010, 29-62-70 → 296270.
package enum SaidDigits {
    private static let separators = " -.·".scalars
    /// Words that hold a digit and are none of a number: 后六位.
    private static let words = ["最后六位", "后六位", "末六位", "最后6位", "后6位", "末6位", "八位", "8位"].map(\.scalars)

    /// The text in capitals with each number as a row of digits, without what stands between the digits of one.
    package static func written(_ text: String) -> String {
        let text = Array(text.uppercased().scalars)
        var result: Scalars = []
        var at = 0
        while at < text.count {
            defer { at += 1 }
            if let word = words.first(where: { text[at...].starts(with: $0) }) {
                result.append(0x2C)
                at += word.count - 1
                continue
            }
            if separators.contains(text[at]) {
                // Two whole numbers beside each other stay two.
                let before = result.reversed().prefix(while: ScalarKind.isDigit).count
                if before >= 6, text[at] == 0x20 { result.append(0x2C) }
                continue
            }
            // One numeral alone is a word: 一家.
            let isBesideSaid =
                at > 0 && ScalarKind.saidDigit(text[at - 1]) != nil
                || at + 1 < text.count && ScalarKind.saidDigit(text[at + 1]) != nil
            if isBesideSaid, let digit = ScalarKind.saidDigit(text[at]) {
                result.append(0x30 + UInt32(digit))
            } else {
                result.append(text[at])
            }
        }
        return String(result)
    }
}
