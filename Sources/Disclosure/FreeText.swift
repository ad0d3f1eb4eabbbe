import Foundation
import HeatModel
import JSONText

/// What people and systems write in sentences, without what is personal in it: known values, whole or in parts, and numbers that look
/// like a telephone's or an ID's.
///
/// ```swift
/// let words = FreeText(personal: FreeText.personal(in: view), known: ["01000045"]).masked(text, of: .customer)
/// ```
public struct FreeText: Sendable {
    public enum Author: Sendable {
        /// Who may write any number in any way.
        case customer
        /// Whose amounts, dates and numbers of orders are to stay as they were told.
        case company
    }

    /// A value that must not stand there, and how it is masked.
    public struct Value: Sendable, Hashable {
        public var text: String
        public var mask: PersonalField.Mask

        public init(_ text: String, _ mask: PersonalField.Mask) {
            self.text = text
            self.mask = mask
        }
    }

    private let personal: [Value]
    private let known: Set<String>

    /// - Parameters:
    ///   - personal: what is known to be personal.
    ///   - known: numbers that may stand there, such as the account's.
    public init(personal: [Value] = [], known: some Sequence<String> = []) {
        self.personal = personal.filter { !$0.text.isEmpty }.sorted { $0.text.count > $1.text.count }
        self.known = Set(known.map { String($0.unicodeScalars.compactMap { Self.digit($0).map { "\($0)" } }.joined()) })
    }

    /// Without characters that only control how others are shown: no text hides behind them. Line breaks stay.
    public static func clean(_ text: String) -> String {
        var kept = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control: kept.append(scalar == "\n" ? scalar : " ")
            // Marks of direction, of zero width, soft hyphens.
            case .format, .surrogate, .privateUse, .unassigned: continue
            case .lineSeparator, .paragraphSeparator: kept.append("\n")
            default: kept.append(scalar)
            }
        }
        return String(kept).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    public func masked(_ text: String, of author: Author) -> String {
        var words = text
        for value in personal where value.text.count > 1 {
            words = words.replacing(value.text, with: value.mask.text(value.text))
        }
        for value in personal { words = Self.withoutParts(of: value.text, in: words) }
        words = Self.withoutPlaces(Self.withoutNames(words))
        return withoutNumbers(words, author)
    }

    // MARK: Known values

    /// Letters in a row, of a value that holds any, and digits of a number, by which a part of it is known.
    private static let leastLetters = 4
    private static let leastDigits = 7

    /// Without what of a value stands in a text: it may be quoted in part, cut off, on one line or with other marks between.
    private static func withoutParts(of value: String, in text: String) -> String {
        func isTold(_ character: Character) -> Bool { character.isLetter || character.isNumber }
        let told = value.filter(isTold).map(\.self)
        let length = min(told.count, told.allSatisfy(\.isNumber) ? leastDigits : leastLetters)
        if length < 2 { return text }
        let parts = Set((0...told.count - length).map { Array(told[$0..<$0 + length]) })
        let characters = Array(text)
        let places = characters.indices.filter { isTold(characters[$0]) }
        if places.count < length { return text }
        var hidden: [ClosedRange<Int>] = []
        for start in 0...places.count - length {
            let window = places[start..<start + length]
            guard parts.contains(window.map { characters[$0] }) else { continue }
            let range = places[start]...places[start + length - 1]
            if let last = hidden.last, range.lowerBound <= last.upperBound + 1 {
                hidden[hidden.count - 1] = last.lowerBound...range.upperBound
            } else {
                hidden.append(range)
            }
        }
        var result = characters
        for range in hidden.reversed() { result.replaceSubrange(range, with: "***") }
        return String(result)
    }

    // MARK: Names, rooms, addresses of mail

    private static func withoutNames(_ text: String) -> String {
        let words = text.replacing(/[A-Za-z0-9._%+\-]+@[A-Za-z0-9.\-]+/) { _ in "***" }
        return words.replacing(/((?:我叫|本人叫|名叫|户主叫|户主是|姓名是|姓名为|名字是|名字叫|(?:姓名|户主)[:\u{FF1A}])\s*)\p{Han}{2,4}/) {
            "\($0.output.1)***"
        }
    }

    private static func withoutPlaces(_ text: String) -> String {
        // 3号楼2单元501, 501室, 3-2-501
        var words = text.replacing(/(号楼|号院|单元|栋|幢|座)([\s\-—－]*)[0-9０-９]{2,5}(?![0-9０-９]*\s*(?:号楼|单元|栋|幢|座|层|楼|门|元|度))/)
        {
            "\($0.output.1)\($0.output.2)***"
        }
        words = words.replacing(/[0-9０-９]{2,5}(\s*(?:室|房号))/) { "***\($0.output.1)" }
        words = words.replacing(/(^|[^0-9.])([0-9]{1,3}\s*[\-—－]\s*[0-9]{1,2}\s*[\-—－]\s*)[0-9]{3,4}(?![0-9])/) {
            "\($0.output.1)\($0.output.2)***"
        }
        return words
    }

    // MARK: Numbers

    private static let hanDigits: [Unicode.Scalar: Int] = {
        var digits: [Unicode.Scalar: Int] = ["幺": 1]
        for row in ["〇一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖"] {
            for (value, scalar) in row.unicodeScalars.enumerated() { digits[scalar] = value }
        }
        return digits
    }()

    private static func digit(_ scalar: Unicode.Scalar) -> Int? {
        if scalar.value < 0x80 { return scalar.value &- 0x30 <= 9 ? Int(scalar.value - 0x30) : nil }
        if let digit = hanDigits[scalar] { return digit }
        let properties = scalar.properties
        guard properties.numericType == .decimal || properties.numericType == .digit else { return nil }
        return properties.numericValue.flatMap { Int(exactly: $0) }.flatMap { (0...9).contains($0) ? $0 : nil }
    }

    private static func separates(_ scalar: Unicode.Scalar, _ author: Author) -> Bool {
        if scalar == " " || scalar == "-" || scalar == "\u{3000}" || scalar == "\u{A0}" { return true }
        if author == .company { return scalar.properties.generalCategory == .dashPunctuation }
        // Marks that belong to the digit before them, as of a key of a telephone.
        if scalar == "\u{FE0F}" || scalar == "\u{20E3}" { return true }
        if scalar.properties.isWhitespace { return true }
        switch scalar.properties.generalCategory {
        case .dashPunctuation, .connectorPunctuation, .openPunctuation, .closePunctuation: return true
        // After a colon there is another number; a mask's stars and a question end one.
        case .otherPunctuation: return ![":", "\u{FF1A}", "*", "?", "\u{FF1F}"].contains(scalar)
        default: return ["+", "|", "~", "·", "=", "<", ">"].contains(scalar)
        }
    }

    /// A number may be written with so many marks between two of its digits.
    private static let mostMarks = 4

    /// Digits that make a number together, with what stands between them.
    private struct Run {
        var digits: [Int] = []
        /// After the last of them.
        var end: Int
        /// Whether an ID's check digit X is one of them.
        var hasCheck = false

        init(_ scalars: [Unicode.Scalar], from start: Int, _ author: Author) {
            end = start
            var index = start
            var marks = 0
            while index < scalars.count {
                if let digit = FreeText.digit(scalars[index]) {
                    digits.append(digit)
                    index += 1
                    end = index
                    marks = 0
                } else if marks < FreeText.mostMarks, FreeText.separates(scalars[index], author) {
                    marks += 1
                    index += 1
                } else {
                    break
                }
            }
            guard digits.count == 17 || digits.count == 5, end < scalars.count else { return }
            guard ["X", "x", "Ｘ", "ｘ"].contains(scalars[end]) else { return }
            // Where a word of letters begins, it is none.
            let next = end + 1 < scalars.count ? scalars[end + 1] : " "
            if next.properties.isAlphabetic, next.value < 0x2E80 { return }
            hasCheck = true
            end += 1
        }

        /// Whether it is a mobile telephone's or an ID's by its length and its first digits, whatever stands between.
        var isOfPerson: Bool {
            if digits.count == 17 { return hasCheck }
            if digits.count == 18 { return (1...8).contains(digits[0]) && (digits[6] == 1 || digits[6] == 2) }
            let mobile = digits.count == 13 && digits.prefix(2) == [8, 6] ? digits.dropFirst(2) : digits[...]
            return mobile.count == 11 && mobile.first == 1 && mobile.dropFirst().first ?? 0 >= 3
        }
    }

    private func withoutNumbers(_ text: String, _ author: Author) -> String {
        let scalars = Array(text.unicodeScalars)
        var result = String.UnicodeScalarView()
        var index = 0
        while index < scalars.count {
            guard Self.digit(scalars[index]) != nil else {
                result.append(scalars[index])
                index += 1
                continue
            }
            var run = Run(scalars, from: index, .customer)
            if author == .company, !run.isOfPerson { run = Run(scalars, from: index, author) }
            let raw = scalars[index..<run.end]
            let after = Array(scalars[run.end...].prefix(2))
            index = run.end
            result.append(
                contentsOf: mask(run.digits, run.hasCheck, raw, after: after, author)?.unicodeScalars.map(\.self)
                    ?? Array(raw))
        }
        return String(result)
    }

    /// What stands in place of a number; nil where it may stay.
    private func mask(
        _ digits: [Int], _ hasCheck: Bool, _ raw: ArraySlice<Unicode.Scalar>, after: [Unicode.Scalar], _ author: Author
    ) -> String? {
        let number = digits.map(String.init).joined()
        if known.contains(number) { return nil }
        let count = digits.count + (hasCheck ? 1 : 0)
        if count >= 11 { return PersonalField.Mask.number.text(number + (hasCheck ? "X" : "")) }
        if author == .company { return nil }
        let isHan = raw.allSatisfy { Self.hanDigits[$0] != nil }
        if count < (isHan ? 7 : 6) { return nil }
        return Self.isHarmless(raw, after) ? nil : "***"
    }

    /// An amount, a date, a season, by the way in which it is written.
    private static func isHarmless(_ raw: ArraySlice<Unicode.Scalar>, _ after: [Unicode.Scalar]) -> Bool {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: raw)
        let number = String(text)
        if number.wholeMatch(of: /[0-9]{1,7}\.[0-9]{1,2}|[0-9]{1,3}(,[0-9]{3})+(\.[0-9]{1,2})?/) != nil { return true }
        if number.wholeMatch(of: /(19|20)[0-9]{2}[\-\/.](0?[1-9]|1[0-2])([\-\/.](0?[1-9]|[12][0-9]|3[01]))?/) != nil {
            return true
        }
        if number.wholeMatch(of: /20[0-9]{2}\s?[\-—–]\s?20[0-9]{2}/) != nil { return true }
        let unit = after.first { !$0.properties.isWhitespace }
        return number.wholeMatch(of: /[0-9]{6,7}/) != nil && (unit == "元" || unit == "块")
    }

    /// What a customer's own words must not repeat of their account's view: name, telephones, ID and its last six digits, address.
    public static func personal(in view: UnsafeRawBufferPointer) -> [Value] {
        guard let facts = JSONMembers.value(of: "facts", in: view) else { return [] }
        var values: [Value] = []
        func add(_ json: UnsafeRawBufferPointer, _ key: String) {
            guard let mask = PersonalField.mask(ofKey: key), let text = json.jsonText else { return }
            let isNumber = text.allSatisfy { $0.isNumber || $0.isPunctuation || $0 == "X" || $0 == "x" }
            // A room's number is in many others.
            if text.count < 2 || isNumber && text.count < leastDigits { return }
            values.append(Value(text, mask))
            if key.hasSuffix("id_number"), text.count > 6 { values.append(Value(String(text.suffix(6)), .whole)) }
        }
        var members = JSONMembers(facts)
        while let (name, value) = members.next() {
            let key = String(decoding: name, as: UTF8.self)
            // Remarks are what others wrote; parts of an address that lead to no household may be told.
            guard
                key.hasSuffix("name") || key.hasSuffix("phones") || key.hasSuffix("phone") || key.hasSuffix("id_number")
            else { continue }
            if value.first == 0x5B {
                var elements = JSONMembers(value)
                while let (_, element) = elements.next() { add(element, key) }
            } else {
                add(value, key)
            }
        }
        return values
    }
}
