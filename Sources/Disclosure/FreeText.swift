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

    /// A personal value as it is looked for.
    struct Sought: Sendable {
        /// All of it, and its mask.
        var scalars: [Unicode.Scalar]
        var mask: [Unicode.Scalar]
        /// Its letters and digits, and how many of them in a row make it known.
        var told: [Unicode.Scalar]
        var least: Int
    }

    let personal: [Sought]
    private(set) var known: Set<String> = []

    /// - Parameters:
    ///   - personal: what is known to be personal.
    ///   - known: numbers that may stand there, such as the account's. One that has the form of a person's number may not.
    public init(personal: [Value] = [], known: some Sequence<String> = []) {
        self.personal = personal.filter { !$0.text.isEmpty }.sorted { $0.text.count > $1.text.count }.map { value in
            let scalars = Self.scalars(value.text)
            let told = scalars.filter(Self.isTold)
            let isNumber = told.allSatisfy { $0.properties.numericType != nil }
            return Sought(
                scalars: scalars, mask: Self.scalars(value.mask.text(value.text)), told: told,
                least: min(told.count, isNumber ? Self.leastDigits : Self.leastLetters))
        }
        know(known)
    }

    /// Takes further numbers for such as may stand there.
    public mutating func know(_ numbers: some Sequence<String>) {
        for text in numbers {
            let digits = String(
                decoding: text.unicodeScalars.compactMap { Self.digit($0).map { UInt8(0x30 + $0) } }, as: UTF8.self)
            if !Self.holdsPersonsNumber(text), !Self.holdsPersonsNumber(digits) { known.insert(digits) }
        }
    }

    /// Without characters that only control how others are shown: no text hides behind them. Line breaks stay.
    public static func clean(_ text: String) -> String {
        if isClean(text) { return text }
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
        func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }
        let words = kept.drop(while: isBlank)
        return words.lastIndex { !isBlank($0) }.map { String(words[...$0]) } ?? ""
    }

    /// Whether a text is of letters, marks and Chinese characters alone, as most are, with no blank at its ends.
    static func isClean(_ text: String) -> Bool {
        let scalars = text.unicodeScalars
        guard let first = scalars.first, let last = scalars.last, !isBlank(first), !isBlank(last) else { return false }
        return scalars.allSatisfy {
            switch $0.value {
            case 0x0A, 0x20...0x7E, 0x3400...0x4DB5, 0x4E00...0x9FEF, 0x3001...0x3011, 0xFF01...0xFF5E: true
            default: false
            }
        }
    }

    public func masked(_ text: String, of author: Author) -> String {
        var words = Self.scalars(text)
        for value in personal where value.scalars.count > 1 && words.contains(value.scalars[0]) {
            words = Self.replacing(value.scalars, by: value.mask, in: words)
        }
        var told = words.filter(Self.isTold)
        for value in personal where Self.holdsPart(of: value, told) {
            words = Self.withoutParts(of: value, in: words)
            told = words.filter(Self.isTold)
        }
        return withoutNumbers(Self.withoutNamesAndPlaces(words), author)
    }

    static func withoutNamesAndPlaces(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        withoutPlaces(withoutRoomNumbers(withoutRooms(withoutNames(withoutMail(text)))))
    }

    /// Composed: two ways to write one letter are the same. Most texts are of characters that nothing composes.
    static func scalars(_ text: String) -> [Unicode.Scalar] {
        let isComposed = text.unicodeScalars.allSatisfy {
            $0.value < 0x300 || (0x3400...0x9FFF).contains($0.value) || (0x3000...0x3011).contains($0.value)
                || (0xFF01...0xFF5E).contains($0.value) || (0x2010...0x2027).contains($0.value)
        }
        return Array((isComposed ? text : text.precomposedStringWithCanonicalMapping).unicodeScalars)
    }

    // MARK: Known values

    /// Letters in a row, of a value that holds any, and digits of a number, by which a part of it is known.
    static let leastLetters = 4
    static let leastDigits = 7

    static func replacing(
        _ value: [Unicode.Scalar], by mask: [Unicode.Scalar], in text: [Unicode.Scalar]
    ) -> [Unicode.Scalar] {
        replacing(in: text) { text, at in
            text[at] == value[0] && text[at...].starts(with: value) ? (mask, at + value.count) : nil
        }
    }

    /// Goes through a text from left to right and puts what is found at a place in place of all up to an end.
    static func replacing(
        in text: [Unicode.Scalar], _ found: ([Unicode.Scalar], Int) -> (by: [Unicode.Scalar], end: Int)?
    ) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        var (told, at) = (0, 0)
        while at < text.count {
            guard let (mask, end) = found(text, at) else {
                at += 1
                continue
            }
            result += text[told..<at]
            result += mask
            (told, at) = (end, end)
        }
        return told == 0 ? text : result + text[told...]
    }

    static func isTold(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x80 { return scalar.value &- 0x30 <= 9 || (scalar.value | 0x20) &- 0x61 < 26 }
        if (0x4E00...0x9FFF).contains(scalar.value) { return true }
        return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    /// Whether so much of a value that it is known stands among the letters and digits of a text. In most texts nothing does, and this finds
    /// out without making anything.
    static func holdsPart(of value: Sought, _ text: [Unicode.Scalar]) -> Bool {
        let length = value.least
        if length < 2 || text.count < length { return false }
        return text.withUnsafeBufferPointer { text in
            value.told.withUnsafeBufferPointer { told in
                var start = 0
                while start + length <= text.count {
                    var part = 0
                    while part + length <= told.count {
                        var same = 0
                        while same < length, told[part + same] == text[start + same] { same += 1 }
                        if same == length { return true }
                        part += 1
                    }
                    start += 1
                }
                return false
            }
        }
    }

    /// Without what of a value stands in a text: it may be quoted in part, cut off, on one line or with other marks between.
    static func withoutParts(of value: Sought, in text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        let (told, length) = (value.told, value.least)
        if length < 2 { return text }
        let places = text.indices.filter { isTold(text[$0]) }
        if places.count < length { return text }
        var hidden: [ClosedRange<Int>] = []
        for start in 0...places.count - length {
            let isPart = (0...told.count - length).contains { part in
                (0..<length).allSatisfy { told[part + $0] == text[places[start + $0]] }
            }
            guard isPart else { continue }
            let range = places[start]...places[start + length - 1]
            if let last = hidden.last, range.lowerBound <= last.upperBound + 1 {
                hidden[hidden.count - 1] = last.lowerBound...range.upperBound
            } else {
                hidden.append(range)
            }
        }
        var result = text
        for range in hidden.reversed() { result.replaceSubrange(range, with: stars) }
        return result
    }

    static let stars: [Unicode.Scalar] = ["*", "*", "*"]

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
