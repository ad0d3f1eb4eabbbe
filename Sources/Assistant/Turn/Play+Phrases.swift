import Explanation
import Foundation

/// What few words mean, whatever is spoken of.
extension Play {
    /// Whether words are one of these, whatever they end with.
    static func isOne(_ text: String, of phrases: [String]) -> Bool {
        let core = core(text)
        return phrases.contains { $0 == text || Self.core($0) == core }
    }

    /// Words without the particles at their end.
    static func core(_ words: String) -> String {
        var text = Substring(words)
        while text.count > 1, let last = text.last, "吧呀啊哦嗯了呢".contains(last) { text.removeLast() }
        return String(text)
    }

    /// Words without what carries nothing at the ends.
    static func bare(_ words: String) -> String {
        let dropped: Set<Character> = ["。", "，", "！", "？", ".", ",", "!", "?", " ", "~", "～", "、", "\n", "　"]
        // Of Chinese characters and ASCII nothing has another form.
        let isPlain = words.unicodeScalars.allSatisfy { $0.value < 0x80 || (0x4E00...0x9FEF).contains($0.value) }
        var text = Substring(isPlain ? words : words.precomposedStringWithCompatibilityMapping)
        while let first = text.first, dropped.contains(first) { text.removeFirst() }
        while let last = text.last, dropped.contains(last) { text.removeLast() }
        return String(text)
    }

    /// The offer that words mean: the same words, or ones that hold an expression of it without turning it round.
    static func offer(meant text: String, among offers: [Mind.Offer]) -> Mind.Offer? {
        if let same = offers.first(where: { isOne(text, of: [$0.words] + $0.says) }) { return same }
        if text.count <= 3, let digit = Self.ordinal(text), let one = offers.first(where: { $0.digit == digit }) {
            return one
        }
        guard text.count <= 16 else { return nil }
        var best: (offer: Mind.Offer, length: Int)?
        for offer in offers {
            for phrase in [offer.words] + offer.says where phrase.count >= 2 {
                guard EverydayWords.holds(text, phrase) || Self.holdsCore(of: phrase, text) else { continue }
                let turned = ["不", "没", "别", "未", "取消"].contains { text.contains($0) && !phrase.contains($0) }
                if !turned, phrase.count > best?.length ?? 0 { best = (offer, phrase.count) }
            }
        }
        return best?.offer
    }

    private static func holdsCore(of phrase: String, _ text: String) -> Bool {
        let core = core(phrase)
        return core.count >= 3 && EverydayWords.holds(text, core)
    }

    static func ordinal(_ text: String) -> Int? {
        if let number = Int(text), (0...9).contains(number) { return number }
        var text = Substring(text)
        if text.hasPrefix("第") {
            text.removeFirst()
            if text.last == "个" { text.removeLast() }
        } else if text.count > 2 {
            return nil
        }
        let names = ["一": 1, "二": 2, "三": 3, "四": 4, "五": 5]
        return text.last.flatMap { names[String($0)] }
    }

    /// Words without what may be the number of an identity card, or the last six of one.
    static func withoutIdentity(_ words: String) -> String {
        var kept = ""
        var rest = Substring(words)
        while let start = rest.firstIndex(where: \.isASCIIDigit) {
            kept += rest[..<start]
            rest = rest[start...]
            var row = rest.prefix(while: \.isASCIIDigit).prefix(18)
            if row.count < 18, row.endIndex < rest.endIndex, "Xx".contains(rest[row.endIndex]) {
                row = rest[...row.endIndex]
            }
            kept += [6, 15, 18].contains(row.count) ? "…" : row
            rest = rest[row.endIndex...]
        }
        return kept + rest
    }
}
