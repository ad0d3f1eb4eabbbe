/// A spelling of dates and times that somebody declares, and the one reader of texts in it: `yyyy/M/d H:mm:ss`, `dd-MMM-yy`, `yyyy年M月d日`.
///
/// `yyyy` is a year, `yy` its last two digits (69 to 99 are 19xx), `MMM` a month's name (`Nov` in any case, `11月`). `M`, `d`, `H`, `m` and
/// `s` take one or two digits, twice the letter takes two. A run of `S` is a fraction of any length. All else stands for itself; of ASCII
/// letters only `T` may. What is left out is the first: `yyyy` is the 1st of January.
public struct DateFormat: Hashable, Sendable {
    public enum Field: UInt8, Hashable, Sendable { case year, month, day, hour, minute, second, fraction }

    public enum Part: Hashable, Sendable {
        /// So many digits.
        case number(Field, atLeast: Int, atMost: Int)
        case shortYear
        case monthName
        /// A byte that stands for itself; a T may be small.
        case mark(UInt8)

        var field: Field? {
            switch self {
            case .number(let field, _, _): field
            case .shortYear: .year
            case .monthName: .month
            case .mark: nil
            }
        }

        /// Whether digits stand there, so that a number beside it cannot tell where it ends.
        var isDigits: Bool {
            switch self {
            case .number, .shortYear: true
            case .mark(let byte): byte &- 0x30 <= 9
            case .monthName: false
            }
        }
    }

    /// As it is declared.
    public let text: String
    /// In the order in which they stand.
    public let parts: [Part]

    /// Nil for what is no format: another letter or width, a part that stands twice, no year, a day without a month, a minute without an
    /// hour, a second without a minute, a number of one or two digits with digits right after it.
    ///
    /// - Parameter takesShortNumbers: `MM` and `dd` take one digit, too, where no digits stand beside them.
    public init?(_ text: String, takesShortNumbers: Bool = false) {
        var parts: [Part] = []
        var rest = Substring(text)
        while let first = rest.first {
            let run = rest.prefix { $0 == first }
            guard let part = Self.parts(first, run) else { return nil }
            parts += part
            rest = rest.dropFirst(run.count)
        }
        let fields = parts.compactMap(\.field)
        let needs: [(Field, of: Field)] = [(.day, .month), (.minute, .hour), (.second, .minute), (.fraction, .second)]
        guard fields.contains(.year), Set(fields).count == fields.count,
            needs.allSatisfy({ !fields.contains($0.0) || fields.contains($0.of) })
        else { return nil }
        for (index, part) in parts.enumerated() {
            guard case .number(let field, let least, let most) = part else { continue }
            let isFollowed = index + 1 < parts.count && parts[index + 1].isDigits
            if least != most, isFollowed { return nil }
            let isBeside = isFollowed || (index > 0 && parts[index - 1].isDigits)
            if takesShortNumbers, !isBeside, field == .month || field == .day {
                parts[index] = .number(field, atLeast: 1, atMost: 2)
            }
        }
        self.text = text
        self.parts = parts
    }

    private static func parts(_ letter: Character, _ run: Substring) -> [Part]? {
        func number(_ field: Field) -> [Part]? {
            run.count <= 2 ? [.number(field, atLeast: run.count, atMost: 2)] : nil
        }
        switch letter {
        case "y":
            return run.count == 4 ? [.number(.year, atLeast: 4, atMost: 4)] : (run.count == 2 ? [.shortYear] : nil)
        case "M": return run.count == 3 ? [.monthName] : number(.month)
        case "d": return number(.day)
        case "H": return number(.hour)
        case "m": return number(.minute)
        case "s": return number(.second)
        case "S": return [.number(.fraction, atLeast: 1, atMost: 9)]
        default: return letter.isASCII && letter.isLetter && letter != "T" ? nil : run.utf8.map { .mark($0) }
        }
    }

    /// In the order in which they stand.
    public var fields: [Field] { parts.compactMap(\.field) }
    /// Whether a number alone says each part, the year by four digits.
    public var isOfNumbers: Bool { !parts.contains(.shortYear) && !parts.contains(.monthName) }
    public var hasMarks: Bool { parts.contains { if case .mark = $0 { true } else { false } } }

    /// Reads from `index` on, and sets it behind what was read. Whether there is such a day or time is not checked.
    ///
    /// - Returns: false where the text is spelled otherwise; `index` is of no use then.
    public func read(_ text: UnsafePointer<UInt8>, count: Int, from index: inout Int, into date: inout DateParts)
        -> Bool
    {
        for part in parts {
            switch part {
            case .mark(let byte):
                // The only letter there may be is a T, which may be small.
                guard index < count, text[index] == byte || (byte == 0x54 && text[index] == 0x74) else { return false }
                index += 1
            case .number(let field, let least, let most):
                guard let (value, digits) = Self.number(text, count, &index, least, most) else { return false }
                date.set(field, value, digits: digits)
            case .shortYear:
                guard let (value, _) = Self.number(text, count, &index, 2, 2) else { return false }
                date.year = value + (value < 69 ? 2000 : 1900)
            case .monthName:
                guard let month = Self.monthName(text, count, &index) else { return false }
                date.month = month
            }
        }
        return true
    }

    private static func number(
        _ text: UnsafePointer<UInt8>, _ count: Int, _ index: inout Int, _ least: Int, _ most: Int
    ) -> (value: Int, digits: Int)? {
        var value = 0
        let end = min(count, index + most)
        let start = index
        while index < end, text[index] &- 0x30 <= 9 {
            value = value * 10 + Int(text[index] &- 0x30)
            index += 1
        }
        return index - start < least ? nil : (value, index - start)
    }

    private static let names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        .map { Array($0.utf8) }

    private static func monthName(_ text: UnsafePointer<UInt8>, _ count: Int, _ index: inout Int) -> Int? {
        if let (month, _) = number(text, count, &index, 1, 2) {
            let moon = Array("月".utf8)
            guard index + 3 <= count, (0..<3).allSatisfy({ text[index + $0] == moon[$0] }) else { return nil }
            index += 3
            return month
        }
        guard index + 3 <= count else { return nil }
        let letters = (0..<3).map { text[index + $0] | 0x20 }
        index += 3
        return names.firstIndex(of: letters).map { $0 + 1 }
    }

    /// A date as it is written so.
    public func text(of date: DateParts) -> String {
        var bytes: [UInt8] = []
        func put(_ value: Int, _ width: Int) {
            let digits = "\(value)".utf8
            bytes += Array(repeating: 0x30, count: max(0, width - digits.count)) + digits
        }
        for part in parts {
            switch part {
            case .number(.fraction, _, _): put(date.microsecond, 6)
            case .number(let field, let least, _): put(date.value(field), least)
            case .shortYear: put(date.year % 100, 2)
            case .monthName: bytes += Self.names[(date.month + 11) % 12]
            case .mark(let byte): bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
