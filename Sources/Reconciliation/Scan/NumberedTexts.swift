import JSONText

/// Numbers texts in the order in which they come, from 0. Of a text that is known no string is made: there is one for each account and
/// record.
struct NumberedTexts {
    /// JSON texts, without quotes.
    private var texts: [[UInt8]] = []
    /// Numbers of texts; −1 where there is none. Twice as many as texts or more.
    private var slots = [Int32](repeating: -1, count: 64)
    private var last = 0

    /// - Parameter text: a JSON text, with or without its quotes.
    mutating func number(of text: ViewBytes) -> Int {
        let text = text.unquoted
        // Records and accounts in a row mostly say the same, or what comes next in all of them.
        if last < texts.count, text.equals(texts[last]) { return last }
        let next = last + 1 < texts.count ? last + 1 : 0
        if next < texts.count, text.equals(texts[next]) {
            last = next
        } else {
            last = find(text)
        }
        return last
    }

    /// The text with a number, its escapes resolved.
    func text(_ number: Int) -> String { texts[number].withUnsafeBytes { $0.text } }

    private mutating func find(_ text: ViewBytes) -> Int {
        var slot = slot(of: text)
        while slots[slot] >= 0 {
            if text.equals(texts[Int(slots[slot])]) { return Int(slots[slot]) }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = Int32(texts.count)
        texts.append(Array(text))
        if texts.count * 2 > slots.count { grow() }
        return texts.count - 1
    }

    private mutating func grow() {
        slots = Array(repeating: -1, count: slots.count * 2)
        for (number, text) in texts.enumerated() {
            var slot = text.withUnsafeBytes { self.slot(of: $0) }
            while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(number)
        }
    }

    private func slot(of text: ViewBytes) -> Int {
        var hash = UInt64(truncatingIfNeeded: text.count)
        var next = 0
        while next < text.count {
            var word: UInt64 = 0
            withUnsafeMutableBytes(of: &word) { $0.copyMemory(from: text.part(next..<min(next + 8, text.count))) }
            hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash >> 32
            next += 8
        }
        return Int(truncatingIfNeeded: hash) & (slots.count - 1)
    }
}
