import Store

/// Which records of the store an origin has named so far: one bit a record, so that five million take 625 KB.
struct SeenRecords {
    private var words: [UInt64] = []
    private var dirty: [Int] = []

    /// Whether the record was not yet in.
    mutating func insert(_ id: RecordID) -> Bool {
        let word = Int(id.number >> 6)
        let bit: UInt64 = 1 << UInt64(id.number & 63)
        if word >= words.count {
            words.append(contentsOf: repeatElement(0, count: max(word + 1 - words.count, words.count)))
        }
        if words[word] & bit != 0 { return false }
        if words[word] == 0 { dirty.append(word) }
        words[word] |= bit
        return true
    }

    func contains(_ id: RecordID) -> Bool {
        let word = Int(id.number >> 6)
        return word < words.count && words[word] & (1 << UInt64(id.number & 63)) != 0
    }

    mutating func removeAll() {
        for word in dirty { words[word] = 0 }
        dirty.removeAll(keepingCapacity: true)
    }
}
