/// A form of dates that a mapping file declares: `M/d/yyyy`, `dd-MMM-yy`, `yyyy`.
///
/// What a form leaves out is the first: `yyyy` is the 1st of January, `yyyy-MM` the 1st of the month.
struct DateFormat: Sendable {
    private enum Part: Hashable, Sendable {
        /// Four digits.
        case year
        /// Two digits: 69 to 99 are of the last century, 00 to 68 of this one.
        case shortYear
        case month(width: Int)
        /// `Nov` in any case, `11月`.
        case monthName
        case day(width: Int)
        case mark(UInt8)

        var kind: Character? {
            switch self {
            case .year, .shortYear: "y"
            case .month, .monthName: "M"
            case .day: "d"
            case .mark: nil
            }
        }
    }

    let text: String
    private let parts: [Part]

    /// Nil for what is no form of dates: another letter, a part that stands twice, a day without a month, no year.
    init?(_ text: String) {
        self.text = text
        var parts: [Part] = []
        var rest = Substring(TextFolding.folded(text))
        while let first = rest.first {
            let run = rest.prefix { $0 == first }
            switch (first, run.count) {
            case ("y", 4): parts.append(.year)
            case ("y", 2): parts.append(.shortYear)
            case ("M", 3): parts.append(.monthName)
            case ("M", 1), ("M", 2): parts.append(.month(width: run.count))
            case ("d", 1), ("d", 2): parts.append(.day(width: run.count))
            default:
                if first.isASCII && (first.isLetter || first.isNumber) { return nil }
                parts += run.utf8.map { .mark($0) }
            }
            rest = rest.dropFirst(run.count)
        }
        let kinds = parts.compactMap(\.kind)
        guard kinds.contains("y"), Set(kinds).count == kinds.count, !kinds.contains("d") || kinds.contains("M") else {
            return nil
        }
        // A year in front with the day before the month: such a text reads as an ordinary date too.
        if kinds == ["y", "d", "M"] { return nil }
        self.parts = parts
    }

    /// Whether an ordinary form cannot be taken for this one nor this one for it: there are marks, or no day.
    var standsApart: Bool {
        parts.contains { if case .mark = $0 { true } else { false } } || !parts.contains { $0.kind == "d" }
    }

    /// Reads a date from where the cursor stands; the cursor then stands behind it.
    func read(_ cursor: inout TextCursor, _ moment: inout LocalMoment) -> Bool {
        moment.month = 1
        moment.day = 1
        for (index, part) in parts.enumerated() {
            switch part {
            case .mark(let byte): guard cursor.skip(byte) else { return false }
            case .year:
                let (value, count) = cursor.digits(atMost: 4)
                guard count == 4 else { return false }
                moment.year = value
            case .shortYear:
                let (value, count) = cursor.digits(atMost: 2)
                guard count == 2 else { return false }
                moment.year = value + (value < 69 ? 2000 : 1900)
            case .month(let width):
                guard let value = number(&cursor, width, index) else { return false }
                moment.month = value
            case .monthName:
                guard let value = Self.monthName(&cursor) else { return false }
                moment.month = value
            case .day(let width):
                guard let value = number(&cursor, width, index) else { return false }
                moment.day = value
            }
        }
        return true
    }

    /// One or two digits where a mark follows, exactly as many as the form says where a digit follows.
    private func number(_ cursor: inout TextCursor, _ width: Int, _ index: Int) -> Int? {
        let isFollowed = index + 1 < parts.count && parts[index + 1].kind != nil
        let isAfterDigits = index > 0 && parts[index - 1].kind != nil
        let (value, count) = cursor.digits(atMost: 2)
        if isFollowed || isAfterDigits { return count == width ? value : nil }
        return count > 0 ? value : nil
    }

    private static let names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        .map { Array($0.utf8) }

    private static func monthName(_ cursor: inout TextCursor) -> Int? {
        if cursor.isDigit {
            let (value, _) = cursor.digits(atMost: 2)
            return cursor.skip("月") ? value : nil
        }
        guard cursor.index + 3 <= cursor.text.count else { return nil }
        let letters = (0..<3).map { cursor.text[cursor.index + $0] | 0x20 }
        guard let month = names.firstIndex(of: letters) else { return nil }
        cursor.index += 3
        return month + 1
    }

    /// A text that both forms read, each in its own way; nil where there is none.
    func clashes(with other: DateFormat) -> String? {
        // Day, month and short year are all different, and each could be any of the others.
        let samples = [(2009, 11, 10), (2012, 10, 11), (2010, 9, 12)]
        for (year, month, day) in samples {
            let text = written(year, month, day)
            var moment = LocalMoment()
            let isRead = Array(text.utf8).withUnsafeBufferPointer { bytes in
                guard let base = bytes.baseAddress else { return false }
                var cursor = TextCursor(Text(base, bytes.count), at: 0)
                return other.read(&cursor, &moment) && cursor.isAtEnd
            }
            if isRead, moment.year != year || moment.month != month || moment.day != day { return text }
        }
        return nil
    }

    private func written(_ year: Int, _ month: Int, _ day: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        var bytes: [UInt8] = []
        for part in parts {
            switch part {
            case .year: bytes += "\(year)".utf8
            case .shortYear: bytes += two(year % 100).utf8
            case .month(let width): bytes += (width == 2 ? two(month) : "\(month)").utf8
            case .monthName: bytes += Self.names[month - 1]
            case .day(let width): bytes += (width == 2 ? two(day) : "\(day)").utf8
            case .mark(let byte): bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
