import Foundation

/// A column's name or comment, as words.
struct ColumnName {
    /// The Chinese in it, without brackets and blanks; empty where there is none.
    let label: String
    /// Letters and digits of the rest, small, without borders.
    let joined: String
    /// The same, cut at borders and case, each word in its ordinary spelling.
    let words: [String]
    /// Without the first word, where all columns of the table begin alike.
    private let shorter: String?

    init(_ text: String, sharedPrefix: String? = nil, vocabulary: Set<String>) {
        let folded = text.precomposedStringWithCompatibilityMapping
        var label = ""
        var depth = 0
        var ascii = ""
        for character in folded {
            if "([【（".contains(character) { depth += 1 }
            if depth == 0 {
                if character.unicodeScalars.allSatisfy({ $0.properties.isIdeographic }) {
                    label.append(character)
                } else if character.isASCII {
                    ascii.append(character)
                }
            }
            if ")]】）".contains(character) { depth = max(0, depth - 1) }
        }
        self.label = label
        let pieces = Self.pieces(ascii)
        joined = pieces.joined()
        words = EnglishWords.normal(pieces.flatMap { Self.cut($0, vocabulary) })
        if let sharedPrefix, pieces.count > 1, pieces[0] == sharedPrefix {
            shorter = pieces.dropFirst().joined()
        } else {
            shorter = nil
        }
    }

    /// Cut at what is no letter or digit, and where small letters turn into large ones.
    static func pieces(_ text: String) -> [String] {
        var found: [String] = []
        var piece = ""
        var wasSmall = false
        for character in text {
            guard character.isLetter || character.isNumber else {
                if !piece.isEmpty { found.append(piece) }
                piece = ""
                wasSmall = false
                continue
            }
            if character.isUppercase, wasSmall {
                found.append(piece)
                piece = ""
            }
            wasSmall = character.isLowercase
            piece.append(character)
        }
        if !piece.isEmpty { found.append(piece) }
        return found.map { $0.lowercased() }
    }

    /// A word that is several known ones written together: `custname`. As it is where it is not.
    private static func cut(_ word: String, _ vocabulary: Set<String>) -> [String] {
        if vocabulary.contains(word) || word.count < 5 || word.count > 32 { return [word] }
        let letters = Array(word)
        // The fewest words that fill it.
        var best: [[String]?] = Array(repeating: nil, count: letters.count + 1)
        best[0] = []
        for end in 1...letters.count {
            for start in 0..<end {
                guard let before = best[start], end - start >= 2 else { continue }
                let part = String(letters[start..<end])
                guard vocabulary.contains(part) else { continue }
                if best[end].map({ $0.count > before.count + 1 }) ?? true { best[end] = before + [part] }
            }
        }
        return best[letters.count] ?? [word]
    }

    /// How well a word of the lexicon fits, in thousandths, and how.
    struct Fit {
        var score: Int
        var how: String
    }

    func fit(_ term: Lexicon.Term) -> Fit? {
        switch term.form {
        case .chinese: return fitLabel(term) ?? fitPinyin(term)
        case .english: return fitEnglish(term)
        case .abbreviation:
            guard joined == term.text || shorter == term.text else { return nil }
            return Fit(score: term.text.count > 2 ? 960 : 700, how: "a usual abbreviation")
        }
    }

    private func fitLabel(_ term: Lexicon.Term) -> Fit? {
        guard !label.isEmpty else { return nil }
        if label == term.text { return Fit(score: 950, how: "label \(term.text)") }
        if term.text.count >= 2, label.hasSuffix(term.text) || label.hasPrefix(term.text) {
            return Fit(score: 450 + 400 * term.text.count / label.count, how: "label with \(term.text)")
        }
        return nil
    }

    private func fitPinyin(_ term: Lexicon.Term) -> Fit? {
        guard !joined.isEmpty, term.parts.count == term.text.count, term.parts.count > 1 else { return nil }
        return [joined, shorter].compactMap { $0 }.compactMap { Self.pinyin($0, term) }.max { $0.score < $1.score }
    }

    private static func pinyin(_ name: String, _ term: Lexicon.Term) -> Fit? {
        let syllables = term.parts
        if name == syllables.joined() { return Fit(score: 930, how: "pinyin of \(term.text)") }
        if name == syllables.map({ String($0.prefix(1)) }).joined() {
            let score = syllables.count >= 4 ? 860 : syllables.count == 3 ? 740 : 520
            return Fit(score: score, how: "initials of \(term.text)")
        }
        // Each syllable whole or by its initial: yonghubh.
        func matches(_ rest: Substring, _ index: Int) -> Bool {
            if index == syllables.count { return rest.isEmpty }
            return (rest.hasPrefix(syllables[index]) && matches(rest.dropFirst(syllables[index].count), index + 1))
                || (rest.first == syllables[index].first && matches(rest.dropFirst(), index + 1))
        }
        return matches(name[...], 0) && syllables.count > 2
            ? Fit(score: 840, how: "pinyin and initials of \(term.text)") : nil
    }

    /// Words that say what a value is rather than what of.
    private static let weak: Set<String> = ["flag", "code", "is", "value", "text", "the", "of", "key", "cn"]

    /// Words that are often added, and change little.
    private static let soft: Set<String> = ["name", "number", "date", "time"]

    private func fitEnglish(_ term: Lexicon.Term) -> Fit? {
        guard !words.isEmpty else { return nil }
        if words == term.parts || joined == term.parts.joined() {
            return Fit(score: term.parts.count > 1 ? 920 : 860, how: "\(term.text)")
        }
        let own = Set(words)
        let wanted = Set(term.parts)
        if own.subtracting(Self.weak) == wanted.subtracting(Self.weak), !wanted.subtracting(Self.weak).isEmpty {
            return Fit(score: 840, how: "\(term.text)")
        }
        guard wanted.isSubset(of: own) else { return nil }
        let left = own.subtracting(wanted).subtracting(Self.weak)
        let soft = left.intersection(Self.soft).count
        let loss = 220 * (left.count - soft) + 100 * soft
        return Fit(score: max(300, 780 - loss) - (term.parts.count == 1 ? 80 : 0), how: "words of \(term.text)")
    }
}
