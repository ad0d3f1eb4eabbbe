import Foundation
import HearthTesting
import HeatModel
import Testing

@Suite struct AmountTextTests {
    private func read(_ text: String, places: Int, rounds: Bool = false, allowsCurrency: Bool = true)
        -> (AmountText.Fault, Int64)
    {
        var value: Int64 = 0
        let fault = Array(text.utf8).withUnsafeBufferPointer { bytes in
            // An empty array has an address all the same.
            AmountText.read(
                bytes.baseAddress!, count: bytes.count, places: places, rounds: rounds, allowsCurrency: allowsCurrency,
                into: &value)
        }
        return (fault, value)
    }

    private func exactly(_ text: String, places: Int) -> Int128? {
        Array(text.utf8).withUnsafeBufferPointer { AmountText.read($0, places: places) }
    }

    @Test(arguments: [
        ("10.00", 1000), ("10.00\u{A0}", 1000), (" 10.00", 1000), ("１０.００", 1000), ("1,000.00", 100_000),
        ("１，０００．００", 100_000), ("+10.00", 1000), ("¥10.00", 1000), ("￥10", 1000), ("10元", 1000), ("10.5 圆", 1050),
        ("人民币10元", 1000), ("RMB10", 1000), ("10 CNY", 1000), ("cny 10", 1000), ("$1,234.56", 123_456),
        ("-$1,234.56", -123_456), ("($1,234.56)", -123_456), ("¥-12.30", -1230), ("-¥12.30", -1230),
        ("(123.45)", -12345), ("（１２３．４５）", -12345), ("( 123.45 )", -12345), ("¥(123.45)", -12345),
        ("(123.45元)", -12345), ("123.45-", -12345), ("123.45 -", -12345), ("123.45－", -12345), ("123.45元-", -12345),
        ("\u{2212}123.45", -12345), ("\u{2013}5", -500), ("1.5E3", 150_000), ("1.5e+03", 150_000), ("15E-1", 150),
        ("1E0", 100), ("-2.5E1", -2500), ("123400E-4", 1234), ("0E99999999999999999999", 0), ("=\"00000001\"", 100),
        ("=\"1,234.50\"", 123_450), ("'00000005", 500), ("'-5.00", -500), ("\u{3000}7\u{202F}", 700),
        ("\u{FEFF}7", 700),
        (".5", 50), ("5.", 500), ("-0", 0), ("(0.00)", 0), ("0.1000000000000000000000", 10),
        ("00000000000000000000000000000012", 1200),
    ])
    func spellings(_ text: String, _ fen: Int64) {
        let (fault, value) = read(text, places: 2)
        #expect(fault == .none && value == fen)
        #expect(exactly(text, places: 2) == Int128(fen))
    }

    @Test(arguments: [
        "", " ", "-", "+", "()", "(", "1)", "(1", "((1))", "-(1)", "(-1)", "(1-)", "-1-", "+1-", "--1", "1--", "1.2.3",
        "1,23", "12,34", "1234,567", "1,234,56", ",123", "1.234,50", "1 000", "1\u{A0}000", "12万元", "12万", "1e", "e5",
        "1e+", "1e1.5", "1ee5", "0x10", "NaN", "Infinity", "一百", "十元", "¥", "元", "元10", "10¥", "¥¥10", "10元元", "€10",
        "10%", "=\"", "=\"\"", "'", "''5", "=5", "=\"5", "\"5\"", "5\"", "1/2", "1:2", "人民10", "RM10", "5 元 6", "5x",
        "1．2．3", "\u{2014}5", "\u{FFFD}5",
    ])
    func whatIsNoNumber(_ text: String) {
        #expect(read(text, places: 2).0 == .notANumber, "\(text)")
        #expect(exactly(text, places: 2) == nil)
    }

    @Test func currencyOnlyWhereItIsAllowed() {
        for text in ["¥10", "10元", "RMB 10", "$10", "(¥10)"] {
            #expect(read(text, places: 2, allowsCurrency: false).0 == .notANumber)
        }
        #expect(read("(10)", places: 2, allowsCurrency: false).1 == -1000)
    }

    @Test func whatDoesNotFitIsSaid() {
        #expect(read("1.005", places: 2).0 == .tooPrecise)
        #expect(read("¥1.005", places: 2).0 == .tooPrecise)
        #expect(read("1E-3", places: 2).0 == .tooPrecise)
        #expect(read("1E-300", places: 2).0 == .tooPrecise)
        #expect(read("0.30000000000000004", places: 2).0 == .tooPrecise)
        #expect(read("¥1.005", places: 2, rounds: true).1 == 101)
        #expect(read("(1.005)", places: 2, rounds: true).1 == -101)
        #expect(read("4.9E-3", places: 2, rounds: true).1 == 0)
        #expect(read("5E-3", places: 2, rounds: true).1 == 1)
        #expect(read("5E-4", places: 2, rounds: true).1 == 0)
        #expect(read("9E-300", places: 2, rounds: true) == (.none, 0))
        for text in ["1E18", "¥99999999999999999999", "1E99999999999999999999", "99999999999999999999"] {
            #expect(read(text, places: 2).0 == .tooLarge, "\(text)")
        }
        #expect(exactly("99999999999999999999.5", places: 9) == 99_999_999_999_999_999_999_500_000_000)
        #expect(exactly(String(repeating: "9", count: 40), places: 0) == nil)
        #expect(exactly("1E35", places: 9) == nil)
        // What is longer than any number is none, and costs no time.
        #expect(read("¥" + String(repeating: "1", count: 300), places: 2).0 == .notANumber)
    }

    @Test func blanks() {
        func isBlank(_ text: String) -> Bool { Array(text.utf8).withUnsafeBufferPointer(AmountText.isBlank) }
        for text in ["", "  ", "\t", "\u{A0}", "\u{3000} ", "\u{FEFF}"] { #expect(isBlank(text)) }
        for text in ["0", " 0 ", "\u{A0}-", "元"] { #expect(!isBlank(text)) }
    }

    /// A number of every size, decorated at random, is what it was.
    @Test func decoratedNumbersComeBack() {
        var random = SeededGenerator(seed: 20)
        for _ in 0..<4000 {
            let magnitude = Int64(random.next() >> (5 + random.next() % 50)) % 1_000_000_000_000_000
            var text =
                random.next() % 2 == 0
                ? Fen(magnitude).description : ExactDecimal(units: magnitude, places: 2).description
            if random.next() % 3 == 0 { text = SlowAmount.widened(text) }
            let blanks = ["", " ", "\u{A0}", "\u{3000}", "\u{2009}"]
            func blank() -> String { blanks[Int(random.next() % 5)] }
            let before = ["", "¥", "￥", "RMB", "人民币", "$"][Int(random.next() % 6)]
            let after = ["", "元", "圆", "CNY"][Int(random.next() % 4)]
            text = before + blank() + text + blank() + after
            var expected = magnitude
            switch random.next() % 7 {
            case 0: text = "-" + blank() + text
            case 1: text = "(" + blank() + text + ")"
            case 2: text = "（" + text + blank() + "）"
            case 3: text += blank() + "-"
            case 4: text = "\u{2212}" + text
            case 5:
                text = "+" + text
                expected = -expected
            default: expected = -expected
            }
            expected = -expected
            switch random.next() % 4 {
            case 0: text = "=\"\(text)\""
            case 1: text = "'" + text
            default: break
            }
            text = blank() + text + blank()
            #expect(read(text, places: 2) == (.none, expected), "\(text)")
            #expect(exactly(text, places: 9) == Int128(expected) * 10_000_000, "\(text)")
        }
    }

    /// Whatever the text, the reader agrees with a slow one that is written another way.
    @Test func agreesWithASlowReader() {
        var random = SeededGenerator(seed: 37)
        let alphabet = Array("0123456789012345,,..--+()eE¥￥元$RMBCNY'=\" \u{A0}\u{2212}１，．（）－").map(String.init)
        var read = 0
        for _ in 0..<60_000 {
            var text = ""
            for _ in 0..<random.next() % 9 { text += alphabet[Int(random.next() % UInt64(alphabet.count))] }
            let expected = SlowAmount.units(text, places: 3)
            if expected != nil { read += 1 }
            #expect(exactly(text, places: 3) == expected, "\(text)")
            let (fault, value) = self.read(text, places: 3)
            if let expected, expected.magnitude < 1_000_000_000_000_000_000 {
                #expect(fault == .none && Int128(value) == expected, "\(text)")
            } else {
                #expect(fault != .none, "\(text)")
            }
        }
        #expect(read > 4000)
    }

    @Test func bytesThatAreNoTextAreNoNumber() {
        var random = SeededGenerator(seed: 41)
        for _ in 0..<20_000 {
            let bytes = (0..<random.next() % 12).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            bytes.withUnsafeBufferPointer { buffer in
                _ = AmountText.read(buffer, places: 2)
                _ = AmountText.isBlank(buffer)
            }
        }
    }
}

/// Reads amounts by patterns over whole texts.
private enum SlowAmount {
    static func widened(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { Unicode.Scalar($0.value + 0xFEE0) ?? $0 }))
    }

    private static let number = #"((?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?|\.\d+)(?:[Ee]([+-]?\d+))?"#
    private static let before = "(?:[$]|RMB|CNY|人民币)?"
    private static let after = "(?:元|RMB|CNY)?"

    /// Each with its sign.
    private static let forms: [(NSRegularExpression, isNegative: Bool)] = [
        ("^\\+ *\(before) *\(number) *\(after)$", false), ("^\(before) *\\+? *\(number) *\(after)$", false),
        ("^- *\(before) *\(number) *\(after)$", true), ("^\(before) *- *\(number) *\(after)$", true),
        ("^\(before) *\(number) *\(after) *-$", true), ("^\(before) *\(number) *- *\(after)$", true),
        ("^\\( *\(before) *\(number) *\(after) *\\)$", true), ("^\(before) *\\( *\(number) *\(after) *\\)$", true),
        ("^\\( *\(before) *\(number) *\\) *\(after)$", true), ("^\(before) *\\( *\(number) *\\) *\(after)$", true),
    ].map { (try! NSRegularExpression(pattern: $0, options: .caseInsensitive), $1) }

    static func units(_ text: String, places: Int) -> Int128? {
        var plain = text.precomposedStringWithCompatibilityMapping.replacing("\u{2212}", with: "-")
        plain = plain.replacing("¥", with: "$").trimmingCharacters(in: .whitespaces)
        if plain.hasPrefix("'") {
            plain = plain.dropFirst().trimmingCharacters(in: .whitespaces)
        } else if plain.utf8.count >= 3, plain.hasPrefix("=\""), plain.hasSuffix("\"") {
            plain = plain.dropFirst(2).dropLast().trimmingCharacters(in: .whitespaces)
        }
        let whole = NSRange(plain.startIndex..., in: plain)
        for (form, isNegative) in forms {
            guard let match = form.firstMatch(in: plain, range: whole),
                let mantissa = Range(match.range(at: 1), in: plain)
            else { continue }
            let exponent = Range(match.range(at: 2), in: plain).map { Int(plain[$0]) ?? 1_000_000 } ?? 0
            let parts = plain[mantissa].replacing(",", with: "").split(separator: ".", omittingEmptySubsequences: false)
            let fraction = parts.count > 1 ? parts[1] : ""
            var digits = String(parts[0] + fraction)
            let shift = exponent - fraction.count + places
            if digits.allSatisfy({ $0 == "0" }) { return 0 }
            if shift >= 0 {
                if shift > 60 { return nil }
                digits += String(repeating: "0", count: shift)
            } else {
                if shift < -60 { return nil }
                let lost = String(repeating: "0", count: max(0, -shift - digits.count)) + digits.suffix(-shift)
                guard lost.allSatisfy({ $0 == "0" }) else { return nil }
                digits = String(digits.dropLast(-shift))
            }
            digits = String(digits.drop { $0 == "0" })
            guard digits.count <= 36 else { return nil }
            let value = Int128(digits) ?? 0
            return isNegative ? -value : value
        }
        return nil
    }
}
