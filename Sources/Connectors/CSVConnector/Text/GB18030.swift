import Glibc

/// GB18030 to UTF-8 by tables, which are made once from iconv(3): 128 KiB for two bytes, 158 KiB for four.
///
/// `@unchecked Sendable`: the tables are only read once they are made.
final class GB18030: @unchecked Sendable {
    // Guard: the tables are written in `init` only, and read ever after.
    /// UTF-8 bytes, first byte lowest, by `(lead & 0x7F) << 8 | trail`; 0 where unassigned.
    private let two: UnsafeMutablePointer<UInt32>
    /// The same for four-byte codes of the basic plane, by their linear number.
    private let four: UnsafeMutablePointer<UInt32>
    private static let fourCount = 39_420
    static let shared = GB18030()

    private init() {
        two = .allocate(capacity: 1 << 15)
        two.initialize(repeating: 0, count: 1 << 15)
        four = .allocate(capacity: Self.fourCount)
        four.initialize(repeating: 0, count: Self.fourCount)
        guard let converter = Iconv(from: "GB18030") else { return }
        for lead in 0x81...0xFE {
            for trail in 0x40...0xFE where trail != 0x7F {
                two[(lead & 0x7F) << 8 | trail] = converter.single([UInt8(lead), UInt8(trail)])
            }
        }
        for number in 0..<Self.fourCount { four[number] = converter.single(Self.bytes(ofLinear: number)) }
    }

    /// The four bytes of a linear number.
    static func bytes(ofLinear number: Int) -> [UInt8] {
        [
            UInt8(0x81 + number / 12_600), UInt8(0x30 + number / 1_260 % 10), UInt8(0x81 + number / 10 % 126),
            UInt8(0x30 + number % 10),
        ]
    }

    /// Bytes of the UTF-8 sequence that begins with the lowest byte.
    @inline(__always)
    private static func length(_ utf8: UInt32) -> Int {
        let lead = utf8 & 0xFF
        return lead < 0x80 ? 1 : 2 + (lead >= 0xE0 ? 1 : 0) + (lead >= 0xF0 ? 1 : 0)
    }

    /// Whether so many non-ASCII sequences have the shape of GB18030. Returns bytes taken, all but an unfinished sequence.
    static func scan(_ p: UnsafePointer<UInt8>, count: Int, into evidence: inout UTF8Scan.Evidence) -> Int {
        let raw = UnsafeRawPointer(p)
        var at = 0
        var valid = 0
        defer { evidence.valid += valid }
        while at < count {
            if at + 8 <= count {
                let word = raw.loadUnaligned(fromByteOffset: at, as: UInt64.self) & UTF8Scan.highBits
                if word == 0 {
                    at += 8
                    continue
                }
                at += word.trailingZeroBitCount >> 3
            }
            // Runs of two-byte codes.
            while at + 1 < count {
                let trail = p[at + 1]
                guard p[at] &- 0x81 < 126, trail &- 0x40 < 191, trail != 0x7F else { break }
                valid += 1
                at += 2
            }
            if at >= count { break }
            let lead = p[at]
            if lead < 0x80 {
                at += 1
                continue
            }
            if at + 1 >= count { return at }
            let trail = p[at + 1]
            if lead == 0x80 || lead == 0xFF {
                evidence.invalid += 1
                at += 1
            } else if trail >= 0x40 && trail != 0x7F && trail != 0xFF {
                valid += 1
                at += 2
            } else if trail &- 0x30 < 10 {
                if at + 3 >= count { return at }
                let isFour = p[at + 2] &- 0x81 < 126 && p[at + 3] &- 0x30 < 10
                if isFour { valid += 1 } else { evidence.invalid += 1 }
                at += isFour ? 4 : 1
            } else {
                evidence.invalid += 1
                at += 1
            }
        }
        return at
    }

    /// The whole text; nil where a byte cannot be decoded.
    func text(_ bytes: [UInt8]) -> String? {
        if bytes.isEmpty { return "" }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes.count * 3 + 8) { output in
            let made = bytes.withUnsafeBufferPointer {
                decode($0.baseAddress!, count: $0.count, isLast: true, to: output.baseAddress!)
            }
            guard made.isClean else { return nil }
            return String(decoding: UnsafeBufferPointer(rebasing: output[..<made.made]), as: UTF8.self)
        }
    }

    /// Decodes as much as there is, all but an unfinished sequence (which `isLast` makes undecodable).
    ///
    /// `output` has room for three bytes per input byte and eight more. Undecodable bytes come out as ``Undecodable`` marks.
    /// - Returns: bytes taken, bytes made, and whether all could be decoded.
    func decode(
        _ p: UnsafePointer<UInt8>, count: Int, isLast: Bool, to output: UnsafeMutablePointer<UInt8>
    ) -> (taken: Int, made: Int, isClean: Bool) {
        let raw = UnsafeRawPointer(p)
        let out = UnsafeMutableRawPointer(output)
        let two = UnsafePointer(self.two)
        var at = 0
        var to = 0
        var isClean = true
        while at < count {
            if at + 8 <= count {
                let word = raw.loadUnaligned(fromByteOffset: at, as: UInt64.self)
                out.storeBytes(of: word, toByteOffset: to, as: UInt64.self)
                let high = word & UTF8Scan.highBits
                if high == 0 {
                    at += 8
                    to += 8
                    continue
                }
                let ascii = high.trailingZeroBitCount >> 3
                at += ascii
                to += ascii
            } else if p[at] < 0x80 {
                output[to] = p[at]
                at += 1
                to += 1
                continue
            }
            // Runs of two-byte codes.
            while at + 1 < count {
                let lead = p[at]
                if lead < 0x80 { break }
                let utf8 = two[Int(lead & 0x7F) << 8 | Int(p[at + 1])]
                if utf8 == 0 { break }
                out.storeBytes(of: utf8.littleEndian, toByteOffset: to, as: UInt32.self)
                to += Self.length(utf8)
                at += 2
            }
            if at >= count || p[at] < 0x80 { continue }
            let (utf8, taken) = rare(p + at, available: count - at)
            if taken == 0 && !isLast { break }
            if utf8 != 0 {
                out.storeBytes(of: utf8.littleEndian, toByteOffset: to, as: UInt32.self)
                to += Self.length(utf8)
                at += taken
            } else {
                isClean = false
                for _ in 0..<max(taken, 1) {
                    to += Undecodable.mark(p[at], at: output + to)
                    at += 1
                }
            }
        }
        return (at, to, isClean)
    }

    /// A sequence that is not a two-byte code. UTF-8 of 0 means undecodable; 0 taken that more bytes are needed.
    private func rare(_ p: UnsafePointer<UInt8>, available: Int) -> (utf8: UInt32, taken: Int) {
        let lead = p[0]
        if lead == 0x80 || lead == 0xFF { return (0, 1) }
        if available < 2 { return (0, 0) }
        guard p[1] &- 0x30 < 10 else { return (0, p[1] < 0x80 ? 1 : 2) }
        if available < 4 {
            return available == 3 && p[2] &- 0x81 >= 126 ? (0, 1) : (0, 0)
        }
        guard p[2] &- 0x81 < 126, p[3] &- 0x30 < 10 else { return (0, 1) }
        let high = (Int(lead) - 0x81) * 10 + Int(p[1]) - 0x30
        let linear = high * 1_260 + (Int(p[2]) - 0x81) * 10 + Int(p[3]) - 0x30
        if linear < Self.fourCount { return (four[linear], four[linear] == 0 ? 1 : 4) }
        guard linear >= 189_000, let scalar = Unicode.Scalar(UInt32(linear - 189_000 + 0x10000)) else { return (0, 1) }
        var utf8: UInt32 = 0
        for (index, byte) in UTF8.encode(scalar)!.enumerated() { utf8 |= UInt32(byte) << UInt32(8 * index) }
        return (utf8, 4)
    }
}
