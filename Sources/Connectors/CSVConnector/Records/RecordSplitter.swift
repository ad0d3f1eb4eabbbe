import CByteMask
import Records

/// Finds records and fields in UTF-8 text, 64 bytes at a look: a bit for each delimiter, quote, CR and LF.
///
/// ``scan(_:end:isLast:)`` splits regular records one after another into `fields` and `ordinals` and stops at whatever
/// its caller must decide. All positions are offsets in the text it is given, which is readable for 64 bytes beyond `end`.
struct RecordSplitter: ~Copyable {
    enum Stop {
        /// The record at `start` goes on beyond the text.
        case needMore
        /// `maxRows` or `maxBytes` are reached; `start` is the next record.
        case full
        /// The record from `start` to `recordEnd`, next at `next`:
        case ragged(found: Int)
        case trailer(found: Int)
        /// Its first field names a line of totals, and it is no trailer.
        case total
        case undecodable
        /// A quoted field that does not end (nil), or text right after its closing quote, `offset` bytes into the record.
        case brokenQuote(offset: Int?)
        /// It can be split, and its quotes look like strays.
        case strayQuote(StrayQuotes.Doubt)
        /// The header once more.
        case repeatedHeader
    }

    let rules: SplitRules
    private(set) var columns: Int
    let fields: UnsafeMutablePointer<ByteRange>
    let ordinals: UnsafeMutablePointer<Int64>
    static let rowRoom = 2_048
    let escapes: UnsafeMutablePointer<Int>

    /// Rows split by the last scan, and what they span: from `segment` to `segmentEnd`.
    private(set) var rows = 0
    private(set) var segment = 0
    private(set) var segmentEnd = 0
    /// Where the next record starts, and its physical line, from 1.
    var start = 0
    var line: Int64 = 1
    /// The record that a scan stopped at.
    private(set) var recordEnd = 0
    private(set) var next = 0
    private(set) var nextLine: Int64 = 1
    /// Whether each record is to be looked at for bytes that are not UTF-8.
    var validates = false
    /// The record is a header, so that its number of fields is not known yet.
    var readsHeader = false
    var maxRows = rowRoom
    /// Most bytes of a scan's segment; the first record passes if `admitsOversize`.
    var maxBytes = Int.max
    var admitsOversize = true
    /// The text ends with a trailer: a last line without its end, that is none, is what a cut file has of a record.
    var withholdsOpenEnd = false
    /// Up to this physical line a stray quote was met before: a quote inside a field is then no text.
    var strayThrough: Int64 = 0

    init(rules: SplitRules, columns: Int) {
        self.rules = rules
        self.columns = columns
        fields = .allocate(capacity: columns * (Self.rowRoom + 1))
        ordinals = .allocate(capacity: Self.rowRoom)
        escapes = .allocate(capacity: columns)
    }

    deinit {
        fields.deallocate()
        ordinals.deallocate()
        escapes.deallocate()
    }

    /// Steps over the record that the last scan stopped at.
    mutating func skipRecord() {
        start = next
        line = nextLine
    }

    /// Narrows the record that the last scan stopped at to its first physical line.
    mutating func narrowToFirstLine(_ text: UnsafePointer<UInt8>, end: Int) {
        var at = start
        while at < end && text[at] != 10 && text[at] != 13 { at += 1 }
        recordEnd = at
        next = at
        nextLine = line
        if at < end {
            next = at + (text[at] == 13 && at + 1 < end && text[at + 1] == 10 ? 2 : 1)
            nextLine = line + 1
        }
    }

    /// A bit for each of the 64 bytes at `block` that is one of the four and stands before `end`, without those that an escape stands
    /// before.
    @inline(__always)
    private static func specials(
        _ raw: UnsafeRawPointer, _ block: Int, _ end: Int, _ a: UInt8, _ b: UInt8, _ escape: UInt16
    ) -> UInt64 {
        var mask = hearth_line_mask64(raw + block, a, b)
        if end &- block < 64 { mask &= (1 &<< UInt64(truncatingIfNeeded: end &- block)) &- 1 }
        if escape != SplitRules.none { mask = unescaped(mask, raw, block, UInt8(truncatingIfNeeded: escape)) }
        return mask
    }

    @inline(never)
    private static func unescaped(_ mask: UInt64, _ raw: UnsafeRawPointer, _ block: Int, _ escape: UInt8) -> UInt64 {
        var kept = mask
        var rest = mask
        while rest != 0 {
            let bit = rest.trailingZeroBitCount
            rest &= rest &- 1
            var before = block + bit
            while before > 0, raw.load(fromByteOffset: before - 1, as: UInt8.self) == escape { before -= 1 }
            if (block + bit - before) % 2 == 1 { kept &= ~(1 << UInt64(bit)) }
        }
        return kept
    }

    mutating func scan(_ text: UnsafeMutablePointer<UInt8>, base: Int, end: Int, isLast: Bool) -> Stop {
        let delimiter = rules.delimiter[0]
        let delimiterLength = rules.delimiter.count
        let quote = rules.quote
        let quoteByte = UInt8(truncatingIfNeeded: quote == SplitRules.none ? UInt16(delimiter) : quote)
        let escape = rules.escape
        let headerFirst = rules.header.first.map(UInt16.init) ?? SplitRules.none
        let columns = self.columns
        let hasNulls = !rules.nulls.isEmpty
        let trailerFirst = rules.trailer.first.map(UInt16.init) ?? SplitRules.none
        let fields = self.fields
        let raw = UnsafeRawPointer(text)
        let shift = base - start

        var at = start
        var line = self.line
        var rows = 0
        segment = start
        segmentEnd = start
        self.rows = 0

        var block = at
        var mask: UInt64 = 0
        if block < end {
            mask = Self.specials(raw, block, end, delimiter, quoteByte, escape)
        }

        while true {
            if at >= end || rows >= maxRows {
                self.start = at
                self.line = line
                self.rows = rows
                return at >= end ? .needMore : .full
            }
            let out = fields + rows &* columns
            var fieldStart = at
            var count = 0
            var newlines: Int64 = 0
            var escapeCount = 0
            var position = end
            var broken = false
            var brokenAt = -1
            var needsMore = false
            // Whether the last field was emitted with its closing quote.
            var isEmitted = false
            // Quotes that stand inside unquoted fields.
            var innerQuotes = 0

            record: while true {
                while mask == 0 {
                    block &+= 64
                    if block >= end { break }
                    mask = Self.specials(raw, block, end, delimiter, quoteByte, escape)
                }
                if mask == 0 {
                    block = end
                    position = end
                    if !isLast { needsMore = true }
                    break record
                }
                position = block &+ mask.trailingZeroBitCount
                mask &= mask &- 1
                let byte = text[position]
                if byte == delimiter {
                    if delimiterLength > 1 {
                        if position + delimiterLength > end && !isLast {
                            needsMore = true
                            break record
                        }
                        if position < fieldStart || !isDelimiter(text, position, end) { continue }
                    }
                    if count < columns {
                        out[count] = ByteRange(
                            offset: UInt32(truncatingIfNeeded: fieldStart &+ shift),
                            length: Int32(truncatingIfNeeded: position &- fieldStart))
                        if hasNulls && isNull(text + fieldStart, position - fieldStart) { out[count] = .none }
                    }
                    count &+= 1
                    fieldStart = position &+ delimiterLength
                    continue
                }
                if UInt16(byte) != quote { break record }
                if position != fieldStart {
                    innerQuotes &+= 1
                    continue
                }

                // A quoted field: on to its closing quote.
                var closing = -1
                var hasEscapes = false
                quoted: while true {
                    while mask == 0 {
                        block &+= 64
                        if block >= end { break quoted }
                        mask = Self.specials(raw, block, end, delimiter, quoteByte, escape)
                    }
                    let inner = block &+ mask.trailingZeroBitCount
                    mask &= mask &- 1
                    let byte = text[inner]
                    if UInt16(byte) == quote {
                        if inner &+ 1 >= end {
                            if isLast { closing = inner }
                            break quoted
                        }
                        if UInt16(text[inner &+ 1]) != quote {
                            closing = inner
                            break quoted
                        }
                        hasEscapes = true
                        // The second quote of the pair is the next bit.
                        if mask == 0 {
                            block &+= 64
                            mask = Self.specials(raw, block, end, delimiter, quoteByte, escape)
                        }
                        mask &= mask &- 1
                    } else if byte == 10 || (byte == 13 && !(inner &+ 1 < end && text[inner &+ 1] == 10)) {
                        newlines &+= 1
                    }
                }
                if closing < 0 {
                    needsMore = !isLast
                    broken = isLast
                    break record
                }
                if count < columns {
                    out[count] = ByteRange(
                        offset: UInt32(truncatingIfNeeded: fieldStart &+ 1 &+ shift),
                        length: Int32(truncatingIfNeeded: closing &- fieldStart &- 1))
                    if hasEscapes {
                        escapes[escapeCount] = count
                        escapeCount &+= 1
                    }
                }
                count &+= 1
                // What follows must be a delimiter, a line's end or the text's.
                position = closing &+ 1
                if position >= end {
                    isEmitted = true
                    break record
                }
                let follower = text[position]
                let isDelimiterHere = follower == delimiter && isDelimiter(text, position, end)
                if follower == delimiter && !isDelimiterHere && position + delimiterLength > end && !isLast {
                    needsMore = true
                    break record
                }
                guard isDelimiterHere || follower == 10 || follower == 13 else {
                    broken = true
                    brokenAt = position
                    break record
                }
                if mask == 0 {
                    block &+= 64
                    mask = Self.specials(raw, block, end, delimiter, quoteByte, escape)
                }
                mask &= mask &- 1
                if isDelimiterHere {
                    fieldStart = position &+ delimiterLength
                    continue
                }
                isEmitted = true
                break record
            }

            if needsMore { return stop(.needMore, at, line, rows) }
            if broken {
                recordEnd = end
                return stop(.brokenQuote(offset: brokenAt < 0 ? nil : brokenAt - at), at, line, rows)
            }

            // The record ends at `position`, by a line's end or the text's.
            let isMultiline = newlines > 0
            var after = position
            if position < end {
                after = position &+ 1
                newlines &+= 1
                if text[position] == 13 {
                    if after < end {
                        if text[after] == 10 {
                            after &+= 1
                            if mask == 0 {
                                block &+= 64
                                mask = Self.specials(raw, block, end, delimiter, quoteByte, escape)
                            }
                            mask &= mask &- 1
                        }
                    } else if !isLast {
                        return stop(.needMore, at, line, rows)
                    }
                }
            }
            if position == at && columns > 1 {
                // A blank line.
                at = after
                line &+= newlines
                continue
            }
            if !isEmitted {
                if count < columns {
                    out[count] = ByteRange(
                        offset: UInt32(truncatingIfNeeded: fieldStart &+ shift),
                        length: Int32(truncatingIfNeeded: position &- fieldStart))
                    if hasNulls && isNull(text + fieldStart, position - fieldStart) { out[count] = .none }
                }
                count &+= 1
            }

            if escape != SplitRules.none { newlines = Self.lineEnds(text + at, after - at) }
            if count > columns, rules.emptyTail > 0, hasEmptyTail(text, at, position, count - columns) {
                count = columns
            }
            let first = UInt16(text[at])
            let isTrailer =
                (first == trailerFirst && hasPrefix(rules.trailer, text + at, position - at))
                || ((first == quote || first == 0x20) && isTrailerField(text, out[0], shift))
            let isTotal =
                TotalLine.mayBegin(with: text[first == quote ? at &+ 1 : at]) && !isTrailer && !readsHeader
                && isTotalLine(text, out[0], shift)
            let isRagged = count != columns && !(rules.fillsWithNull && count < columns)
            if position >= end, withholdsOpenEnd, !isTrailer { return stop(.needMore, at, line, rows) }
            let isHeader =
                first == headerFirst && position - at == rules.header.count
                && hasPrefix(rules.header, text + at, position - at)
            if isTrailer || isTotal || isRagged || validates || isMultiline || innerQuotes > 0 || isHeader {
                recordEnd = position
                next = after
                nextLine = line + newlines
                if validates && UTF8Scan.firstInvalid(text + at, count: position - at) != nil {
                    return stop(.undecodable, at, line, rows)
                }
                if isHeader { return stop(.repeatedHeader, at, line, rows) }
                if (isMultiline || innerQuotes > 0) && !isTrailer && !readsHeader {
                    let quotes = StrayQuotes(
                        text: text, start: at, end: position, shift: shift, fields: out, count: count, columns: columns,
                        delimiter: rules.delimiter, quote: UInt8(truncatingIfNeeded: quote))
                    if let doubt = isMultiline ? quotes.inLines(isRagged: isRagged) : nil {
                        return stop(.strayQuote(doubt), at, line, rows)
                    }
                    if innerQuotes > 0, !isRagged, let doubt = quotes.inFields(isSuspect: line <= strayThrough) {
                        return stop(.strayQuote(doubt), at, line, rows)
                    }
                }
                if isTotal { return stop(.total, at, line, rows) }
                if isTrailer || isRagged {
                    // A defect keeps its text as it stood; of a trailer or a header the fields are wanted.
                    if isTrailer || readsHeader {
                        undoEscapes(text, out, escapeCount, min(count, columns), shift, quote)
                    }
                    return stop(isTrailer ? .trailer(found: count) : .ragged(found: count), at, line, rows)
                }
            }
            if position &- segment > maxBytes && (rows > 0 || !admitsOversize) {
                return stop(.full, at, line, rows)
            }
            while count < columns {
                out[count] = .none
                count &+= 1
            }
            if escapeCount > 0 || escape != SplitRules.none {
                undoEscapes(text, out, escapeCount, columns, shift, quote)
            }
            ordinals[rows] = line
            rows &+= 1
            segmentEnd = position
            at = after
            line &+= newlines
        }
    }

    private mutating func stop(_ stop: Stop, _ at: Int, _ line: Int64, _ rows: Int) -> Stop {
        start = at
        self.line = line
        self.rows = rows
        return stop
    }

    @inline(__always)
    private func isDelimiter(_ text: UnsafePointer<UInt8>, _ at: Int, _ end: Int) -> Bool {
        if rules.delimiter.count == 1 { return true }
        if at + rules.delimiter.count > end { return false }
        return rules.delimiter.indices.allSatisfy { text[at + $0] == rules.delimiter[$0] }
    }

    private func isNull(_ p: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        rules.nulls.contains { $0.elementsEqual(UnsafeBufferPointer(start: p, count: count)) }
    }
}
