import Foundation

/// A customer's words in the forms in which they are looked at.
struct Utterance {
    /// NFKC, half width, without what is not seen, blanks between Chinese characters or pictures: what slots are read from.
    var plain: Scalars
    /// As ``plain``, in standard words, without blanks and punctuation, small letters: what is compared.
    var bare: Scalars
    /// Where a clause of ``bare`` begins, beside 0: positions after punctuation or a blank.
    var breaks: [Int]
    /// Emoji and the like, each once.
    var pictures: Scalars

    /// What is longer is heard by its beginning and its end.
    static let longest = 600

    /// Whatever the text, in time that its length bounds.
    static func plain(_ text: String) -> (text: Scalars, pictures: Scalars) {
        var raw = Array(text.unicodeScalars.prefix(longest * 20).map(\.value))
        if raw.count > longest { raw = Array(raw[..<(longest * 2 / 3)]) + Array(raw[(raw.count - longest / 3)...]) }
        var pictures: Scalars = []
        var kept: Scalars = []
        kept.reserveCapacity(raw.count)
        for value in compatible(raw) {
            if value == 0x0A || value == 0x0D || value == 0x09 || value == 0x3000 || value == 0xA0 {
                kept.append(0x20)
            } else if ScalarKind.isPicture(value) {
                if pictures.count < 8, !pictures.contains(value) { pictures.append(value) }
                kept.append(0x20)
            } else if !ScalarKind.isUnseen(value) {
                kept.append(value)
            }
        }
        return (squeezed(kept), pictures)
    }

    /// In NFKC. Most texts are of letters and characters that this changes in a simple way, or not at all.
    static func compatible(_ text: Scalars) -> Scalars {
        var result: Scalars = []
        result.reserveCapacity(text.count)
        for value in text {
            switch value {
            case 0..<0x80, 0x3400...0x9FFF, 0x3001...0x3002, 0x3008...0x3011: result.append(value)
            case 0xFF01...0xFF5E: result.append(value - 0xFEE0)
            case 0x3000: result.append(0x20)
            default: return String(text).precomposedStringWithCompatibilityMapping.unicodeScalars.map(\.value)
            }
        }
        return result
    }

    /// Without blanks around a Chinese character; other blanks once.
    private static func squeezed(_ text: Scalars) -> Scalars {
        var result: Scalars = []
        result.reserveCapacity(text.count)
        for (index, value) in text.enumerated() {
            if value == 0x20 {
                guard let last = result.last, last != 0x20, index + 1 < text.count else { continue }
                let ahead = text[(index + 1)...].first { $0 != 0x20 } ?? 0x20
                // Between two Chinese characters a blank may be a pause: it is kept as one where words stand on both sides.
                if ahead == 0x20 { continue }
                if ScalarKind.isHan(last), ScalarKind.isHan(ahead), isSpaced(text, around: index) { continue }
                result.append(0x20)
            } else {
                result.append(value)
            }
        }
        return result
    }

    /// Whether single characters stand apart, as in 暖 气 不 热.
    private static func isSpaced(_ text: Scalars, around index: Int) -> Bool {
        let before = index < 2 || text[index - 2] == 0x20
        let after = index + 2 >= text.count || text[index + 2] == 0x20
        return before || after
    }
}

/// Brings words into the one form that examples, words and rules are in.
struct WordForms: Sendable {
    private let traditional: [UInt32: UInt32]
    private let homophones: Replacements
    private let dialect: Replacements

    init(traditional: [UInt32: UInt32], homophones: Replacements, dialect: Replacements) {
        self.traditional = traditional
        self.homophones = homophones
        self.dialect = dialect
    }

    func utterance(_ text: String) -> Utterance {
        let (plain, pictures) = Utterance.plain(text)
        var words = plain
        for index in words.indices {
            let value = words[index]
            if value &- 0x41 <= 25 {
                words[index] = value | 0x20
            } else if let plainer = traditional[value] {
                words[index] = plainer
            }
        }
        words = dialect.applied(to: homophones.applied(to: words))
        var bare: Scalars = []
        bare.reserveCapacity(words.count)
        var breaks: [Int] = []
        for (index, value) in words.enumerated() {
            if ScalarKind.isHan(value) || ScalarKind.isLetter(value) || ScalarKind.isDigit(value)
                || value > 0x2E80 && isWord(value)
                || isInsideNumber(words, index)
            {
                // A character said over and over says it once or twice.
                if bare.count >= 2, bare[bare.count - 1] == value, bare[bare.count - 2] == value,
                    !ScalarKind.isDigit(value)
                {
                    continue
                }
                bare.append(value)
            } else if !bare.isEmpty, breaks.last != bare.count, !isInsideTime(words, index) {
                breaks.append(bare.count)
            }
        }
        if breaks.last == bare.count { breaks.removeLast() }
        return Utterance(plain: plain, bare: bare, breaks: breaks, pictures: pictures)
    }

    /// The part of an utterance that is meant: without a first clause that only says what is not, as in 不是新开户,是停过又想接着用.
    func meant(_ utterance: Utterance) -> (bare: Scalars, isNegated: Bool) {
        let bare = utterance.bare
        // Who does not want to live denies nothing.
        if Self.noDenials.contains(where: { bare.starts(with: $0) }) { return (bare, false) }
        guard let start = Self.denials.compactMap({ bare.starts(with: $0) ? $0.count : nil }).max() else {
            return (bare, false)
        }
        for at in utterance.breaks where at >= start + 1 && bare.count - at >= 4 && at <= start + 12 {
            if Self.turns.contains(where: { bare[at...].starts(with: $0) }) { return (Array(bare[at...]), true) }
        }
        // Said in one breath: 不是漏水是暖气片掉了.
        if bare.count > start + 5, bare.starts(with: "不是".scalars) {
            for at in (start + 2)..<min(start + 9, bare.count - 4)
            where bare[at] == 0x662F && bare[at - 1] != 0x4E0D && bare[at - 1] != 0x8FD8 {
                return (Array(bare[at...]), true)
            }
        }
        return (bare, false)
    }

    private static let denials = [
        "不是", "我不是", "不问", "我不问", "没问", "我没问", "不查", "我不查", "不取消", "我不取消", "不报修", "我不报修", "不改", "我不改", "不催", "我不催",
        "不要", "我不要", "别管", "不用", "我不用", "不想", "我不想", "没说", "我没说", "不为", "不投诉", "我不投诉", "不退", "我不退", "不赔", "先不说", "不销户",
        "我不销户", "不停", "我不停",
    ].map(\.scalars)
    private static let noDenials = ["不想活", "我不想活"].map(\.scalars)
    private static let turns = ["是", "就", "问", "只", "我就", "我是", "我要", "我想", "我问", "我只", "而是", "想", "要", "光", "单"].map(
        \.scalars)

    private func isWord(_ value: UInt32) -> Bool { Unicode.Scalar(value)?.properties.isAlphabetic ?? false }

    /// 14:30, 12/5: no clause ends there.
    private func isInsideTime(_ words: Scalars, _ index: Int) -> Bool {
        guard words[index] == 0x3A || words[index] == 0x2F, index > 0, index + 1 < words.count else { return false }
        return ScalarKind.isDigit(words[index - 1]) && ScalarKind.isDigit(words[index + 1])
    }

    /// The points and hyphens of 16.4, 3-2-501 are a part of them.
    private func isInsideNumber(_ words: Scalars, _ index: Int) -> Bool {
        guard words[index] == 0x2E || words[index] == 0x2D, index > 0, index + 1 < words.count else { return false }
        return ScalarKind.isDigit(words[index - 1]) && ScalarKind.isDigit(words[index + 1])
    }
}
