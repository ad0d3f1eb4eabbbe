import Glibc

/// A text in everyday words.
enum PlainForm {
    static func of(_ text: String, _ company: Company) -> String {
        var text = text
        for (word, everyday) in company.plain where text.holds(word) { text = text.replacing(word, with: everyday) }
        for (word, meaning) in company.explained {
            // Said once, where it is not said yet.
            guard text.holds(word), let range = text.firstRange(of: word), !text.contains(meaning) else { continue }
            let rest = text[range.upperBound...]
            if rest.hasPrefix("(") || rest.hasPrefix("（") { continue }
            text.insert(contentsOf: "(\(meaning))", at: range.upperBound)
        }
        return text
    }
}

extension String {
    /// Whether the bytes of a word stand in it: most words stand in no text.
    fileprivate func holds(_ word: String) -> Bool {
        var (text, word) = (self, word)
        return text.withUTF8 { text in
            word.withUTF8 { word in
                guard let start = text.baseAddress, let sought = word.baseAddress, text.count >= word.count else {
                    return word.isEmpty
                }
                return (0...text.count - word.count).contains { memcmp(start + $0, sought, word.count) == 0 }
            }
        }
    }
}
