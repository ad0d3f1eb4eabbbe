/// Text as numbers of scalars: what words, patterns and n-grams are compared by.
typealias Scalars = [UInt32]

extension String {
    var scalars: Scalars { unicodeScalars.map(\.value) }

    init(_ scalars: some Sequence<UInt32>) {
        var view = String.UnicodeScalarView()
        for value in scalars { if let scalar = Unicode.Scalar(value) { view.append(scalar) } }
        self.init(view)
    }
}

extension ArraySlice<UInt32> {
    func ends(with word: String) -> Bool { suffix(word.unicodeScalars.count).elementsEqual(word.scalars) }
}

/// Kinds of scalars, as far as they matter to what is heard.
enum ScalarKind {
    static func isHan(_ value: UInt32) -> Bool {
        (0x4E00...0x9FFF).contains(value) || (0x3400...0x4DBF).contains(value) || value == 0x3007
            || (0x20000...0x323AF).contains(value)
    }

    static func isDigit(_ value: UInt32) -> Bool { value &- 0x30 <= 9 }
    static func isLetter(_ value: UInt32) -> Bool { (value | 0x20) &- 0x61 <= 25 }

    /// The digit that a Chinese numeral stands for, or the rank of a multiplier (十 百 千 万 as 10 … 13).
    static func numeral(_ value: UInt32) -> Int? {
        switch value {
        case 0x3007, 0x96F6: 0  // 〇 零
        case 0x4E00: 1  // 一
        case 0x4E8C, 0x4E24, 0x4FE9: 2  // 二 两 俩
        case 0x4E09, 0x4EE8: 3  // 三 仨
        case 0x56DB: 4
        case 0x4E94: 5
        case 0x516D: 6
        case 0x4E03: 7
        case 0x516B: 8
        case 0x4E5D: 9
        case 0x5341: 10  // 十
        case 0x767E: 11  // 百
        case 0x5343: 12  // 千
        case 0x4E07: 13  // 万
        default: nil
        }
    }

    /// The digit that a character stands for where digits are said one by one.
    static func saidDigit(_ value: UInt32) -> Int? {
        switch value {
        case 0x5E7A: 1  // 幺
        case 0x62D0: 7  // 拐
        case 0x6D1E: 0  // 洞
        default: numeral(value).flatMap { $0 < 10 ? $0 : nil }
        }
    }

    static func isNumeral(_ value: UInt32) -> Bool { numeral(value) != nil }

    /// Symbols that show a mood or nothing: emoji, arrows, dingbats.
    static func isPicture(_ value: UInt32) -> Bool {
        (0x1F000...0x1FAFF).contains(value) || (0x2600...0x27BF).contains(value) || (0x2190...0x21FF).contains(value)
            || (0x2B00...0x2BFF).contains(value) || (0xE000...0xF8FF).contains(value)
    }

    /// Controls, joiners, marks of direction, selectors: never seen, never meant.
    static func isUnseen(_ value: UInt32) -> Bool {
        value < 0x20 || (0x7F...0x9F).contains(value) || value == 0xAD || (0x200B...0x200F).contains(value)
            || (0x2028...0x202E).contains(value) || (0x2060...0x206F).contains(value)
            || (0xFE00...0xFE0F).contains(value) || value == 0xFEFF || (0xFFF0...0xFFFD).contains(value)
            || value >= 0xE0000 || (0x300...0x36F).contains(value)
    }
}
