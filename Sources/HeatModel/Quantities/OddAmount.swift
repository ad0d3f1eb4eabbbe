/// A number in one of the spellings that are not plain: full-width digits and signs, blanks around it (U+00A0 among them), a currency
/// sign, accounting negatives (`(123.45)`, `123.45-`), U+2212, an exponent (`1.5E3`), Excel's text cells (`="0012"`, `'0012`).
///
/// A number states at most one sign, brackets counting as one, and at most one currency before it and one after it. Anything that is
/// not fully understood is no number: `12万元`, `1.234,50` and `1 000` are not guessed at.
struct OddAmount {
    private var isNegative = false
    /// Every digit, without the point.
    private var digits: [UInt8] = []
    /// How many of the digits stand before the point; below 0 or beyond the digits where an exponent moves it.
    private var point = 0

    /// A longer text is no number: the slowest reading stays bounded.
    private static let mostBytes = 256

    /// Nil for what is no number.
    init?(_ text: UnsafeBufferPointer<UInt8>, allowsCurrency: Bool) {
        guard text.count <= Self.mostBytes, let plain = Self.plain(text) else { return nil }
        var rest = Self.unwrapped(Self.trimmed(plain[...]))
        var hasSign = false
        var isBracketed = false
        var hasCurrency = false
        prefix: while let first = rest.first {
            switch first {
            case Mark.minus where !hasSign && !isBracketed, Mark.plus where !hasSign && !isBracketed:
                isNegative = first == Mark.minus
                hasSign = true
                rest.removeFirst()
            case Mark.open where !hasSign && !isBracketed:
                isBracketed = true
                isNegative = true
                rest.removeFirst()
            default:
                guard allowsCurrency, !hasCurrency, let length = Self.currencyLength(rest, atEnd: false) else {
                    break prefix
                }
                hasCurrency = true
                rest.removeFirst(length)
            }
            rest = Self.trimmed(rest)
        }
        var isClosed = false
        hasCurrency = false
        suffix: while let last = rest.last {
            switch last {
            case Mark.minus where !hasSign && !isBracketed:
                isNegative = true
                hasSign = true
                rest.removeLast()
            case Mark.close where isBracketed && !isClosed:
                isClosed = true
                rest.removeLast()
            default:
                guard allowsCurrency, !hasCurrency, let length = Self.currencyLength(rest, atEnd: true) else {
                    break suffix
                }
                hasCurrency = true
                rest.removeLast(length)
            }
            rest = Self.trimmed(rest)
        }
        guard isBracketed == isClosed, readDigits(rest) else { return nil }
    }

    /// The value as whole units of 10⁻ᵖˡᵃᶜᵉˢ, or why there is none.
    func units(places: Int, rounds: Bool) -> (fault: AmountText.Fault, value: Int128?) {
        let end = point + places
        var units: Int128 = 0
        var index = 0
        while index < min(end, digits.count) {
            if units >= Self.limit { return (.tooLarge, nil) }
            units = units * 10 + Int128(digits[index])
            index += 1
        }
        let dropped = max(0, end)
        let lost = dropped < digits.count ? digits[dropped...] : []
        if lost.contains(where: { $0 != 0 }) {
            guard rounds else { return (.tooPrecise, nil) }
            // Where the point lies left of every digit, what is lost is below a tenth of a unit.
            if end >= 0, digits[end] >= 5 { units += 1 }
        }
        if units != 0, end > digits.count {
            for _ in digits.count..<end {
                if units >= Self.limit { return (.tooLarge, nil) }
                units *= 10
            }
        }
        return (.none, isNegative ? -units : units)
    }

    private static let limit: Int128 = {
        var limit: Int128 = 1
        for _ in 0..<35 { limit *= 10 }
        return limit
    }()

    // MARK: digits

    private mutating func readDigits(_ text: ArraySlice<UInt8>) -> Bool {
        var index = text.startIndex
        func digit() -> UInt8? { index < text.endIndex && text[index] &- 0x30 <= 9 ? text[index] &- 0x30 : nil }
        while let value = digit() {
            digits.append(value)
            index += 1
        }
        if index < text.endIndex, text[index] == Mark.comma {
            guard digits.count >= 1, digits.count <= 3 else { return false }
            while index < text.endIndex, text[index] == Mark.comma {
                index += 1
                for _ in 0..<3 {
                    guard let value = digit() else { return false }
                    digits.append(value)
                    index += 1
                }
            }
        }
        point = digits.count
        if index < text.endIndex, text[index] == Mark.point {
            index += 1
            while let value = digit() {
                digits.append(value)
                index += 1
            }
        }
        guard !digits.isEmpty else { return false }
        if index < text.endIndex, text[index] | 0x20 == Mark.exponent {
            index += 1
            var isNegative = false
            if index < text.endIndex, text[index] == Mark.minus || text[index] == Mark.plus {
                isNegative = text[index] == Mark.minus
                index += 1
            }
            guard digit() != nil else { return false }
            var exponent = 0
            while let value = digit() {
                // Beyond this the value is 0, too large or too precise, whatever the digits.
                exponent = min(exponent * 10 + Int(value), 100_000)
                index += 1
            }
            point += isNegative ? -exponent : exponent
        }
        return index == text.endIndex
    }

    // MARK: characters

    /// Characters as they stand in the plain form of a text.
    private enum Mark {
        static let minus = UInt8(ascii: "-")
        static let plus = UInt8(ascii: "+")
        static let open = UInt8(ascii: "(")
        static let close = UInt8(ascii: ")")
        static let comma = UInt8(ascii: ",")
        static let point = UInt8(ascii: ".")
        static let exponent = UInt8(ascii: "e")
        static let blank = UInt8(ascii: " ")
        static let quote = UInt8(ascii: "\"")
        static let apostrophe = UInt8(ascii: "'")
        static let equals = UInt8(ascii: "=")
        /// ¥, and the $ of PostgreSQL's `money`.
        static let currency = UInt8(ascii: "$")
        /// 元, which stands only after a number.
        static let yuan: UInt8 = 1
        static let people: UInt8 = 2
        static let folk: UInt8 = 3
        static let coin: UInt8 = 4
    }

    static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 9...13, 0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200B, 0x2028, 0x2029, 0x202F, 0x205F, 0x2060, 0x3000, 0xFEFF:
            true
        default: false
        }
    }

    /// One byte for each character; nil where one has no part in a number.
    private static func plain(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var plain: [UInt8] = []
        plain.reserveCapacity(text.count)
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            switch scalar.value {
            case 0x21...0x7E: plain.append(UInt8(scalar.value))
            case 0xFF01...0xFF5E: plain.append(UInt8(scalar.value - 0xFEE0))
            // The hyphens and the figure and en dashes of word processors, the minus of mathematics.
            case 0x2010...0x2013, 0x2212, 0xFE63: plain.append(Mark.minus)
            case 0xA5, 0xFFE5: plain.append(Mark.currency)
            case 0x5143, 0x5706, 0x5713: plain.append(Mark.yuan)
            case 0x4EBA: plain.append(Mark.people)
            case 0x6C11: plain.append(Mark.folk)
            case 0x5E01: plain.append(Mark.coin)
            default:
                guard isBlank(scalar) else { return nil }
                plain.append(Mark.blank)
            }
        }
        return plain
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var text = text
        while text.first == Mark.blank { text.removeFirst() }
        while text.last == Mark.blank { text.removeLast() }
        return text
    }

    /// What a text cell of Excel holds.
    private static func unwrapped(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        if text.first == Mark.apostrophe { return trimmed(text.dropFirst()) }
        if text.count >= 3, text.starts(with: [Mark.equals, Mark.quote]), text.last == Mark.quote {
            return trimmed(text.dropFirst(2).dropLast())
        }
        return text
    }

    private static let wordsBefore: [[UInt8]] = [
        [Mark.people, Mark.folk, Mark.coin], Array("RMB".utf8), Array("CNY".utf8), [Mark.currency],
    ]
    private static let wordsAfter: [[UInt8]] = [[Mark.yuan], Array("RMB".utf8), Array("CNY".utf8)]

    /// Bytes of the currency at one end of a text; nil where none stands there.
    private static func currencyLength(_ text: ArraySlice<UInt8>, atEnd: Bool) -> Int? {
        for word in atEnd ? wordsAfter : wordsBefore where text.count > word.count {
            let part = atEnd ? text.suffix(word.count) : text.prefix(word.count)
            // Letters in either case: the bytes that stand for signs have no other.
            let matches = zip(part, word).allSatisfy { $0 == $1 || ($0 >= 0x61 && $0 &- 0x20 == $1) }
            if matches { return word.count }
        }
        return nil
    }
}
