/// Looks whether bytes that are declared to be in another encoding are Chinese in UTF-8.
///
/// Almost no text in GBK is well-formed UTF-8 for long, while text in UTF-8 mostly decodes as GBK, to other characters. So bytes
/// are held back from the first that is not ASCII until this is known: by the first sequence that is no UTF-8, or after some
/// kilobytes, or at the end.
struct CharsetWitness {
    enum Verdict { case undecided, isDeclared, isUTF8 }

    private var held: [UInt8] = []
    private static let window = 32_768
    /// So many Chinese characters in a row do not happen by chance.
    private static let enough = 24

    /// Takes bytes in; what may be passed on is returned with `isDeclared`.
    mutating func look(at bytes: UnsafeRawBufferPointer, isLast: Bool) -> (Verdict, [UInt8]) {
        held.append(contentsOf: bytes)
        var verdict = Self.judge(held, isLast: isLast)
        guard let first = held.firstIndex(where: { $0 >= 0x80 }) else {
            defer { held.removeAll() }
            return (.undecided, held)
        }
        if case .undecided = verdict, held.count - first > Self.window { verdict = Self.judge(held, isLast: true) }
        if case .undecided = verdict {
            let plain = Array(held[..<first])
            held.removeFirst(first)
            return (.undecided, plain)
        }
        defer { held.removeAll() }
        return (verdict, held)
    }

    private static func judge(_ bytes: [UInt8], isLast: Bool) -> Verdict {
        var chinese = 0
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            if byte < 0x80 {
                at += 1
                continue
            }
            let length =
                byte >= 0xF0 && byte < 0xF5 ? 4 : byte >= 0xE0 && byte < 0xF0 ? 3 : byte >= 0xC2 && byte < 0xE0 ? 2 : 0
            if length == 0 { return .isDeclared }
            var scalar = UInt32(byte) & (0x7F >> UInt32(length))
            for step in 1..<length {
                guard at + step < bytes.count else {
                    return isLast ? (chinese > 0 ? .isUTF8 : .isDeclared) : .undecided
                }
                guard bytes[at + step] & 0xC0 == 0x80 else { return .isDeclared }
                scalar = scalar << 6 | UInt32(bytes[at + step] & 0x3F)
            }
            if (0x3001...0x9FFF).contains(scalar) || (0xF900...0xFFEF).contains(scalar) || scalar >= 0x20000 {
                chinese += 1
            }
            if chinese >= enough { return .isUTF8 }
            at += length
        }
        return isLast ? (chinese > 0 ? .isUTF8 : .isDeclared) : .undecided
    }
}
