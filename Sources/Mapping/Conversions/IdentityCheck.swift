import HeatModel
import Records

/// The one judge of texts that identify something (a record, an account, a person in another system) and cannot.
///
/// A spreadsheet writes long numbers as `1.23457E+16`: many numbers become one text, and their records would collapse into one.
enum IdentityCheck {
    /// - Parameter isLiteral: whether `12E4` and `合计` are ids here. `1.2E+5` never is.
    @inline(__always)
    static func fault(_ text: Text, isLiteral: Bool) -> Fault {
        if text.count == 0 { return .none }
        if TotalLine.mayBegin(with: text.start[0]) { return examine(text, isLiteral) }
        var index = 0
        while index &+ 8 <= text.count {
            if Word.letterE(Word.load(text.start + index)) != 0 { return examine(text, isLiteral) }
            index &+= 8
        }
        while index < text.count {
            let byte = text.start[index]
            if byte >= 0x80 || byte | 0x20 == 0x65 { return examine(text, isLiteral) }
            index &+= 1
        }
        return .none
    }

    @inline(never)
    private static func examine(_ text: Text, _ isLiteral: Bool) -> Fault {
        if !isLiteral, TotalLine.isNamed(by: UnsafeBufferPointer(start: text.start, count: text.count), isKey: true) {
            return .undeclaredTrailer
        }
        var holdsE = false
        // A text cell of Excel, or one with full-width signs, is folded first.
        var isPlain = text[0] != 0x3D && text[0] != 0x27
        for index in 0..<text.count {
            let byte = text[index]
            if byte | 0x20 == 0x65 || byte == 0xEF { holdsE = true }
            if byte >= 0x80 { isPlain = false }
        }
        if !holdsE { return .none }
        if isPlain { return fault(notation(of: text), isLiteral) }
        var scratch = Scratch()
        return fault(notation(of: TextFolding.fold(text, &scratch)), isLiteral)
    }

    private static func fault(_ notation: Notation, _ isLiteral: Bool) -> Fault {
        switch notation {
        case .none: return .none
        case .digits: return isLiteral ? .none : .scientificNotation
        case .number: return .scientificNotation
        }
    }

    enum Notation {
        case none
        /// `12E4`: an id could be spelled so, too.
        case digits
        /// `1.2E+5`, `1E+07`, `-1e5`
        case number
    }

    /// How a folded text spells a number in scientific notation. `0012E4` is none: no program writes a number so.
    static func notation(of text: Text) -> Notation {
        var cursor = TextCursor(text, at: 0)
        _ = cursor.skipBlanks()
        var isMarked = cursor.skip(0x2D) || cursor.skip(0x2B)
        let hasLeadingZero = cursor.next == 0x30
        let whole = cursor.skipDigits()
        var places = 0
        if cursor.skip(0x2E) || cursor.skip(0x2C) {
            isMarked = true
            places = cursor.skipDigits()
        }
        _ = cursor.skipBlanks()
        guard whole + places > 0, cursor.skip(0x45) || cursor.skip(0x65) else { return .none }
        _ = cursor.skipBlanks()
        if cursor.skip(0x2B) || cursor.skip(0x2D) { isMarked = true }
        let exponent = cursor.skipDigits()
        _ = cursor.skipBlanks()
        // The greatest number that a computer writes so has an exponent of three digits.
        guard 1...3 ~= exponent, cursor.isAtEnd else { return .none }
        if isMarked { return .number }
        return hasLeadingZero && whole > 1 ? .none : .digits
    }
}

extension Word {
    /// Not 0 where any byte is an e or E, or no ASCII.
    @inline(__always)
    static func letterE(_ word: UInt64) -> UInt64 { word & high | equals(word | 0x2020_2020_2020_2020, 0x65) }
}

extension TextCursor {
    /// How many digits come next; steps over them.
    mutating func skipDigits() -> Int {
        let start = index
        while isDigit { index += 1 }
        return index - start
    }
}
