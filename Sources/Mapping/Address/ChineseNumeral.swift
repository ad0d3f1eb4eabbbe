/// Numbers in Chinese characters, as on house plates.
enum ChineseNumeral {
    static func digit(_ character: Character) -> Int? {
        switch character {
        case "零", "〇", "○": 0
        case "一", "壹": 1
        case "二", "两", "贰": 2
        case "三", "叁": 3
        case "四", "肆": 4
        case "五", "伍": 5
        case "六", "陆": 6
        case "七", "柒": 7
        case "八", "捌": 8
        case "九", "玖": 9
        default: nil
        }
    }

    static func isNumeral(_ character: Character) -> Bool {
        digit(character) != nil || character == "十" || character == "百"
    }

    /// `十二` → `12`, `一百零八` → `108`, `五〇一` → `501`; nil where the text is no such number.
    static func digits(_ text: some StringProtocol) -> String? {
        guard !text.isEmpty, text.allSatisfy(isNumeral) else { return nil }
        if !text.contains(where: { $0 == "十" || $0 == "百" }) {
            let plain = text.compactMap { digit($0).map(String.init) }.joined()
            let trimmed = plain.drop { $0 == "0" }
            return trimmed.isEmpty ? "0" : String(trimmed)
        }
        var total = 0
        var pending: Int?
        var smallest = 1000
        for character in text {
            if character == "百" || character == "十" {
                let scale = character == "百" ? 100 : 10
                guard scale < smallest, pending != nil || (scale == 10 && total == 0) else { return nil }
                total += (pending ?? 1) * scale
                pending = nil
                smallest = scale
            } else if let value = digit(character) {
                guard pending == nil || pending == 0 else { return nil }
                pending = value
            }
        }
        return String(total + (pending ?? 0))
    }
}
