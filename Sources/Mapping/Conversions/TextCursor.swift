/// Reads a short text from left to right.
struct TextCursor {
    let text: Text
    var index: Int

    init(_ text: Text, at index: Int) {
        self.text = text
        self.index = index
    }

    var isAtEnd: Bool { index >= text.count }
    var next: UInt8? { index < text.count ? text[index] : nil }
    var isDigit: Bool { index < text.count && text[index] &- 0x30 <= 9 }

    /// The number that the next digits spell, and how many they are.
    mutating func digits(atMost most: Int) -> (value: Int, count: Int) {
        var value = 0
        var count = 0
        while count < most, isDigit {
            value = value * 10 + Int(text[index] &- 0x30)
            count += 1
            index += 1
        }
        return (value, count)
    }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        index += 1
        return true
    }

    mutating func skip(_ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard index + length <= text.count else { return false }
        for offset in 0..<length where text[index + offset] != word.utf8Start[offset] { return false }
        index += length
        return true
    }

    mutating func skipBlanks() -> Bool {
        let start = index
        while next == 0x20 { index += 1 }
        return index > start
    }
}
