import Foundation

/// Trimming and NFKC, so that 全角 digits, letters and blanks compare with 半角.
///
/// Most fields are ASCII or plain Chinese, which NFKC leaves alone: they are returned as they stand. Full-width forms and the
/// ideographic blank are folded here; anything else goes through Foundation, that one field only.
enum TextFolding {
    /// For configuration and other cold places.
    static func folded(_ text: String) -> String {
        text.precomposedStringWithCompatibilityMapping.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @inline(__always)
    static func fold(_ text: Text, _ scratch: inout Scratch) -> Text {
        var text = text.trimmed()
        if text.count > 1, text.start[0] == 0x3D || text.start[0] == 0x27 { text = unwrapped(text) }
        let count = text.count
        var index = 0
        while index &+ 8 <= count {
            if Word.load(text.start + index) & Word.high != 0 { return foldWide(text, from: index, &scratch) }
            index &+= 8
        }
        while index < count {
            if text.start[index] >= 0x80 { return foldWide(text, from: index, &scratch) }
            index &+= 1
        }
        return text
    }

    /// What a text cell of Excel holds: `="00000001"`, `'00000005`. An apostrophe before anything but a number is one, and so are two.
    @inline(never)
    private static func unwrapped(_ text: Text) -> Text {
        if text[0] == 0x27 {
            guard text[1] &- 0x30 <= 9 else { return text }
            for index in 1..<text.count where text[index] == 0x27 { return text }
            return text.suffix(from: 1).trimmed()
        }
        guard text.count >= 3, text[1] == 0x22, text[text.count - 1] == 0x22 else { return text }
        for index in 2..<text.count - 1 where text[index] == 0x22 { return text }
        return text.suffix(from: 2).prefix(text.count - 3).trimmed()
    }

    /// Bytes of the character at `index` if NFKC surely leaves it alone and it joins with nothing before it; else 0.
    @inline(__always)
    private static func plainLength(_ text: Text, _ index: Int) -> Int {
        let byte = text.start[index]
        if byte < 0x80 { return 1 }
        if byte == 0xC2 {
            // · and °.
            guard index + 2 <= text.count else { return 0 }
            return text.start[index + 1] == 0xB7 || text.start[index + 1] == 0xB0 ? 2 : 0
        }
        guard index + 3 <= text.count else { return 0 }
        if byte >= 0xE4, byte <= 0xE9 { return 3 }
        let second = text.start[index + 1]
        let third = text.start[index + 2]
        if byte == 0xE3, second == 0x80 {
            // 、。 and the brackets 《 to 】.
            return third == 0x81 || third == 0x82 || (third >= 0x8A && third <= 0x91) ? 3 : 0
        }
        if byte == 0xE2, second == 0x80 {
            // — and the quotes ‘ ’ “ ”.
            return third == 0x94 || third == 0x98 || third == 0x99 || third == 0x9C || third == 0x9D ? 3 : 0
        }
        return 0
    }

    @inline(never)
    private static func foldWide(_ text: Text, from first: Int, _ scratch: inout Scratch) -> Text {
        var index = first
        while index < text.count {
            let length = plainLength(text, index)
            if length == 0 { break }
            index += length
        }
        if index >= text.count { return text }
        scratch.reserve(text.count)
        let out = scratch.pointer
        out.update(from: text.start, count: index)
        var written = index
        while index < text.count {
            let length = plainLength(text, index)
            if length > 0 {
                for _ in 0..<length {
                    out[written] = text.start[index]
                    written += 1
                    index += 1
                }
                continue
            }
            guard index + 3 <= text.count else { return foldAny(text, &scratch) }
            let second = text.start[index + 1]
            let third = text.start[index + 2]
            switch (text.start[index], second) {
            case (0xEF, 0xBC) where third >= 0x81: out[written] = third &- 0x60
            case (0xEF, 0xBD) where third <= 0x9E: out[written] = third &- 0x20
            case (0xE3, 0x80) where third == 0x80: out[written] = 0x20
            default: return foldAny(text, &scratch)
            }
            written += 1
            index += 3
        }
        return Text(out, written).trimmed()
    }

    private static func foldAny(_ text: Text, _ scratch: inout Scratch) -> Text {
        var folded = text.string.precomposedStringWithCompatibilityMapping
        return folded.withUTF8 { bytes in
            scratch.reserve(bytes.count)
            if let base = bytes.baseAddress { scratch.pointer.update(from: base, count: bytes.count) }
            return Text(scratch.pointer, bytes.count).trimmed()
        }
    }
}
