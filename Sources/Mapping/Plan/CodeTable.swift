import Records

/// Exact look-up of short texts by their bytes: open addressing over length and the first and last eight bytes, then
/// a comparison of what lies between.
struct CodeTable: Sendable {
    private struct Entry {
        var head: UInt64 = 0
        var tail: UInt64 = 0
        /// −1 in a free slot.
        var count: Int32 = -1
        var offset: Int32 = 0
        var value = ByteRange.none
    }

    private var slots: [Entry]
    private var bytes: [UInt8] = []
    private let mask: Int
    /// What is not listed; none where that is an error.
    let rest: ByteRange

    /// Later entries of the same bytes are ignored.
    init(_ entries: [(key: [UInt8], value: ByteRange)], rest: ByteRange) {
        self.rest = rest
        var size = 8
        while size < entries.count * 2 + 1 { size *= 2 }
        mask = size - 1
        slots = Array(repeating: Entry(), count: size)
        for (key, value) in entries { insert(key, value) }
    }

    private mutating func insert(_ key: [UInt8], _ value: ByteRange) {
        // Eight bytes of padding: `head` of a shorter text reads none of them, but needs an address.
        let padded = key + [UInt8](repeating: 0, count: 8)
        padded.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            let text = Text(base, key.count)
            if lookUp(text) != nil { return }
            var slot = Self.hash(text) & mask
            while slots[slot].count >= 0 { slot = (slot + 1) & mask }
            slots[slot] = Entry(
                head: Word.head(base, key.count), tail: Self.tail(text), count: Int32(key.count),
                offset: Int32(bytes.count),
                value: value)
            bytes += key
        }
    }

    @inline(__always)
    private static func tail(_ text: Text) -> UInt64 {
        text.count > 8 ? Word.load(text.start + (text.count - 8)) : 0
    }

    @inline(__always)
    private static func hash(_ text: Text) -> Int {
        let mixed = (Word.head(text.start, text.count) ^ tail(text) &* 0x9E37_79B9_7F4A_7C15) &+ UInt64(text.count)
        return Int(truncatingIfNeeded: (mixed &* 0xD6E8_FEB8_6659_FD93) >> 32)
    }

    /// The value of a text, or `rest`.
    @inline(__always)
    func find(_ text: Text) -> ByteRange { lookUp(text) ?? rest }

    /// The value of a text; nil where it is not listed.
    func findListed(_ text: Text) -> ByteRange? { lookUp(text) }

    @inline(__always)
    private func lookUp(_ text: Text) -> ByteRange? {
        let head = Word.head(text.start, text.count)
        let tail = Self.tail(text)
        var slot = Self.hash(text) & mask
        return slots.withUnsafeBufferPointer { slots in
            while slots[slot].count >= 0 {
                let entry = slots[slot]
                if entry.head == head, entry.tail == tail, Int(entry.count) == text.count {
                    if text.count <= 16 || matchesMiddle(text, Int(entry.offset)) { return entry.value }
                }
                slot = (slot &+ 1) & mask
            }
            return nil
        }
    }

    private func matchesMiddle(_ text: Text, _ offset: Int) -> Bool {
        for index in 8..<(text.count - 8) where bytes[offset + index] != text[index] { return false }
        return true
    }
}
