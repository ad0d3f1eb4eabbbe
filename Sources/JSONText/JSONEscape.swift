/// How a byte is written in a JSON string: the one rule of every writer. Tab and line ends have a letter of their own, other
/// control characters four digits, everything from space on stands for itself but for the quote and the backslash.
public enum JSONEscape {
    /// What follows the backslash: a letter, the byte itself, `u` for `\u00XX`; 0 for a byte that needs no escape.
    @inlinable @inline(__always)
    public static func letter(of byte: UInt8) -> UInt8 {
        switch byte {
        case 0x22, 0x5C: byte
        case 0x09: 0x74
        case 0x0A: 0x6E
        case 0x0D: 0x72
        case 0..<0x20: 0x75
        default: 0
        }
    }

    /// A digit from 0 to 15 in lower case.
    @usableFromInline
    static func hexadecimal(_ digit: UInt8) -> UInt8 { digit < 10 ? 0x30 &+ digit : 0x57 &+ digit }

    /// Hands out the escape of a byte that needs one, byte by byte; six at most.
    @inlinable @inline(__always)
    public static func write(_ byte: UInt8, _ put: (UInt8) -> Void) {
        let letter = letter(of: byte)
        put(0x5C)
        put(letter)
        if letter != 0x75 { return }
        put(0x30)
        put(0x30)
        put(hexadecimal(byte >> 4))
        put(hexadecimal(byte & 15))
    }

    /// Appends the text of a JSON string's inside, its escapes resolved. What is no escape, and half a surrogate pair, becomes
    /// U+FFFD.
    static func resolve(_ inside: UnsafeRawBufferPointer, into text: inout [UInt8]) {
        text.reserveCapacity(text.count + inside.count)
        var index = 0
        while index < inside.count {
            let byte = inside[index]
            index += 1
            guard byte == 0x5C else {
                text.append(byte)
                continue
            }
            let letter = index < inside.count ? inside[index] : 0
            index = min(index + 1, inside.count)
            switch letter {
            case 0x22, 0x2F, 0x5C: text.append(letter)
            case 0x62: text.append(0x08)
            case 0x66: text.append(0x0C)
            case 0x6E: text.append(0x0A)
            case 0x72: text.append(0x0D)
            case 0x74: text.append(0x09)
            default:
                let scalar = letter == 0x75 ? self.scalar(of: inside, at: &index) : nil
                text.append(contentsOf: String(Character(scalar ?? "\u{FFFD}")).utf8)
            }
        }
    }

    /// The scalar of the digits after `\u`, and of a second escape where they are the first half of a pair.
    private static func scalar(of inside: UnsafeRawBufferPointer, at index: inout Int) -> Unicode.Scalar? {
        guard let first = unit(of: inside, at: index) else { return nil }
        index += 4
        guard first & 0xFC00 == 0xD800 else { return Unicode.Scalar(first) }
        guard index + 1 < inside.count, inside[index] == 0x5C, inside[index + 1] == 0x75,
            let second = unit(of: inside, at: index + 2), second & 0xFC00 == 0xDC00
        else { return nil }
        index += 6
        return Unicode.Scalar(0x10000 + (first & 0x3FF) << 10 + second & 0x3FF)
    }

    private static func unit(of inside: UnsafeRawBufferPointer, at index: Int) -> UInt32? {
        guard index + 4 <= inside.count else { return nil }
        var unit: UInt32 = 0
        for byte in inside[index..<index + 4] {
            switch byte {
            case 0x30...0x39: unit = unit << 4 | UInt32(byte - 0x30)
            case 0x41...0x46, 0x61...0x66: unit = unit << 4 | UInt32((byte | 0x20) - 0x57)
            default: return nil
            }
        }
        return unit
    }
}
