import Records

/// Judges a record that could be split, but holds a line's end inside quotes or a quote inside unquoted text: is it what was written,
/// or did a stray quote find a partner and swallow what stood between them?
///
/// Asked only of such records. A text with line ends stays a text unless its lines look like records of this file: as many
/// delimiters as the header has, and numbers where this record has numbers.
struct StrayQuotes {
    enum Doubt {
        /// The lines are records: the first one lost its quote, the others can be read on their own.
        case swallowed(offset: Int)
        /// The lines may be records or a text.
        case ambiguous(offset: Int)
        /// A quote that opens inside a field and closes inside a later one.
        case shifted(offset: Int)
    }

    let text: UnsafePointer<UInt8>
    let start: Int
    let end: Int
    let shift: Int
    let fields: UnsafePointer<ByteRange>
    /// Fields that were found; `fields` holds `columns` of them at most.
    let count: Int
    let columns: Int
    let delimiter: [UInt8]
    let quote: UInt8

    init(
        text: UnsafePointer<UInt8>, start: Int, end: Int, shift: Int, fields: UnsafePointer<ByteRange>, count: Int,
        columns: Int, delimiter: [UInt8], quote: UInt8
    ) {
        self.text = text
        self.start = start
        self.end = end
        self.shift = shift
        self.fields = fields
        self.count = count
        self.columns = columns
        self.delimiter = delimiter
        self.quote = quote
    }

    private func range(_ field: Int) -> Range<Int>? {
        if field >= min(count, columns) || fields[field].isNone { return nil }
        let from = Int(fields[field].offset) - shift
        return from..<from + Int(fields[field].length)
    }

    private func isQuoted(_ range: Range<Int>) -> Bool {
        range.lowerBound > start && text[range.lowerBound - 1] == quote
    }

    // MARK: a quote inside unquoted text

    /// A field with an odd number of quotes and text after the last one, and a later one with such a quote after text: a delimiter
    /// between them was text, or the one before or after the quotes was lost. Two inch marks are none.
    func inFields(isSuspect: Bool) -> Doubt? {
        var opened: (at: Int, isInch: Bool)?
        for field in 0..<min(count, columns) {
            guard let range = range(field), !range.isEmpty, !isQuoted(range) else { continue }
            let quotes = range.filter { text[$0] == quote }
            guard quotes.count % 2 == 1, let first = quotes.first, let last = quotes.last else { continue }
            if isSuspect { return .shifted(offset: last - start) }
            let isAtEnd = last == range.upperBound - 1
            if let opened {
                let hasText = range.contains { text[$0] != quote && text[$0] != 0x20 }
                let closes = isAtEnd ? hasText : first > range.lowerBound && text[first - 1] != 0x20
                let areInches = opened.isInch && isInchMark(isAtEnd ? last : first, in: range)
                if closes && !areInches { return .shifted(offset: opened.at - start) }
            }
            if !isAtEnd { opened = (last, isInchMark(last, in: range)) }
        }
        return nil
    }

    /// `5"`, `1/2"`, `20.5"`: a number of at most three digits before the quote, and none after it.
    private func isInchMark(_ at: Int, in range: Range<Int>) -> Bool {
        func isDigit(_ at: Int) -> Bool { 0x30...0x39 ~= text[at] }
        if at + 1 < range.upperBound, isDigit(at + 1) { return false }
        var from = at
        while from > range.lowerBound, isDigit(from - 1) { from -= 1 }
        return 1...3 ~= at - from
    }

    // MARK: lines inside a quoted field

    func inLines(isRagged: Bool) -> Doubt? {
        guard columns > 1, let (field, content) = multilineField() else { return nil }
        let lines = lines(content)
        guard lines.count > 1 else { return nil }
        let offset = content.lowerBound - 1 - start
        // With few columns a text has as many delimiters by chance: the quoted part itself must then look like a value on both ends.
        let hasEnds = columns > 3 || (hasValue(lines[0].lowerBound) && hasValueAtEnd(lines[lines.count - 1]))
        let firstLooks = field + delimiters(lines[0]) == columns - 1 && hasEnds
        // Numbers of this record, by column: what the other lines are held against.
        var numbers: [Int: Int] = [:]
        for column in 0..<(isRagged ? field : columns) where column != field {
            if let range = range(column), let digits = digits(range) { numbers[column] = digits }
        }
        let inner = lines[1..<(lines.count - 1)].map { likeness($0, numbers, upTo: columns, delimiters: columns - 1) }
        let last = likeness(lines[lines.count - 1], numbers, upTo: field, delimiters: field)
        let all = inner + [last]
        if numbers.isEmpty {
            let areAll = firstLooks && !all.contains(.none)
            return areAll && (columns > 3 || (columns == 3 && all.count > 1)) ? .ambiguous(offset: offset) : nil
        }
        let strong = all.count { $0 == .same || $0 == .alike }
        if firstLooks, strong > 0, strong * 2 >= all.count {
            let isCertain = columns > 3 || (columns == 3 && all.contains(.same))
            return isCertain ? .swallowed(offset: offset) : isRagged ? nil : .ambiguous(offset: offset)
        }
        return !isRagged && inner.contains { $0 == .same || $0 == .alike } ? .ambiguous(offset: offset) : nil
    }

    /// How much a line is like a record.
    private enum Likeness {
        case none
        /// It has as many delimiters.
        case counted
        /// And a number about as long where the record has one.
        case alike
        /// And one of four digits or more that is as long.
        case same
    }

    private func likeness(_ line: Range<Int>, _ numbers: [Int: Int], upTo end: Int, delimiters wanted: Int) -> Likeness
    {
        guard delimiters(line) == wanted else { return .none }
        var likeness = Likeness.counted
        var from = line.lowerBound
        for column in 0..<end {
            let to = nextDelimiter(from, line.upperBound)
            if let wanted = numbers[column], from < to {
                guard let found = digits(from..<to) else { return .none }
                if found == wanted, wanted >= 4 {
                    likeness = .same
                } else if likeness == .counted, abs(found - wanted) < 3 {
                    likeness = .alike
                }
            }
            from = to + delimiter.count
        }
        return likeness
    }

    /// The first quoted field with a line's end in it.
    private func multilineField() -> (field: Int, content: Range<Int>)? {
        for field in 0..<min(count, columns) {
            guard let range = range(field), isQuoted(range) else { continue }
            if range.contains(where: { text[$0] == 10 || text[$0] == 13 }) { return (field, range) }
        }
        return nil
    }

    private func lines(_ content: Range<Int>) -> [Range<Int>] {
        var lines: [Range<Int>] = []
        var from = content.lowerBound
        var at = from
        while at < content.upperBound {
            if text[at] == 10 || text[at] == 13 {
                lines.append(from..<at)
                if text[at] == 13, at + 1 < content.upperBound, text[at + 1] == 10 { at += 1 }
                from = at + 1
            }
            at += 1
        }
        return lines + [from..<content.upperBound]
    }

    private func hasValue(_ at: Int) -> Bool {
        text[at] != 10 && text[at] != 13 && nextDelimiter(at, at + delimiter.count) > at
    }

    private func hasValueAtEnd(_ line: Range<Int>) -> Bool {
        var from = line.lowerBound
        while case let at = nextDelimiter(from, line.upperBound), at < line.upperBound { from = at + delimiter.count }
        return from < line.upperBound
    }

    private func delimiters(_ line: Range<Int>) -> Int {
        var found = 0
        var at = nextDelimiter(line.lowerBound, line.upperBound)
        while at < line.upperBound {
            found += 1
            at = nextDelimiter(at + delimiter.count, line.upperBound)
        }
        return found
    }

    private func nextDelimiter(_ from: Int, _ end: Int) -> Int {
        var at = from
        while at < end {
            if text[at] == delimiter[0], at + delimiter.count <= end,
                delimiter.indices.allSatisfy({ text[at + $0] == delimiter[$0] })
            {
                return at
            }
            at += 1
        }
        return end
    }

    /// How many digits a number, a date or a code of digits has; nil for any other text.
    private func digits(_ range: Range<Int>) -> Int? {
        var digits = 0
        for at in range {
            switch text[at] {
            case 0x30...0x39: digits += 1
            case 0x20, 0x2B, 0x2D, 0x2E, 0x2F, 0x3A: break
            default: return nil
            }
        }
        return digits > 0 ? digits : nil
    }
}
