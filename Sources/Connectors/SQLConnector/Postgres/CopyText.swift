import Records

/// The text format of PostgreSQL's COPY: fields between tabs, `\N` for NULL, backslash escapes.
enum CopyText {
    private static let tab: UInt8 = 9
    private static let backslash: UInt8 = 0x5c

    /// Splits the row in `bytes[start..<end]` in place and writes `width` ranges. Escapes shrink a field where it stands.
    /// At least eight bytes after `end` must be readable. False when there are more or fewer fields.
    @inline(__always)
    static func split(
        _ bytes: UnsafeMutablePointer<UInt8>, from start: Int, to end: Int,
        into ranges: UnsafeMutablePointer<ByteRange>,
        width: Int
    ) -> Bool {
        var column = 0
        var begin = start
        var at = start
        while true {
            at = next(bytes, at, end)
            if at < end && bytes[at] == backslash {
                if column >= width { return false }
                if at == begin && at + 1 < end && bytes[at + 1] == 0x4e && (at + 2 == end || bytes[at + 2] == tab) {
                    ranges[column] = .none
                    at += 2
                } else {
                    let length: Int
                    (at, length) = unescape(bytes, at, end, begin: begin)
                    ranges[column] = ByteRange(offset: UInt32(begin), length: Int32(length))
                }
            } else {
                if column >= width { return false }
                ranges[column] = ByteRange(offset: UInt32(begin), length: Int32(at - begin))
            }
            column += 1
            if at >= end { return column == width }
            at += 1
            begin = at
        }
    }

    /// The first tab or backslash from `at` on, or `end`; eight bytes a step.
    @inline(__always)
    private static func next(_ bytes: UnsafeMutablePointer<UInt8>, _ at: Int, _ end: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var at = at
        while at < end {
            let word = UnsafeRawPointer(bytes + at).loadUnaligned(as: UInt64.self)
            let tabs = word ^ (ones &* UInt64(tab))
            let slashes = word ^ (ones &* UInt64(backslash))
            // The lowest bit set is exact; higher ones may be borrowed, and are not looked at.
            let hits = ((tabs &- ones) & ~tabs | (slashes &- ones) & ~slashes) & highs
            if hits != 0 { return min(at + UInt64(littleEndian: hits).trailingZeroBitCount >> 3, end) }
            at += 8
        }
        return end
    }

    /// Undoes the escapes of the field that began at `begin`, from its first backslash on. Returns where the field ends in
    /// the row, and its length once unescaped.
    private static func unescape(
        _ bytes: UnsafeMutablePointer<UInt8>, _ first: Int, _ end: Int, begin: Int
    ) -> (end: Int, length: Int) {
        var read = first
        var write = first
        while read < end && bytes[read] != tab {
            var byte = bytes[read]
            read += 1
            if byte == backslash && read < end {
                byte = bytes[read]
                read += 1
                switch byte {
                case UInt8(ascii: "b"): byte = 8
                case UInt8(ascii: "f"): byte = 12
                case UInt8(ascii: "n"): byte = 10
                case UInt8(ascii: "r"): byte = 13
                case UInt8(ascii: "t"): byte = 9
                case UInt8(ascii: "v"): byte = 11
                case UInt8(ascii: "x"):
                    if let value = number(bytes, &read, end, radix: 16, digits: 2) { byte = value }
                case UInt8(ascii: "0")...UInt8(ascii: "7"):
                    read -= 1
                    if let value = number(bytes, &read, end, radix: 8, digits: 3) { byte = value }
                default: break
                }
            }
            bytes[write] = byte
            write += 1
        }
        // What is left of the escaped form may be half a character, and a batch's bytes are UTF-8 throughout.
        for gap in write..<read { bytes[gap] = 0x20 }
        return (read, write - begin)
    }

    private static func number(
        _ bytes: UnsafeMutablePointer<UInt8>, _ read: inout Int, _ end: Int, radix: Int, digits: Int
    ) -> UInt8? {
        var value = 0
        var count = 0
        while count < digits && read < end, let digit = Character(UnicodeScalar(bytes[read])).hexDigitValue,
            digit < radix
        {
            value = value * radix + digit
            read += 1
            count += 1
        }
        return count == 0 ? nil : UInt8(truncatingIfNeeded: value)
    }
}
