import Explanation

/// A text in everyday words.
enum PlainForm {
    static func of(_ text: String, _ company: Company) -> String {
        var text = EverydayWords.put(company.plain, into: text)
        for (word, meaning) in company.explained {
            // Said once, where it is not said yet.
            guard EverydayWords.holds(text, word), let range = text.firstRange(of: word), !text.contains(meaning) else {
                continue
            }
            let rest = text[range.upperBound...]
            if rest.hasPrefix("(") || rest.hasPrefix("（") { continue }
            text.insert(contentsOf: "(\(meaning))", at: range.upperBound)
        }
        return text
    }
}
