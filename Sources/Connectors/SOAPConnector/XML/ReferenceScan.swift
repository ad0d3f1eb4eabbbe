import CLibXML2
import Glibc

/// Looks through the bytes that go to the parser for what it cannot be left alone with: a bare `&`, at which a push parser waits for
/// a `;` without end, and a tag with so many attributes that comparing each with every other takes minutes.
///
/// Where neither is near it costs one search for `&` and one for `<` in every 4 KiB. Only then are the bytes taken apart.
struct ReferenceScan {
    static let block = 4096
    /// A tag of more bytes is looked at more closely, if it has many `=`.
    static let longTag = 16_384

    private let mostAttributes: Int
    private var run = 0
    private var equals = 0

    init(mostAttributes: Int) { self.mostAttributes = mostAttributes }

    /// Whether a `&` of these bytes begins no reference that XML knows.
    static func hasBareAmpersand(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return false }
        var at = 0
        while let found = memchr(base + at, 0x26, bytes.count - at) {
            at = base.distance(to: UnsafeRawPointer(found))
            if !isReference(bytes, at) { return true }
            at += 1
        }
        return false
    }

    /// The references that XML knows by name, and the sign that each stands for.
    private static let named: [(StaticString, UInt8)] = [
        ("lt;", 0x3C), ("gt;", 0x3E), ("amp;", 0x26), ("apos;", 0x27), ("quot;", 0x22),
    ]

    /// The sign that the `&` here begins the name of, and how long its reference is; nil where it begins none.
    static func named(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> (sign: UInt8, length: Int)? {
        for (name, sign) in named where at + name.utf8CodeUnitCount < bytes.count {
            if memcmp(bytes.baseAddress! + at + 1, name.utf8Start, name.utf8CodeUnitCount) == 0 {
                return (sign, name.utf8CodeUnitCount + 1)
            }
        }
        return nil
    }

    /// Whether the `&` here begins a reference by name or by number. What a number stands for is the parser's to judge.
    static func isReference(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> Bool {
        func byte(_ step: Int) -> UInt8 { at + step < bytes.count ? bytes[at + step] : 0 }
        guard byte(1) == 0x23 else { return named(bytes, at) != nil }
        let isHex = byte(2) == 0x78
        var step = isHex ? 3 : 2
        let first = step
        while step < 16 {
            let digit = byte(step)
            if (0x30...0x39).contains(digit) || (isHex && (0x41...0x46).contains(digit & 0xDF)) {
                step += 1
            } else {
                return digit == 0x3B && step > first
            }
        }
        return false
    }

    /// Whether a tag that has lasted long, with many `=`, may be under way.
    mutating func mayHoldTooManyAttributes(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return false }
        var at = 0
        while at < bytes.count {
            let length = min(Self.block, bytes.count - at)
            if memchr(base + at, 0x3C, length) != nil {
                run = 0
                equals = 0
            } else {
                run += length
                for index in at..<at + length where bytes[index] == 0x3D { equals += 1 }
                if run >= Self.longTag, equals > mostAttributes / 2 {
                    equals = 0
                    return true
                }
            }
            at += length
        }
        return false
    }

    /// What stands in these bytes, of which the parser has not yet taken the first `start`.
    struct Findings {
        /// Where a `&` begins no reference, from `start` on.
        var bare: [Int] = []
        var attributes = 0
    }

    private enum Part { case text, tag, quoted(UInt8), comment, cdata, instruction }

    static func takeApart(_ bytes: [UInt8], from start: Int, insideCDATA: Bool) -> Findings {
        var findings = Findings()
        var part = insideCDATA ? Part.cdata : .text
        var attributes = 0
        bytes.withUnsafeBytes { bytes in
            func stands(_ text: StaticString, at: Int) -> Bool {
                at + text.utf8CodeUnitCount <= bytes.count
                    && memcmp(bytes.baseAddress! + at, text.utf8Start, text.utf8CodeUnitCount) == 0
            }
            func noteReference(_ at: Int) {
                if at >= start, !isReference(bytes, at) { findings.bare.append(at) }
            }
            var at = 0
            while at < bytes.count {
                let byte = bytes[at]
                switch part {
                case .text:
                    if byte == 0x26 { noteReference(at) }
                    if byte == 0x3C {
                        if stands("<!--", at: at) {
                            part = .comment
                            at += 3
                        } else if stands("<![CDATA[", at: at) {
                            part = .cdata
                            at += 8
                        } else if stands("<?", at: at) {
                            part = .instruction
                        } else {
                            part = .tag
                            attributes = 0
                        }
                    }
                case .tag:
                    if byte == 0x3E { part = .text }
                    if byte == 0x22 || byte == 0x27 { part = .quoted(byte) }
                    if byte == 0x3D {
                        attributes += 1
                        findings.attributes = max(findings.attributes, attributes)
                    }
                case .quoted(let quote):
                    if byte == 0x26 { noteReference(at) }
                    if byte == quote { part = .tag }
                case .comment: if byte == 0x3E, at >= 2, bytes[at - 1] == 0x2D, bytes[at - 2] == 0x2D { part = .text }
                case .cdata: if byte == 0x3E, at >= 2, bytes[at - 1] == 0x5D, bytes[at - 2] == 0x5D { part = .text }
                case .instruction: if byte == 0x3E, at >= 1, bytes[at - 1] == 0x3F { part = .text }
                }
                at += 1
            }
        }
        return findings
    }
}
