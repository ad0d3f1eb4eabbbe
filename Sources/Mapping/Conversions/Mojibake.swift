import Glibc

/// Undoes the damage of GBK bytes that were once read as a Western code page and saved as UTF-8 (`ÏµÍ³` for 系统).
///
/// A text is repaired only if each of its characters is one byte of that code page and the bytes are strict GB18030;
/// otherwise it is left as it is.
struct Mojibake: ~Copyable {
    enum Repair: String, CaseIterable, Sendable {
        case latin1
        case windows1252
    }

    private let repair: Repair
    private let decoder: iconv_t?
    private var bytes = Scratch()

    init(_ repair: Repair) {
        self.repair = repair
        let handle = iconv_open("UTF-8", "GB18030")
        decoder = handle == iconv_t(bitPattern: -1) ? nil : handle
    }

    deinit { if let decoder { iconv_close(decoder) } }

    /// The repaired text in `scratch`, or `text` itself.
    mutating func repaired(_ text: Text, _ scratch: inout Scratch) -> Text {
        guard let decoder, let count = narrow(text) else { return text }
        scratch.reserve(count * 4)
        var input: UnsafeMutablePointer<CChar>? = UnsafeMutableRawPointer(bytes.pointer).assumingMemoryBound(
            to: CChar.self)
        var inputLeft = count
        var output: UnsafeMutablePointer<CChar>? = UnsafeMutableRawPointer(scratch.pointer).assumingMemoryBound(
            to: CChar.self)
        var outputLeft = count * 4
        _ = iconv(decoder, nil, nil, nil, nil)
        let result = iconv(decoder, &input, &inputLeft, &output, &outputLeft)
        guard result == 0, inputLeft == 0 else { return text }
        return Text(scratch.pointer, count * 4 - outputLeft)
    }

    /// The text as bytes of the code page; nil where it is ASCII or not of that code page.
    private mutating func narrow(_ text: Text) -> Int? {
        var isWide = false
        for index in 0..<text.count where text[index] >= 0x80 {
            isWide = true
            break
        }
        guard isWide else { return nil }
        bytes.reserve(text.count)
        var written = 0
        for scalar in text.string.unicodeScalars {
            guard let byte = byte(of: scalar.value) else { return nil }
            bytes.pointer[written] = byte
            written += 1
        }
        return written
    }

    private func byte(of scalar: UInt32) -> UInt8? {
        switch repair {
        case .latin1: return UInt8(exactly: scalar)
        case .windows1252:
            if let index = Self.windows1252.firstIndex(of: scalar) { return 0x80 + UInt8(index) }
            return UInt8(exactly: scalar)
        }
    }

    /// Characters of the bytes 0x80…0x9F; an unassigned byte stands for the control character of the same number.
    private static let windows1252: [UInt32] = [
        0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,
        0x017D, 0x8F,
        0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,
        0x017E, 0x0178,
    ]
}
