import HeatModel
import Records

/// Records that cannot be split become defects, and the pull goes on.
extension FilePull {
    /// Most bytes of a broken record that are kept.
    private static let mostRaw = 1 << 16

    func recordBytes() -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: window.text + splitter.start, count: splitter.recordEnd - splitter.start)
    }

    /// Makes a defect of the record that the splitter stopped at, and steps over it.
    mutating func reject(_ code: HearthError.Code, _ message: String, line: Int64? = nil, column: Int = 0) throws {
        let bytes = recordBytes()
        let kept = UnsafeBufferPointer(rebasing: bytes.prefix(Self.mostRaw))
        let raw = splitter.validates ? Undecodable.restored(kept) : Array(kept)
        let ordinal = splitter.line
        splitter.skipRecord()
        try append(code, message, raw: raw, ordinal: ordinal, line: line ?? ordinal, column: column)
    }

    private mutating func append(
        _ code: HearthError.Code, _ message: String, raw: [UInt8], ordinal: Int64, line: Int64, column: Int = 0
    ) throws {
        try misplaceTrailer()
        addDefect(code, message, raw: raw, ordinal: ordinal, line: line, column: column)
    }

    mutating func addDefect(
        _ code: HearthError.Code, _ message: String, raw: [UInt8], ordinal: Int64, line: Int64, column: Int = 0
    ) {
        builder.append(
            RecordDefect(
                code: code, message: message, ordinal: ordinal,
                place: .file(path, line: Int(line), column: column), raw: raw))
    }

    mutating func rejectBrokenQuote(_ offset: Int?) throws {
        splitter.narrowToFirstLine(window.text, end: window.end)
        guard let offset else { return try reject(.recordUnterminatedQuote, "a quoted field does not end") }
        // Where the quote was closed on a later line, only the line of its opening is known to be wrong.
        let isOnFirstLine = splitter.start + offset <= splitter.recordEnd
        let before = UnsafeBufferPointer(start: window.text + splitter.start, count: offset)
        let column = isOnFirstLine ? before.count { $0 & 0xC0 != 0x80 } + 1 : 0
        try reject(.recordBrokenQuote, "text after the closing quote of a field", column: column)
    }

    mutating func rejectStrayQuote(_ doubt: StrayQuotes.Doubt) throws {
        let code = HearthError.Code.recordStrayQuote
        switch doubt {
        case .swallowed(let offset):
            let last = splitter.next > splitter.recordEnd ? splitter.nextLine - 1 : splitter.nextLine
            let lines = last - splitter.line + 1
            splitter.strayThrough = last
            let column = column(offset)
            // Only the line of the opening quote is known to be wrong: the others are read on their own.
            splitter.narrowToFirstLine(window.text, end: window.end)
            try reject(code, "a quoted field whose \(lines) lines look like records: a stray quote", column: column)
        case .ambiguous(let offset):
            try reject(
                code, "a quoted field whose lines may be records that a stray quote has swallowed",
                column: column(offset))
        case .shifted(let offset):
            try reject(
                code, "a quote inside a field, with a delimiter after it: a lost delimiter or a stray quote",
                column: column(offset))
        }
    }

    /// The column, from 1, of what stands so many bytes into a record, where that is on its first line.
    private func column(_ offset: Int) -> Int {
        let before = UnsafeBufferPointer(start: window.text + splitter.start, count: offset)
        if before.contains(where: { $0 == 10 || $0 == 13 }) { return 0 }
        return before.count { $0 & 0xC0 != 0x80 } + 1
    }

    mutating func rejectUndecodable() throws {
        let bytes = recordBytes()
        let at = UTF8Scan.firstInvalid(bytes.baseAddress!, count: bytes.count) ?? 0
        var line = splitter.line
        var column = 1
        for (index, byte) in bytes[..<at].enumerated() {
            let isLineEnd = byte == 10 || (byte == 13 && bytes[index + 1] != 10)
            if isLineEnd {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        try reject(.recordUndecodable, "bytes that the file's encoding does not have", line: line, column: column)
    }

    /// A record beyond `maxRecordBytes`: its first line is the defect, or all up to the next line's end.
    mutating func oversize() throws {
        splitter.narrowToFirstLine(window.text, end: window.end)
        if splitter.next < window.end || splitter.nextLine > splitter.line {
            let isLong = splitter.recordEnd - splitter.start > stream.maxRecordBytes
            try reject(
                isLong ? .recordTooLarge : .recordUnterminatedQuote,
                isLong
                    ? "the record has more than \(stream.maxRecordBytes) bytes"
                    : "a quoted field does not end within \(stream.maxRecordBytes) bytes")
            return
        }
        let kept = UnsafeBufferPointer(rebasing: recordBytes().prefix(Self.mostRaw))
        let raw = splitter.validates ? Undecodable.restored(kept) : Array(kept)
        let line = splitter.line
        // Past what is in memory, without keeping it.
        while true {
            if request.isCancelled() { throw CSVError.cancelled }
            try refill(from: window.end)
            if window.end == 0 { break }
            splitter.narrowToFirstLine(window.text, end: window.end)
            if splitter.nextLine > splitter.line {
                // A CR at the very end may belong to an LF that follows; a blank line then costs nothing.
                splitter.skipRecord()
                break
            }
        }
        try append(
            .recordTooLarge, "the record has more than \(stream.maxRecordBytes) bytes", raw: raw, ordinal: line,
            line: line)
    }
}
