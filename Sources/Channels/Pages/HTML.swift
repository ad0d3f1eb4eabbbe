import Tables

/// Text as it may stand in a page.
package enum HTML {
    /// In the content of an element or between the quotes of an attribute.
    package static func escaped(_ text: String) -> String { HTMLText.escaped(text) }

    /// Paragraphs, one for each line that is not empty.
    package static func paragraphs(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).map { "<p>\(escaped(String($0)))</p>" }.joined()
    }

    /// An address that a link may have: of the web, or a path of this server; nil for any other.
    package static func address(_ text: String) -> String? {
        let isPath = text.hasPrefix("/") && !text.hasPrefix("//") && !text.hasPrefix("/\\")
        let lower = text.prefix(8).lowercased()
        guard isPath || lower.hasPrefix("https://") || lower.hasPrefix("http://") else { return nil }
        return text.unicodeScalars.contains { $0.value <= 0x20 || $0 == "\"" || $0 == "<" } ? nil : escaped(text)
    }

    /// A field of a form that nobody sees.
    package static func hidden(_ name: String, _ value: String) -> String {
        "<input type=\"hidden\" name=\"\(escaped(name))\" value=\"\(escaped(value))\">"
    }
}
