import Glibc

/// Blanks at the end of a key, or of a part of it, mean nothing: a column of fixed width pads its values, and shows them without
/// once it is another type. A key is stored without them, so that a record stays the same record.
enum KeyBlanks {
    private static let separator: UInt8 = 0x1F
    private static let blank: UInt8 = 0x20

    static func stand(in key: UnsafeRawBufferPointer) -> Bool {
        guard let last = key.last else { return false }
        if last == blank { return true }
        guard let base = key.baseAddress else { return false }
        var start = 0
        while start < key.count, let found = memchr(base + start, Int32(separator), key.count - start) {
            let index = UnsafeRawPointer(found) - base
            if index > 0, key[index - 1] == blank { return true }
            start = index + 1
        }
        return false
    }

    /// The key without them; one of nothing but blanks stays as it is.
    static func removed(from key: some Collection<UInt8>) -> [UInt8] {
        var trimmed: [UInt8] = []
        for byte in key {
            if byte == separator { trimmed.dropBlanks() }
            trimmed.append(byte)
        }
        trimmed.dropBlanks()
        return trimmed.allSatisfy { $0 == separator } ? Array(key) : trimmed
    }
}

extension [UInt8] {
    fileprivate mutating func dropBlanks() { while last == 0x20 { removeLast() } }
}
