// Numbers of persons among others, and figures that may stand.
extension FreeText {
    static func hanDigit(_ scalar: Unicode.Scalar) -> Int? {
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

    static func digit(_ scalar: Unicode.Scalar) -> Int? {
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
    static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x80 { return !isTold(scalar) }
        return !scalar.properties.isAlphabetic && scalar.properties.numericType == nil
    }

    static func isOfTelephones(_ scalar: Unicode.Scalar, _ author: Author) -> Bool {
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
    static let mostMarks = 4

    /// Digits in a row, or an amount, a date, a time, a season, a known number.
    struct Piece {
        enum Kind { case loose, known, figure }
        var range: Range<Int>
        var digits: [Int]
        var kind = Kind.loose
        /// Whether it goes together with the piece before, whatever stands between.
        var goesOn = false
    }

    /// Where the digits end that begin there.
    static func digitsEnd(_ scalars: [Unicode.Scalar], _ start: Int) -> Int {
        var end = start
        while end < scalars.count, digit(scalars[end]) != nil { end += 1 }
        return end
    }

    /// Where the next digits begin behind nothing but a few marks; nil where other words or a mask stand between.
    static func nextDigits(_ scalars: [Unicode.Scalar], _ end: Int) -> Int? {
        var index = end
        while index < scalars.count, index - end <= mostMarks {
            if digit(scalars[index]) != nil { return index }
            if !isMark(scalars[index]) || scalars[index...].prefix(3) == ["*", "*", "*"] { return nil }
            index += 1
        }
        return nil
    }

    /// Whether an ID's check digit X stands there. Where a word of letters begins, it is none.
    static func hasCheck(_ scalars: [Unicode.Scalar], _ end: Int) -> Bool {
        guard end < scalars.count, ["X", "x", "Ｘ", "ｘ"].contains(scalars[end]) else { return false }
        guard end + 1 < scalars.count else { return true }
        let next = scalars[end + 1]
        return !(next.properties.isAlphabetic && next.value < 0x2E80)
    }

    // MARK: Numbers of persons

    static func isMobile(_ digits: some Collection<Int>) -> Bool {
        let codes = digits.count - 11
        guard [0, 2, 4].contains(codes), [0, 0, 8, 6].suffix(codes).elementsEqual(digits.prefix(codes)) else {
            return false
        }
        let number = digits.dropFirst(codes).prefix(2)
        return number.first == 1 && number.dropFirst().first.map { $0 >= 3 } ?? false
    }

    /// Of an ID: 17 digits and the check digit, which is 10 for X.
    static func isID(_ digits: some Collection<Int>, isLoose: Bool = true) -> Bool {
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
    static func looksOfPerson(_ digits: [Int]) -> Bool {
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
    static func rows(_ pieces: [Piece], from first: Int, _ scalars: [Unicode.Scalar]) -> [(Int, [Int])] {
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
    static func pieces(
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
    static func binds(_ marks: ArraySlice<Unicode.Scalar>) -> Bool {
        guard marks.count == 1, let mark = marks.first else { return false }
        return mark.properties.generalCategory == .dashPunctuation
            || [".", "\u{FF0E}", ":", "\u{FF1A}", "_", "·"].contains(mark)
    }

    func withoutNumbers(_ scalars: [Unicode.Scalar], _ author: Author) -> String {
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
    static func text(_ scalars: [Unicode.Scalar]) -> String {
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
    static func join(_ pieces: inout [Piece], _ scalars: [Unicode.Scalar], _ author: Author) {
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
    func mask(_ digits: [Int], _ hasCheck: Bool, _ raw: ArraySlice<Unicode.Scalar>, _ author: Author) -> String?
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
    func knownNumber(_ scalars: [Unicode.Scalar], _ start: Int) -> Piece? {
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
    static func figure(_ scalars: [Unicode.Scalar], _ start: Int, looksOn: Bool = true) -> Piece? {
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

    static func figureEnd(_ scalars: [Unicode.Scalar], _ start: Int) -> Int? {
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
}
