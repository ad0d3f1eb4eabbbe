/// A number as a workbook stores it: the decimal text of a binary floating-point number, of 17 digits where 15 do not tell it.
enum CellNumber {
    /// Digits that a decimal text keeps through a binary number whatever they are.
    fileprivate static let safeDigits = 15

    /// The number's text where it stands as it is: no exponent, no more digits than are safe. What nearly every cell has.
    @inline(__always)
    static func isPlain(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard 1...(safeDigits + 1) ~= text.count, let last = text.last, last &- 0x30 <= 9 else { return false }
        var points = 0
        var at = text[0] == 0x2D ? 1 : 0
        guard at < text.count, text[at] &- 0x30 <= 9 else { return false }
        while at < text.count {
            if text[at] == 0x2E { points += 1 } else if text[at] &- 0x30 > 9 { return false }
            at += 1
        }
        return points <= 1
    }

    /// The number's text in decimals; nil where it is no number.
    ///
    /// - A whole number of more than 15 digits stands as it was written where they are told apart; where the rest of them are zeros, as
    ///   Excel leaves them of an id, it is written as `1.2E+16`: a mapping refuses an id by that sign.
    /// - `1.1000000000000001` is the number that is written `1.1`: the shortest text that means the same binary number.
    /// - `1.0000000000000001E-5` is `0.00001`. `1.2E+16` stays.
    static func text(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard let decimal = Decimal(text) else { return nil }
        if !decimal.hasExponent {
            let isTold = decimal.digits.count <= safeDigits
            if decimal.isWhole ? !isTold || text.count <= safeDigits : isTold { return Array(text) }
        }
        var shortest = decimal
        if decimal.digits.count > safeDigits {
            guard let number = Double(String(decoding: text, as: UTF8.self)), number.isFinite else { return nil }
            var printed = number.description
            guard let made = printed.withUTF8({ Decimal($0) }) else { return nil }
            shortest = made
        }
        return shortest.written
    }

    /// A decimal number in its parts: `digits` × 10 to the power of `exponent`.
    struct Decimal {
        var isNegative = false
        /// Without zeros at either end; empty for zero.
        var digits: [UInt8] = []
        var exponent = 0
        var hasExponent = false
        var isWhole = true

        init?(_ text: UnsafeBufferPointer<UInt8>) {
            var at = 0
            if at < text.count, text[at] == 0x2D || text[at] == 0x2B {
                isNegative = text[at] == 0x2D
                at += 1
            }
            var seen = 0
            while at < text.count, text[at] &- 0x30 <= 9 || (text[at] == 0x2E && isWhole) {
                if text[at] == 0x2E {
                    isWhole = false
                } else {
                    seen += 1
                    digits.append(text[at])
                    if !isWhole { exponent -= 1 }
                }
                at += 1
            }
            if seen == 0 { return nil }
            if at < text.count {
                guard text[at] | 0x20 == 0x65 else { return nil }
                hasExponent = true
                var number = UnsafeBufferPointer(rebasing: text[(at + 1)...])
                var sign = 1
                if let first = number.first, first == 0x2B || first == 0x2D {
                    sign = first == 0x2D ? -1 : 1
                    number = UnsafeBufferPointer(rebasing: number.dropFirst())
                }
                guard let power = XMLPart.number(number), power <= 400 else { return nil }
                exponent += sign * power
            }
            digits = Array(digits.drop { $0 == 0x30 })
            while digits.last == 0x30 {
                digits.removeLast()
                exponent += 1
            }
            if digits.isEmpty { exponent = 0 }
        }

        /// In decimals, or from 10¹⁵ on with an exponent.
        var written: [UInt8] {
            let sign: [UInt8] = isNegative && !digits.isEmpty ? [0x2D] : []
            if digits.isEmpty { return [0x30] }
            let wholeDigits = digits.count + exponent
            if wholeDigits > CellNumber.safeDigits {
                let tail = digits.count > 1 ? [0x2E] + digits[1...] : []
                return sign + [digits[0]] + tail + Array("E+\(wholeDigits - 1)".utf8)
            }
            if exponent >= 0 { return sign + digits + Array(repeating: 0x30, count: exponent) }
            if wholeDigits > 0 { return sign + digits[..<wholeDigits] + [0x2E] + digits[wholeDigits...] }
            return sign + [0x30, 0x2E] + Array(repeating: 0x30, count: -wholeDigits) + digits
        }
    }
}
