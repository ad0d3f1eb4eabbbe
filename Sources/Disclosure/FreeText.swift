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
    private struct Sought: Sendable {
        /// All of it, and its mask.
        var scalars: [Unicode.Scalar]
        var mask: [Unicode.Scalar]
        /// Its letters and digits, and how many of them in a row make it known.
        var told: [Unicode.Scalar]
        var least: Int
    }

    private let personal: [Sought]
    private let known: Set<String>

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
        self.known = Set(
            known.compactMap { text in
                let digits = String(
                    decoding: text.unicodeScalars.compactMap { Self.digit($0).map { UInt8(0x30 + $0) } }, as: UTF8.self)
                return Self.holdsPersonsNumber(text) || Self.holdsPersonsNumber(digits) ? nil : digits
            })
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
    private static func isClean(_ text: String) -> Bool {
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
        for value in personal where value.scalars.count > 1 {
            words = Self.replacing(value.scalars, by: value.mask, in: words)
        }
        for value in personal { words = Self.withoutParts(of: value, in: words) }
        return withoutNumbers(Self.withoutNamesAndPlaces(words), author)
    }

    static func withoutNamesAndPlaces(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        withoutPlaces(withoutRoomNumbers(withoutRooms(withoutNames(withoutMail(text)))))
    }

    /// Composed: two ways to write one letter are the same. Most texts are of characters that nothing composes.
    private static func scalars(_ text: String) -> [Unicode.Scalar] {
        let isComposed = text.unicodeScalars.allSatisfy {
            $0.value < 0x300 || (0x3400...0x9FFF).contains($0.value) || (0x3000...0x3011).contains($0.value)
                || (0xFF01...0xFF5E).contains($0.value) || (0x2010...0x2027).contains($0.value)
        }
        return Array((isComposed ? text : text.precomposedStringWithCanonicalMapping).unicodeScalars)
    }

    // MARK: Known values

    /// Letters in a row, of a value that holds any, and digits of a number, by which a part of it is known.
    private static let leastLetters = 4
    private static let leastDigits = 7

    private static func replacing(
        _ value: [Unicode.Scalar], by mask: [Unicode.Scalar], in text: [Unicode.Scalar]
    ) -> [Unicode.Scalar] {
        replacing(in: text) { text, at in
            text[at] == value[0] && text[at...].starts(with: value) ? (mask, at + value.count) : nil
        }
    }

    /// Goes through a text from left to right and puts what is found at a place in place of all up to an end.
    private static func replacing(
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

    private static func isTold(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x80 { return scalar.value &- 0x30 <= 9 || (scalar.value | 0x20) &- 0x61 < 26 }
        if (0x4E00...0x9FFF).contains(scalar.value) { return true }
        return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    /// Without what of a value stands in a text: it may be quoted in part, cut off, on one line or with other marks between.
    private static func withoutParts(of value: Sought, in text: [Unicode.Scalar]) -> [Unicode.Scalar] {
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

    private static let stars: [Unicode.Scalar] = ["*", "*", "*"]

    // MARK: Names, rooms, addresses of mail

    private static let introductions = [
        "我叫", "本人叫", "名叫", "户主叫", "户主是", "姓名是", "姓名为", "名字是", "名字叫", "姓名:", "姓名\u{FF1A}", "户主:",
        "户主\u{FF1A}",
    ].map(scalars)

    private static func word(
        of words: [[Unicode.Scalar]], in text: [Unicode.Scalar], at index: Int
    ) -> [Unicode.Scalar]? {
        words.first { text[index] == $0[0] && text[index...].starts(with: $0) }
    }

    /// Without what follows 我叫: two to four characters.
    private static func withoutNames(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        replacing(in: text) { text, at in
            guard let words = word(of: introductions, in: text, at: at) else { return nil }
            let start = blanksEnd(text, at + words.count)
            var end = start
            while end < text.count, end - start < 4, isHan(text[end]) { end += 1 }
            return end - start < 2 ? nil : (text[at..<start] + stars, end)
        }
    }

    private static func isHan(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x2E80...0x2FD5, 0x3005, 0x3007, 0x3021...0x3029, 0x3038...0x303B,
            0xF900...0xFAD9, 0x16FF0...0x16FF1, 0x20000...0x323AF:
            true
        default: false
        }
    }

    /// Without addresses of mail. From each `@` it looks no further back than to the one before: long words cost no more than others.
    private static func withoutMail(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        func isAt(_ scalar: Unicode.Scalar) -> Bool { scalar == "@" || scalar == "\u{FF20}" }
        guard scalars.contains(where: isAt) else { return scalars }
        func isOfDomain(_ scalar: Unicode.Scalar) -> Bool {
            let value = (0xFF01...0xFF5E).contains(scalar.value) ? scalar.value - 0xFEE0 : scalar.value
            return value &- 0x30 <= 9 || (value | 0x20) &- 0x61 < 26 || value == 0x2D || value == 0x2E
        }
        func isOfName(_ scalar: Unicode.Scalar) -> Bool { isOfDomain(scalar) || ["_", "%", "+"].contains(scalar) }
        var result: [Unicode.Scalar] = []
        var told = 0
        var index = 0
        while index < scalars.count {
            defer { index += 1 }
            guard isAt(scalars[index]) else { continue }
            var start = index
            while start > told, isOfName(scalars[start - 1]) { start -= 1 }
            var end = index + 1
            while end < scalars.count, isOfDomain(scalars[end]) { end += 1 }
            guard start < index, end > index + 1 else { continue }
            result += scalars[told..<start]
            result += stars
            told = end
            index = end - 1
        }
        return result + scalars[told...]
    }

    private static let houses = ["号楼", "号院", "单元", "栋", "幢", "座"].map(scalars)
    private static let measures = ["号楼", "单元", "栋", "幢", "座", "层", "楼", "门", "元", "度"].map(scalars)
    private static let roomWords = ["室", "房号"].map(scalars)

    private static func isLatinDigit(_ scalar: Unicode.Scalar) -> Bool { scalar.value &- 0x30 <= 9 }
    /// Of either width.
    private static func isPlainDigit(_ scalar: Unicode.Scalar) -> Bool {
        isLatinDigit(scalar) || scalar.value &- 0xFF10 <= 9
    }
    private static func isDash(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "-" || scalar == "\u{2014}" || scalar == "\u{FF0D}"
    }
    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x80 ? scalar == " " || (9...13).contains(scalar.value) : scalar.properties.isWhitespace
    }

    private static func end(
        _ text: [Unicode.Scalar], _ start: Int, while isOfIt: (Unicode.Scalar) -> Bool
    ) -> Int {
        var end = start
        while end < text.count, isOfIt(text[end]) { end += 1 }
        return end
    }

    private static func blanksEnd(_ text: [Unicode.Scalar], _ start: Int) -> Int { end(text, start, while: isBlank) }

    /// 3号楼2单元501: without the room behind the house or its entrance, which a number with a measure is none.
    private static func withoutRooms(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        replacing(in: text) { text, at in
            guard let house = word(of: houses, in: text, at: at) else { return nil }
            let start = end(text, at + house.count) { isBlank($0) || isDash($0) }
            let last = end(text, start, while: isPlainDigit)
            let next = blanksEnd(text, last)
            guard last - start >= 2, !measures.contains(where: { text[next...].starts(with: $0) }) else { return nil }
            return (text[at..<start] + stars, min(last, start + 5))
        }
    }

    /// 501室
    private static func withoutRoomNumbers(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        replacing(in: text) { text, at in
            guard isPlainDigit(text[at]) else { return nil }
            let last = end(text, at, while: isPlainDigit)
            let next = blanksEnd(text, last)
            guard (2...5).contains(last - at), roomWords.contains(where: { text[next...].starts(with: $0) }) else {
                return nil
            }
            return (stars, last)
        }
    }

    /// 3-2-501
    private static func withoutPlaces(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        func dashEnd(_ start: Int) -> Int? {
            let at = blanksEnd(text, start)
            return at < text.count && isDash(text[at]) ? blanksEnd(text, at + 1) : nil
        }
        return replacing(in: text) { text, at in
            guard isLatinDigit(text[at]), at == 0 || !isLatinDigit(text[at - 1]) && text[at - 1] != "." else {
                return nil
            }
            let house = end(text, at, while: isLatinDigit)
            guard house - at <= 3, let unit = dashEnd(house) else { return nil }
            let unitEnd = end(text, unit, while: isLatinDigit)
            guard (1...2).contains(unitEnd - unit), let room = dashEnd(unitEnd) else { return nil }
            let last = end(text, room, while: isLatinDigit)
            return (3...4).contains(last - room) ? (text[at..<room] + stars, last) : nil
        }
    }

    // MARK: Numbers

    private static func hanDigit(_ scalar: Unicode.Scalar) -> Int? {
        switch scalar {
        case "〇", "零", "洞": 0
        case "一", "壹", "幺": 1
        case "二", "贰", "两": 2
        case "三", "叁": 3
        case "四", "肆": 4
        case "五", "伍": 5
        case "六", "陆": 6
        case "七", "柒", "拐": 7
        case "八", "捌": 8
        case "九", "玖": 9
        default: nil
        }
    }

    private static func digit(_ scalar: Unicode.Scalar) -> Int? {
        if scalar.value < 0x80 { return scalar.value &- 0x30 <= 9 ? Int(scalar.value - 0x30) : nil }
        if let digit = hanDigit(scalar) { return digit }
        // Other characters stand for no digit.
        if (0x3400...0x9FFF).contains(scalar.value) { return nil }
        let properties = scalar.properties
        guard properties.numericType == .decimal || properties.numericType == .digit else { return nil }
        return properties.numericValue.flatMap { Int(exactly: $0) }.flatMap { (0...9).contains($0) ? $0 : nil }
    }

    /// What stands between two digits. Marks of any kind may stand in a number that has the form of a person's; digits of other numbers
    /// belong together only across marks that people put into telephone numbers.
    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x80 { return !isTold(scalar) }
        return !scalar.properties.isAlphabetic && scalar.properties.numericType == nil
    }

    private static func isOfTelephones(_ scalar: Unicode.Scalar, _ author: Author) -> Bool {
        if scalar == " " || scalar == "\u{3000}" || scalar == "\u{A0}" { return true }
        let category = scalar.properties.generalCategory
        if author == .company { return category == .dashPunctuation }
        // Marks that belong to the digit before them, as of a key of a telephone.
        if scalar == "\u{FE0F}" || scalar == "\u{20E3}" { return true }
        if scalar.properties.isWhitespace { return true }
        switch category {
        case .dashPunctuation, .connectorPunctuation, .openPunctuation, .closePunctuation: return true
        default: return [".", "\u{FF0E}", "/", "\u{FF0F}", "~", "\u{FF5E}", "·", "|"].contains(scalar)
        }
    }

    /// A number may be written with so many marks between two of its digits.
    private static let mostMarks = 4

    /// Digits in a row, or an amount, a date, a time, a season, a known number.
    private struct Piece {
        enum Kind { case loose, known, figure }
        var range: Range<Int>
        var digits: [Int]
        var kind = Kind.loose
        /// Whether it goes together with the piece before, whatever stands between.
        var goesOn = false
    }

    /// Where the digits end that begin there.
    private static func digitsEnd(_ scalars: [Unicode.Scalar], _ start: Int) -> Int {
        var end = start
        while end < scalars.count, digit(scalars[end]) != nil { end += 1 }
        return end
    }

    /// Where the next digits begin behind nothing but a few marks; nil where other words or a mask stand between.
    private static func nextDigits(_ scalars: [Unicode.Scalar], _ end: Int) -> Int? {
        var index = end
        while index < scalars.count, index - end <= mostMarks {
            if digit(scalars[index]) != nil { return index }
            if !isMark(scalars[index]) || scalars[index...].prefix(3) == ["*", "*", "*"] { return nil }
            index += 1
        }
        return nil
    }

    /// Whether an ID's check digit X stands there. Where a word of letters begins, it is none.
    private static func hasCheck(_ scalars: [Unicode.Scalar], _ end: Int) -> Bool {
        guard end < scalars.count, ["X", "x", "Ｘ", "ｘ"].contains(scalars[end]) else { return false }
        guard end + 1 < scalars.count else { return true }
        let next = scalars[end + 1]
        return !(next.properties.isAlphabetic && next.value < 0x2E80)
    }

    // MARK: Numbers of persons

    private static func isMobile(_ digits: some Collection<Int>) -> Bool {
        let codes = digits.count - 11
        guard [0, 2, 4].contains(codes), [0, 0, 8, 6].suffix(codes).elementsEqual(digits.prefix(codes)) else {
            return false
        }
        let number = digits.dropFirst(codes).prefix(2)
        return number.first == 1 && number.dropFirst().first.map { $0 >= 3 } ?? false
    }

    /// Of an ID: 17 digits and the check digit, which is 10 for X.
    private static func isID(_ digits: some Collection<Int>, isLoose: Bool = true) -> Bool {
        guard digits.count == 18, digits.dropLast().allSatisfy({ $0 < 10 }) else { return false }
        let digits = Array(digits)
        func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 10 + $1 } }
        let isBirth =
            (1...8).contains(digits[0]) && (1900...2099).contains(number(6..<10)) && (1...12).contains(number(10..<12))
            && (1...31).contains(number(12..<14))
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        let sum = zip(digits, weights).reduce(0) { $0 + $1.0 * $1.1 }
        let isChecked = [1, 0, 10, 9, 8, 7, 6, 5, 4, 3, 2][sum % 11] == digits[17]
        // One with a slip of the pen is one; a number of an order may hold this year's date.
        return isLoose ? isChecked || isBirth && number(6..<10) < 2020 : isChecked && isBirth
    }

    /// Whether digits that are all of a number have the length and the first digits of a person's.
    private static func looksOfPerson(_ digits: [Int]) -> Bool {
        if digits.count == 18 { return digits[17] == 10 || (1...8).contains(digits[0]) && [1, 2].contains(digits[6]) }
        return isMobile(digits)
    }

    /// Whether a text holds the number of a mobile telephone or an ID's, with whatever marks between their digits. Digits that are in the
    /// middle of a longer row are no telephone's: instants and numbers of orders hold such rows.
    public static func holdsPersonsNumber(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        // The shortest is a telephone's.
        if scalars.count(where: { digit($0) != nil }) < 11 { return false }
        var index = 0
        while index < scalars.count {
            guard digit(scalars[index]) != nil else {
                index += 1
                continue
            }
            let pieces = pieces(scalars, from: index) { _ in nil }
            index = pieces[pieces.count - 1].range.upperBound
            var digits = pieces.flatMap(\.digits)
            if hasCheck(scalars, index) { digits.append(10) }
            if digits.count >= 18,
                (0...digits.count - 18).contains(where: { isID(digits[$0..<$0 + 18], isLoose: false) })
            {
                return true
            }
            for first in pieces.indices {
                for (_, digits) in rows(pieces, from: first, scalars) where isMobile(digits) || isID(digits) {
                    return true
                }
            }
        }
        return false
    }

    /// The digits of pieces from one on, up to each that may be a person's number's last.
    private static func rows(_ pieces: [Piece], from first: Int, _ scalars: [Unicode.Scalar]) -> [(Int, [Int])] {
        var rows: [(Int, [Int])] = []
        var digits: [Int] = []
        for last in first..<pieces.count {
            digits += pieces[last].digits
            if digits.count > 18 { break }
            if digits.count == 17, hasCheck(scalars, pieces[last].range.upperBound) {
                rows.append((last, digits + [10]))
            }
            if digits.count >= 11 { rows.append((last, digits)) }
        }
        return rows
    }

    /// What has digits from there on, with marks between.
    private static func pieces(
        _ scalars: [Unicode.Scalar], from start: Int, token: (Int) -> Piece?
    ) -> [Piece] {
        var pieces: [Piece] = []
        var next: Int? = start
        while let start = next {
            var piece: Piece
            if let found = token(start),
                found.kind == .known || pieces.last.map({ $0.kind != .loose }) ?? true
                    || !Self.binds(scalars[pieces[pieces.count - 1].range.upperBound..<start])
            {
                piece = found
            } else {
                let range = start..<digitsEnd(scalars, start)
                piece = Piece(range: range, digits: scalars[range].compactMap(digit))
            }
            pieces.append(piece)
            next = nextDigits(scalars, piece.range.upperBound)
        }
        return pieces
    }

    /// Whether the mark makes one number of what stands before and after it.
    private static func binds(_ marks: ArraySlice<Unicode.Scalar>) -> Bool {
        guard marks.count == 1, let mark = marks.first else { return false }
        return mark.properties.generalCategory == .dashPunctuation
            || [".", "\u{FF0E}", ":", "\u{FF1A}", "_", "·"].contains(mark)
    }

    private func withoutNumbers(_ scalars: [Unicode.Scalar], _ author: Author) -> String {
        var result: [Unicode.Scalar] = []
        result.reserveCapacity(scalars.count)
        var index = 0
        while index < scalars.count {
            guard Self.digit(scalars[index]) != nil else {
                result.append(scalars[index])
                index += 1
                continue
            }
            var pieces = Self.pieces(scalars, from: index) { knownNumber(scalars, $0) ?? Self.figure(scalars, $0) }
            Self.join(&pieces, scalars, author)
            var first = 0
            while first < pieces.count {
                var last = first
                while pieces[first].kind == .loose, last + 1 < pieces.count, pieces[last + 1].kind == .loose,
                    pieces[last + 1].goesOn
                        || scalars[pieces[last].range.upperBound..<pieces[last + 1].range.lowerBound]
                            .allSatisfy({ Self.isOfTelephones($0, author) })
                {
                    last += 1
                }
                result.append(contentsOf: scalars[index..<pieces[first].range.lowerBound])
                index = pieces[last].range.upperBound
                let raw = scalars[pieces[first].range.lowerBound..<index]
                if pieces[first].kind == .loose {
                    let digits = pieces[first...last].flatMap(\.digits)
                    let hasCheck = (digits.count == 17 || digits.count == 5) && Self.hasCheck(scalars, index)
                    if let mask = mask(digits, hasCheck, raw, author) {
                        result.append(contentsOf: mask.unicodeScalars)
                        if hasCheck { index += 1 }
                    } else {
                        result.append(contentsOf: raw)
                    }
                } else {
                    result.append(contentsOf: raw)
                }
                first = last + 1
            }
        }
        return Self.text(result)
    }

    /// Scalars as a text: appended to a string one by one they take many times as long.
    private static func text(_ scalars: [Unicode.Scalar]) -> String {
        let count = scalars.reduce(0) { $0 + UTF8.width($1) }
        return String(unsafeUninitializedCapacity: count) { bytes in
            var end = 0
            for scalar in scalars {
                for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                    bytes[end] = byte
                    end += 1
                }
            }
            return end
        }
    }

    /// Makes one of the pieces that are a person's number together: it comes before what is known and what could be an amount.
    private static func join(_ pieces: inout [Piece], _ scalars: [Unicode.Scalar], _ author: Author) {
        for first in pieces.indices {
            let rows = rows(pieces, from: first, scalars)
            guard
                let (last, _) = rows.last(where: { last, digits in
                    let row = pieces[first...last]
                    let figures = row.count { $0.kind == .figure }
                    if figures == row.count { return false }
                    func isTight() -> Bool {
                        (first..<last).allSatisfy { at in
                            scalars[pieces[at].range.upperBound..<pieces[at + 1].range.lowerBound].allSatisfy {
                                isOfTelephones($0, author) || $0 == "."
                            }
                        }
                    }
                    if figures > 0 { return (isMobile(digits) || isID(digits)) && isTight() }
                    let isWhole =
                        (first == 0 || pieces[first - 1].kind == .figure)
                        && (last == pieces.count - 1 || pieces[last + 1].kind == .figure)
                    if isWhole { return looksOfPerson(digits) }
                    return (isMobile(digits) || isID(digits)) && (author == .customer || isTight())
                })
            else { continue }
            for index in first...last {
                pieces[index].kind = .loose
                if index > first { pieces[index].goesOn = true }
            }
        }
    }

    /// What stands in place of a number; nil where it may stay.
    private func mask(_ digits: [Int], _ hasCheck: Bool, _ raw: ArraySlice<Unicode.Scalar>, _ author: Author) -> String?
    {
        let number = digits.map(String.init).joined()
        let count = digits.count + (hasCheck ? 1 : 0)
        // Digits before a check digit are of another number than what is known.
        if !hasCheck, known.contains(number) { return nil }
        if count >= 11 { return PersonalField.Mask.number.text(number + (hasCheck ? "X" : "")) }
        if author == .company { return nil }
        let isHan = raw.allSatisfy { Self.hanDigit($0) != nil }
        return count < (isHan ? 7 : 6) ? nil : "***"
    }

    // MARK: Figures

    /// A known number of more than a few digits, as it is known or with marks of its own between.
    private func knownNumber(_ scalars: [Unicode.Scalar], _ start: Int) -> Piece? {
        if known.isEmpty { return nil }
        var digits: [Int] = []
        var found: Piece?
        var next: Int? = start
        while let begin = next, digits.count < 32 {
            let end = Self.digitsEnd(scalars, begin)
            if end - begin > 64 { break }
            digits += scalars[begin..<end].compactMap(Self.digit)
            if digits.count >= 6, known.contains(digits.map(String.init).joined()) {
                found = Piece(range: start..<end, digits: digits, kind: .known)
            }
            next = Self.nextDigits(scalars, end)
        }
        return found
    }

    /// An amount, a date, a time, a season that begins there, by the way in which it is written.
    private static func figure(_ scalars: [Unicode.Scalar], _ start: Int, looksOn: Bool = true) -> Piece? {
        guard let end = figureEnd(scalars, start) else { return nil }
        if looksOn, let next = nextDigits(scalars, end), binds(scalars[end..<next]) {
            // A dash leads to another figure, as from one day to another; after a point or a colon it goes on.
            guard scalars[end].properties.generalCategory == .dashPunctuation,
                figure(scalars, next, looksOn: false) != nil
            else { return nil }
        }
        let range = start..<end
        return Piece(range: range, digits: scalars[range].compactMap(digit), kind: .figure)
    }

    private static func figureEnd(_ scalars: [Unicode.Scalar], _ start: Int) -> Int? {
        // No figure is longer; full width is read as ASCII.
        let text = scalars[start...].prefix(24).map { scalar -> UInt8 in
            if scalar.value < 0x80 { return UInt8(scalar.value) }
            if (0xFF01...0xFF5E).contains(scalar.value) { return UInt8(scalar.value - 0xFEE0) }
            let isHan = (0x3400...0x9FFF).contains(scalar.value)
            if !isHan, scalar.properties.generalCategory == .dashPunctuation { return 0x2D }
            return digit(scalar) != nil ? 0x01 : 0x00
        }
        func isDigit(_ index: Int) -> Bool { index < text.count && (text[index] &- 0x30 <= 9 || text[index] == 0x01) }
        /// A number of so many digits there, and where it ends.
        func number(_ at: Int, _ lengths: ClosedRange<Int>) -> (value: Int, end: Int)? {
            var end = at
            var value = 0
            while end < text.count, text[end] &- 0x30 <= 9, end - at <= lengths.upperBound {
                value = value * 10 + Int(text[end] - 0x30)
                end += 1
            }
            return lengths.contains(end - at) && !isDigit(end) ? (value, end) : nil
        }
        func mark(_ at: Int, _ marks: String) -> UInt8? {
            at < text.count && marks.utf8.contains(text[at]) ? text[at] : nil
        }
        func unit(_ at: Int, _ units: [Unicode.Scalar]) -> Bool {
            var index = start + at
            if index < scalars.count, scalars[index].properties.isWhitespace { index += 1 }
            return index < scalars.count && units.contains(scalars[index])
        }
        // 2026-01-20, 2026.1, 2025-2026, 2025年
        if let year = number(0, 4...4), (1900...2099).contains(year.value) {
            if unit(year.end, ["年"]) { return start + year.end }
            var at = year.end
            while at < text.count, text[at] == 0x20, at - year.end < 2 { at += 1 }
            if mark(at, "-/~") != nil {
                at += 1
                if mark(at, " ") != nil { at += 1 }
                if let other = number(at, 4...4), (1...10).contains(other.value - year.value) {
                    return start + other.end
                }
                if let other = number(at, 2...2), other.value > 12, other.value == (year.value + 1) % 100 {
                    return start + other.end
                }
            }
            if let first = mark(year.end, "-/."), let month = number(year.end + 1, 1...2),
                (1...12).contains(month.value)
            {
                if let second = mark(month.end, "-/."), second == first, let day = number(month.end + 1, 1...2),
                    (1...31).contains(day.value)
                {
                    return start + day.end
                }
                return start + month.end
            }
        }
        // 13:45, 13:45:10
        if let hour = number(0, 1...2), hour.value < 24, mark(hour.end, ":") != nil,
            let minute = number(hour.end + 1, 2...2), minute.value < 60
        {
            if mark(minute.end, ":") != nil, let second = number(minute.end + 1, 2...2), second.value < 60 {
                return start + second.end
            }
            return start + minute.end
        }
        // 1606.13, 2,846.40, 100000元, 12月
        guard var whole = number(0, 1...7) else { return nil }
        var isGrouped = false
        if whole.end <= 3 {
            while whole.end < 8, text.indices.contains(whole.end), text[whole.end] == 0x2C,
                let group = number(whole.end + 1, 3...3)
            {
                whole = group
                isGrouped = true
            }
        }
        if mark(whole.end, ".") != nil, let part = number(whole.end + 1, 1...2) { return start + part.end }
        if mark(whole.end, ".") != nil, isDigit(whole.end + 1) { return nil }
        if isGrouped { return mark(whole.end, ",") != nil && isDigit(whole.end + 1) ? nil : start + whole.end }
        if unit(whole.end, ["元", "块"]) || start > 0 && ["¥", "\u{FFE5}"].contains(scalars[start - 1]) {
            return start + whole.end
        }
        return whole.end <= 2 && unit(whole.end, ["月", "日"]) ? start + whole.end : nil
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
