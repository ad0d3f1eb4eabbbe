/// Some bytes of UTF-8 that stay valid until the next row or the next folding, whichever comes first.
struct Text {
    var start: UnsafePointer<UInt8>
    var count: Int

    @inline(__always)
    init(_ start: UnsafePointer<UInt8>, _ count: Int) {
        self.start = start
        self.count = count
    }

    @inline(__always)
    subscript(_ index: Int) -> UInt8 { start[index] }

    @inline(__always)
    func suffix(from index: Int) -> Text { Text(start + index, count - index) }

    @inline(__always)
    func prefix(_ length: Int) -> Text { Text(start, length) }

    func hasSuffix(_ bytes: [UInt8]) -> Bool {
        guard count >= bytes.count else { return false }
        for index in 0..<bytes.count where start[count - bytes.count + index] != bytes[index] { return false }
        return true
    }

    /// Without blanks, tabs and line ends at either end.
    @inline(__always)
    func trimmed() -> Text {
        var text = self
        while text.count > 0, Self.isBlank(text.start[text.count - 1]) { text.count -= 1 }
        while text.count > 0, Self.isBlank(text.start[0]) {
            text.start += 1
            text.count -= 1
        }
        return text
    }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte &- 9 < 5 }

    var string: String { String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self) }
}

/// Eight bytes at a time.
enum Word {
    static let high: UInt64 = 0x8080_8080_8080_8080
    static let ones: UInt64 = 0x0101_0101_0101_0101

    @inline(__always)
    static func load(_ pointer: UnsafePointer<UInt8>) -> UInt64 {
        UnsafeRawPointer(pointer).loadUnaligned(as: UInt64.self)
    }

    /// Not 0 where any byte is below 0x20.
    @inline(__always)
    static func controls(_ word: UInt64) -> UInt64 { (word &- 0x2020_2020_2020_2020) & ~word & high }

    /// Not 0 where any byte equals `byte`.
    @inline(__always)
    static func equals(_ word: UInt64, _ byte: UInt8) -> UInt64 {
        let difference = word ^ (ones &* UInt64(byte))
        return (difference &- ones) & ~difference & high
    }

    /// The first up to 8 bytes, little endian, zeros above.
    @inline(__always)
    static func head(_ pointer: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
        if count >= 8 { return load(pointer) }
        if count >= 4 {
            let raw = UnsafeRawPointer(pointer)
            let low = UInt64(raw.loadUnaligned(as: UInt32.self))
            let top = UInt64(raw.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self))
            return low | top << UInt64((count - 4) * 8)
        }
        var word: UInt64 = 0
        for index in 0..<count { word |= UInt64(pointer[index]) << UInt64(index * 8) }
        return word
    }
}
