import JSONText

extension PersonalField {
    public enum Mask: Sendable {
        /// `张*明`: the first and the last character, of two the first.
        case name
        /// `138****5678`; of other lengths the first and the last digit.
        case number
        /// Nothing: `***`.
        case whole
    }
}

extension PersonalField.Mask {
    /// What is left of a text.
    public func text(_ text: String) -> String {
        var json = JSONBytes()
        json.string(text)
        var masked = JSONBytes()
        masked.raw("\"")
        json.withUnsafeBytes { write($0.unquoted, into: &masked) }
        masked.raw("\"")
        return masked.withUnsafeBytes { $0.text }
    }

    /// What is left of a value's JSON text, for people: a string's text, those of a list with commas between them.
    public func text(ofJSON value: UnsafeRawBufferPointer) -> String {
        guard value.first == 0x5B else { return text(value.text) }
        var elements = JSONMembers(value)
        var texts: [String] = []
        while let (_, element) = elements.next() { texts.append(text(element.text)) }
        return texts.joined(separator: ", ")
    }

    /// Appends what is left of a JSON string's inside (escapes included).
    func write(_ text: UnsafeRawBufferPointer, into out: inout JSONBytes) {
        switch self {
        case .whole:
            if !text.isEmpty { out.raw("***") }
        case .number:
            if text.count == 11, text.allSatisfy({ $0 &- 0x30 <= 9 }) {
                out.raw(text.part(0..<3))
                out.raw("****")
                out.raw(text.part(7..<11))
            } else {
                Self.keepEnds(text, into: &out)
            }
        case .name: Self.keepEnds(text, into: &out)
        }
    }

    /// Of one character nothing is kept, of two the first, of more the first and the last; at most eight stars stand between.
    private static func keepEnds(_ text: UnsafeRawBufferPointer, into out: inout JSONBytes) {
        var count = 0
        var index = 0
        var first = 0
        var last = 0
        while index < text.count {
            last = index
            index += length(at: index, text)
            if count == 0 { first = index }
            count += 1
        }
        if count == 0 { return }
        if count > 1 { out.raw(text.part(0..<first)) }
        for _ in 0..<max(1, min(count - 2, 8)) { out.raw("*") }
        if count > 2 { out.raw(text.part(last..<text.count)) }
    }

    /// Bytes of the character at an index: an escape is one, however it is written.
    private static func length(at index: Int, _ text: UnsafeRawBufferPointer) -> Int {
        let byte = text[index]
        let wanted: Int
        switch byte {
        case 0x5C: wanted = index + 1 < text.count && text[index + 1] == 0x75 ? 6 : 2
        case 0xC0...0xDF: wanted = 2
        case 0xE0...0xEF: wanted = 3
        case 0xF0...0xF7: wanted = 4
        default: wanted = 1
        }
        return min(wanted, text.count - index)
    }
}
