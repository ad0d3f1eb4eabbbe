/// A text of the answer as an error may show it: short, on one line, its numbers of five and more digits covered.
struct SeenText: CustomStringConvertible {
    let description: String

    init(_ text: String, atMost length: Int = 80) {
        var out = ""
        var digits = ""
        func settle(_ digits: inout String, _ out: inout String) {
            out += digits.count >= 5 ? String(repeating: "#", count: digits.count) : digits
            digits = ""
        }
        for character in text.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(length) {
            if character.isNumber {
                digits.append(character)
            } else {
                settle(&digits, &out)
                out.append(character)
            }
        }
        settle(&digits, &out)
        description = "\"\(out)\""
    }
}
