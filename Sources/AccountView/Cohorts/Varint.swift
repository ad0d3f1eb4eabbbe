/// Whole numbers in as few bytes as they need: seven bits a byte, small numbers of either sign in one.
enum Varint {
    static func append(_ value: Int64, to bytes: inout [UInt8]) {
        var rest = UInt64(bitPattern: (value << 1) ^ (value >> 63))
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Nil at the end of the bytes, or where they are no such number.
    static func read(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) -> Int64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.count, shift < 64 {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return Int64(bitPattern: (value >> 1)) ^ -Int64(bitPattern: value & 1) }
            shift += 7
        }
        return nil
    }
}
