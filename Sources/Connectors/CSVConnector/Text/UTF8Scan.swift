/// Strict UTF-8, eight bytes at a time where they are ASCII.
enum UTF8Scan {
    static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// How sequences outside ASCII fared in what was scanned.
    struct Evidence {
        var valid = 0
        var invalid = 0
        /// Those of the valid ones that are two bytes long: Latin, Greek, Cyrillic, never Chinese.
        var pairs = 0
        /// Those of them that are signs which stand beside numbers in any language, and in GBK are characters that hardly any text
        /// writes: U+00A0 (聽), ° (掳), × (脳).
        var signs = 0
        var hasNonASCII: Bool { valid + invalid > 0 }
        var isOnlySigns: Bool { signs == pairs }
        /// Sequences of three bytes and more come about by chance so seldom that a few among little broken text tell UTF-8.
        var isMostlyLong: Bool { valid > pairs && valid - pairs >= 2 * invalid }
    }

    /// Number of bytes of the valid sequence at `p`; 0 where it is invalid, −1 where more than `available` bytes are needed.
    @inline(__always)
    static func sequenceLength(_ p: UnsafePointer<UInt8>, available: Int) -> Int {
        let lead = p[0]
        if lead < 0x80 { return 1 }
        if lead < 0xC2 || lead > 0xF4 { return 0 }
        if available < 2 { return -1 }
        let second = p[1]
        if second & 0xC0 != 0x80 { return 0 }
        if lead < 0xE0 { return 2 }
        switch lead {
        case 0xE0: if second < 0xA0 { return 0 }
        case 0xED: if second > 0x9F { return 0 }
        case 0xF0: if second < 0x90 { return 0 }
        case 0xF4: if second > 0x8F { return 0 }
        default: break
        }
        if available < 3 { return -1 }
        if p[2] & 0xC0 != 0x80 { return 0 }
        if lead < 0xF0 { return 3 }
        if available < 4 { return -1 }
        return p[3] & 0xC0 == 0x80 ? 4 : 0
    }

    /// Counts sequences; returns how many bytes were taken, all but an unfinished sequence at the end.
    static func scan(_ p: UnsafePointer<UInt8>, count: Int, into evidence: inout Evidence) -> Int {
        let raw = UnsafeRawPointer(p)
        var at = 0
        var valid = 0
        defer { evidence.valid += valid }
        while at < count {
            if at + 8 <= count {
                let word = raw.loadUnaligned(fromByteOffset: at, as: UInt64.self) & highBits
                if word == 0 {
                    at += 8
                    continue
                }
                at += word.trailingZeroBitCount >> 3
            }
            // Runs of three-byte sequences: Chinese.
            while at + 4 <= count {
                let four = raw.loadUnaligned(fromByteOffset: at, as: UInt32.self).littleEndian
                guard four & 0x00C0_C0F0 == 0x0080_80E0, four & 0x200F != 0, four & 0x200F != 0x200D else { break }
                valid += 1
                at += 3
            }
            if at >= count { break }
            let length = sequenceLength(p + at, available: count - at)
            if length == 1 {
                at += 1
            } else if length > 1 {
                valid += 1
                if length == 2 {
                    evidence.pairs += 1
                    if isSign(p[at], p[at + 1]) { evidence.signs += 1 }
                }
                at += length
            } else if length < 0 {
                return at
            } else {
                evidence.invalid += 1
                at += 1
            }
        }
        return at
    }

    private static func isSign(_ lead: UInt8, _ trail: UInt8) -> Bool {
        lead == 0xC2 ? trail == 0xA0 || trail == 0xB0 : lead == 0xC3 && trail == 0x97
    }

    /// Whether a text ends within a sequence.
    static func endsUnfinished(_ p: UnsafePointer<UInt8>, count: Int) -> Bool {
        for length in 1...3 where length <= count && p[count - length] & 0xC0 != 0x80 {
            return sequenceLength(p + (count - length), available: length) < 0
        }
        return false
    }

    /// Offset of the first byte that is not UTF-8; nil where all are.
    static func firstInvalid(_ p: UnsafePointer<UInt8>, count: Int) -> Int? {
        let raw = UnsafeRawPointer(p)
        var at = 0
        while at < count {
            if at + 8 <= count, raw.loadUnaligned(fromByteOffset: at, as: UInt64.self) & highBits == 0 {
                at += 8
                continue
            }
            let length = sequenceLength(p + at, available: count - at)
            if length <= 0 { return at }
            at += length
        }
        return nil
    }
}
