import Foundation

/// Looks at the language of what people are told.
extension String {
    /// The first Chinese character or sign; nil where there is none.
    package var firstChinese: Substring? {
        range(of: #"[\u2E80-\u303F\u3400-\u9FFF\uF900-\uFAFF\uFF00-\uFFEF]+"#, options: .regularExpression)
            .map { self[$0] }
    }

    /// The first two English words in a row; nil where there are none. What has digits, dots, slashes, dashes or underscores in it is the
    /// name of something, no word.
    package var firstEnglish: Substring? {
        range(
            of: #"(?<![A-Za-z0-9_./:-])[A-Za-z]{2,}[ ,]+[A-Za-z]{2,}(?![A-Za-z0-9_/-]|[.:][A-Za-z0-9])"#,
            options: .regularExpression
        ).map { self[$0] }
    }

    /// What a page says by itself: its texts and labels, without elements of the class `data` and links to another language.
    package var ownWords: [String] {
        replacing(#"(?s)<(\w+)[^>]* class="[^"]*\bdata\b[^"]*"[^>]*>.*?</\1>"#, "")
            .replacing(#"(?s)<a [^>]*hreflang=[^>]*>.*?</a>"#, "")
            .replacing(#"<[^>]* aria-label="([^"]*)"[^>]*>"#, "\n$1\n")
            .replacing(#"<[^>]*>"#, "\n")
            .split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    private func replacing(_ pattern: String, _ template: String) -> String {
        replacingOccurrences(of: pattern, with: template, options: .regularExpression)
    }
}
