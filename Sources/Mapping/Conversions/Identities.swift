import Glibc

/// Numbers that name something: accounts, people, telephones, seasons. Each result is the text itself or lies in `scratch`.
enum Identities {
    /// Letters and digits only, blanks inside removed.
    @inline(__always)
    static func accountNumber(_ text: Text, _ scratch: inout Scratch) -> Text? {
        for index in 0..<text.count where !isAlphanumeric(text.start[index]) { return withoutBlanks(text, &scratch) }
        return text
    }

    @inline(__always)
    private static func isAlphanumeric(_ byte: UInt8) -> Bool { byte &- 0x30 <= 9 || (byte | 0x20) &- 0x61 < 26 }

    private static func withoutBlanks(_ text: Text, _ scratch: inout Scratch) -> Text? {
        scratch.reserve(text.count)
        var written = 0
        for index in 0..<text.count {
            let byte = text[index]
            if Text.isBlank(byte) { continue }
            if !isAlphanumeric(byte) { return nil }
            scratch.pointer[written] = byte
            written += 1
        }
        return written == 0 ? nil : Text(scratch.pointer, written)
    }

    /// Digits with leading zeros up to a width; a text that holds anything else stays as it is. Nil for more digits.
    ///
    /// The text may lie in `scratch`.
    static func padded(_ text: Text, to width: Int, _ scratch: inout Scratch) -> Text? {
        for index in 0..<text.count where text[index] &- 0x30 > 9 { return text }
        if text.count >= width { return text.count == width ? text : nil }
        // A width is far below what scratch memory always has, so that nothing moves.
        scratch.reserve(width)
        let zeros = width - text.count
        memmove(scratch.pointer + zeros, text.start, text.count)
        for index in 0..<zeros { scratch.pointer[index] = 0x30 }
        return Text(scratch.pointer, width)
    }

    /// 15 digits, or 17 and a check character (GB 11643-1999), with a small x made large.
    static func idNumber(_ text: Text, verifiesCheckDigit: Bool, _ scratch: inout Scratch) -> Text? {
        guard let number = withoutBlanks(text, &scratch), number.count == 15 || number.count == 18 else { return nil }
        scratch.reserve(18)
        var sum = 0
        // 2 to the power 17…1, modulo 11.
        var weight = 7
        for index in 0..<min(number.count, 17) {
            let digit = number[index] &- 0x30
            if digit > 9 { return nil }
            sum += Int(digit) * weight
            weight = weight * 6 % 11
        }
        // Where the number needed no copy it still must not be changed in place.
        let out = scratch.pointer
        if UnsafePointer(out) != number.start { out.update(from: number.start, count: number.count) }
        if number.count == 18 {
            if out[17] == 0x78 { out[17] = 0x58 }
            guard out[17] &- 0x30 <= 9 || out[17] == 0x58 else { return nil }
            let expected = Array("10X98765432".utf8)[sum % 11]
            if verifiesCheckDigit, out[17] != expected { return nil }
        }
        return Text(out, number.count)
    }

    /// `2025-2026` of its spellings; nil unless the second year follows the first.
    static func season(_ text: Text, _ scratch: inout Scratch) -> Text? {
        var cursor = TextCursor(text, at: 0)
        var (first, length) = cursor.digits(atMost: 9)
        let second: Int
        if length == 8 {
            second = first % 10_000
            first /= 10_000
        } else {
            guard length == 4 else { return nil }
            _ = cursor.skip("年")
            guard cursor.skip(0x2D) || cursor.skip(0x2F) || cursor.skip("—") || cursor.skip("至") || cursor.skip(0x7E)
            else {
                return nil
            }
            let (value, count) = cursor.digits(atMost: 5)
            guard count == 4 || count == 2 else { return nil }
            second = count == 4 ? value : (first + 1) / 100 * 100 + value
        }
        _ = cursor.skip("年度") || cursor.skip("年")
        _ = cursor.skip("采暖季") || cursor.skip("采暖期") || cursor.skip("供暖季") || cursor.skip("供热期") || cursor.skip("供暖期")
        guard cursor.isAtEnd, first >= 1900, second == first + 1 else { return nil }
        scratch.reserve(9)
        var writer = ByteWriter(base: scratch.pointer, position: 0)
        writer.putDigits(UInt64(first), 4)
        writer.put(0x2D)
        writer.putDigits(UInt64(second), 4)
        return Text(scratch.pointer, 9)
    }

    /// A JSON array of the telephone numbers in a text: digits and a leading + kept. False where there is none, or one is a number in
    /// scientific notation, which has lost digits.
    static func phones(_ text: Text, separators: [[UInt8]], _ writer: inout ByteWriter) -> Bool {
        writer.put(0x5B)
        var isOpen = false
        var isEmpty = true
        var index = 0
        var start = 0
        while index < text.count {
            if let width = separatorLength(text, index, separators) {
                if isOpen { writer.put(0x22) }
                isOpen = false
                if isScientific(text, start, index) { return false }
                index += width
                start = index
                continue
            }
            let byte = text[index]
            if byte &- 0x30 <= 9 || (byte == 0x2B && !isOpen) {
                if !isOpen {
                    if !isEmpty { writer.put(0x2C) }
                    writer.put(0x22)
                    isOpen = true
                    isEmpty = false
                }
                writer.put(byte)
            }
            index += 1
        }
        if isOpen { writer.put(0x22) }
        writer.put(0x5D)
        return !isEmpty && !isScientific(text, start, text.count)
    }

    private static func isScientific(_ text: Text, _ start: Int, _ end: Int) -> Bool {
        IdentityCheck.notation(of: text.suffix(from: start).prefix(end - start)) != .none
    }

    private static func separatorLength(_ text: Text, _ index: Int, _ separators: [[UInt8]]) -> Int? {
        for separator in separators where index + separator.count <= text.count {
            var offset = 0
            while offset < separator.count, text[index + offset] == separator[offset] { offset += 1 }
            if offset == separator.count { return offset }
        }
        return nil
    }
}
