/// Numbers as LEB128: seven bits a byte, the lowest first; a byte with its highest bit set has another behind it.
enum LEB128 {
    /// Bytes of the largest number that is read: 63 bits.
    static let most = 9

    @inline(__always)
    static func put(_ number: UInt64, _ end: inout UnsafeMutablePointer<UInt8>) {
        var rest = number
        while rest >= 0x80 {
            end.pointee = UInt8(truncatingIfNeeded: rest) | 0x80
            rest >>= 7
            end += 1
        }
        end.pointee = UInt8(rest)
        end += 1
    }

    static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// The number at a place, which is behind it then; nil where none ends within the bytes.
    @inline(__always)
    static func number(_ bytes: UnsafeRawBufferPointer, _ place: inout Int) -> UInt64? {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while place < bytes.count, shift < 7 * UInt64(most) {
            let byte = bytes[place]
            place += 1
            number |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return number }
            shift += 7
        }
        return nil
    }
}
