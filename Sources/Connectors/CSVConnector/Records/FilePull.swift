import HeatModel
import Records

/// One file's way: text, records, batches, and at the end its trailer.
struct FilePull: ~Copyable {
    private let stream: CSVStream
    private let path: String
    private let request: PullRequest
    private let sumColumn: Int?
    private var window: TextWindow
    private var splitter: RecordSplitter
    private var builder: BatchBuilder
    private var sum = ControlSum()
    /// What the offsets of the last scan's fields count from.
    private var scanBase = 0
    private var trailer: TrailerRecord?
    private let mostRecords: Int64

    /// A trailer that was met, until what follows shows that it was the last record.
    private struct TrailerRecord {
        var fields: [String]
        var line: Int64
        var raw: [UInt8]
    }

    struct Outcome {
        var records: Int64
        /// Rows that the trailer states.
        var statedRows: Int64?
        /// The sum of the column asked for; nil where one of its fields is no decimal.
        var sum: ControlSum?
        /// The limit was reached, so that the file counts as unfinished.
        var isCut: Bool
    }

    /// Reads the head of the file. Without `deliver` the pull only counts.
    init(
        _ stream: CSVStream, _ file: FileReader, _ survey: FileSurvey, origin: Origin, request: PullRequest,
        limit: Int?,
        sumColumn name: String?, deliver: ((consuming RawBatch) throws -> Void)?
    ) throws {
        var window = TextWindow(try TextFeed(file, survey))
        let head = try FileHead.read(&window, stream, path: file.path)
        sumColumn = try name.map { try Self.index(of: $0, in: head.columns, file.path) }
        var splitter = RecordSplitter(rules: SplitRules(stream), columns: head.columns.count)
        splitter.start = head.start
        splitter.line = head.line
        splitter.validates = !window.isClean
        self.stream = stream
        self.request = request
        path = file.path
        mostRecords = limit.map(Int64.init) ?? .max
        builder = BatchBuilder(columns: head.columns, origin: origin, request: request, deliver: deliver)
        self.window = window
        self.splitter = splitter
    }

    private static func index(of name: String, in columns: [String], _ path: String) throws -> Int {
        guard let index = columns.firstIndex(of: name) else {
            throw CSVError.make(
                "config.sumColumn", "there is no column \(name) to sum", path,
                advice: "Name one of the columns in the trailer or manifest.")
        }
        return index
    }

    /// Reads to the end of the file, or to the limit.
    mutating func run() throws -> Outcome {
        while true {
            let left = mostRecords - builder.records
            if left <= 0 {
                if !builder.isEmpty { try builder.flush(endsOrigin: false) }
                return outcome(isCut: true)
            }
            if builder.rowsLeft <= 0 || (builder.bytesLeft <= 0 && !builder.isEmpty) {
                try builder.flush(endsOrigin: false)
            }
            splitter.maxRows = min(
                RecordSplitter.rowRoom, builder.rowsLeft, Int(min(left, Int64(RecordSplitter.rowRoom))))
            splitter.maxBytes = builder.bytesLeft
            splitter.admitsOversize = builder.isEmpty
            let before = builder.records
            scanBase = builder.base
            let stop = splitter.scan(window.text, base: scanBase, end: window.end, isLast: window.isLast)
            if splitter.rows > 0 { try take() }
            switch stop {
            case .full:
                // Nothing fitted: the batch is full by bytes.
                if builder.records == before { try builder.flush(endsOrigin: false) }
            case .needMore:
                if window.isLast { return try finish() }
                if request.isCancelled() { throw CSVError.cancelled }
                if window.end - splitter.start > stream.maxRecordBytes {
                    try oversize()
                } else {
                    try refill(from: splitter.start)
                }
            case .ragged(let found):
                try reject("record.raggedRow", "expected \(splitter.columns) fields, found \(found)")
            case .undecodable: try rejectUndecodable()
            case .brokenQuote(let offset): try rejectBrokenQuote(offset)
            case .trailer(let found): try takeTrailer(found)
            }
        }
    }

    private mutating func refill(from start: Int) throws {
        try window.advance(from: start)
        splitter.start = 0
        if !window.isClean { splitter.validates = true }
    }

    /// Moves the rows of the last scan into the batch.
    private mutating func take() throws {
        try misplaceTrailer()
        let rows = splitter.rows
        if let sumColumn {
            for row in 0..<rows { sum.add(bytes(of: splitter.fields[row * splitter.columns + sumColumn])) }
        }
        builder.append(
            text: UnsafeBufferPointer(
                start: window.text + splitter.segment, count: splitter.segmentEnd - splitter.segment),
            fields: UnsafeBufferPointer(start: splitter.fields, count: rows * splitter.columns),
            ordinals: UnsafeBufferPointer(start: splitter.ordinals, count: rows))
    }

    /// A field of the last scan, in the window.
    private func bytes(of field: FieldRange) -> UnsafeBufferPointer<UInt8> {
        let start = window.text + (Int(field.offset) - scanBase + splitter.segment)
        return UnsafeBufferPointer(start: field.isNull ? window.text : start, count: max(0, Int(field.length)))
    }
}

// MARK: Defects

extension FilePull {
    /// Most bytes of a broken record that are kept.
    private static let mostRaw = 1 << 16

    private func recordBytes() -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: window.text + splitter.start, count: splitter.recordEnd - splitter.start)
    }

    /// Makes a defect of the record that the splitter stopped at, and steps over it.
    private mutating func reject(_ code: String, _ message: String, line: Int64? = nil, column: Int = 0) throws {
        let bytes = recordBytes()
        let kept = UnsafeBufferPointer(rebasing: bytes.prefix(Self.mostRaw))
        let raw = splitter.validates ? Undecodable.restored(kept) : Array(kept)
        let ordinal = splitter.line
        splitter.skipRecord()
        try append(code, message, raw: raw, ordinal: ordinal, line: line ?? ordinal, column: column)
    }

    private mutating func append(
        _ code: String, _ message: String, raw: [UInt8], ordinal: Int64, line: Int64, column: Int = 0
    ) throws {
        try misplaceTrailer()
        addDefect(code, message, raw: raw, ordinal: ordinal, line: line, column: column)
    }

    private mutating func addDefect(
        _ code: String, _ message: String, raw: [UInt8], ordinal: Int64, line: Int64, column: Int = 0
    ) {
        builder.append(
            RecordDefect(
                code: HearthError.Code(code), message: message, ordinal: ordinal,
                place: .file(path, line: Int(line), column: column), raw: raw))
    }

    private mutating func rejectBrokenQuote(_ offset: Int?) throws {
        splitter.narrowToFirstLine(window.text, end: window.end)
        guard let offset else { return try reject("record.unterminatedQuote", "a quoted field does not end") }
        // Where the quote was closed on a later line, only the line of its opening is known to be wrong.
        let isOnFirstLine = splitter.start + offset <= splitter.recordEnd
        let before = UnsafeBufferPointer(start: window.text + splitter.start, count: offset)
        let column = isOnFirstLine ? before.count { $0 & 0xC0 != 0x80 } + 1 : 0
        try reject("record.brokenQuote", "text after the closing quote of a field", column: column)
    }

    private mutating func rejectUndecodable() throws {
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
        try reject("record.undecodable", "bytes that the file's encoding does not have", line: line, column: column)
    }

    /// A record beyond `maxRecordBytes`: its first line is the defect, or all up to the next line's end.
    private mutating func oversize() throws {
        splitter.narrowToFirstLine(window.text, end: window.end)
        if splitter.next < window.end || splitter.nextLine > splitter.line {
            let isLong = splitter.recordEnd - splitter.start > stream.maxRecordBytes
            try reject(
                isLong ? "record.tooLarge" : "record.unterminatedQuote",
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
            "record.tooLarge", "the record has more than \(stream.maxRecordBytes) bytes", raw: raw, ordinal: line,
            line: line)
    }
}

// MARK: The end

extension FilePull {
    private mutating func takeTrailer(_ found: Int) throws {
        try misplaceTrailer()
        let fields = (0..<min(found, splitter.columns)).map { index in
            String(decoding: bytes(of: splitter.fields[splitter.rows * splitter.columns + index]), as: UTF8.self)
        }
        trailer = TrailerRecord(fields: fields, line: splitter.line, raw: Array(recordBytes()))
        splitter.skipRecord()
    }

    /// A trailer that something follows was none.
    private mutating func misplaceTrailer() throws {
        guard let early = trailer else { return }
        trailer = nil
        addDefect(
            "record.misplacedTrailer", "a trailer that is not the last record", raw: early.raw, ordinal: early.line,
            line: early.line)
    }

    private mutating func finish() throws -> Outcome {
        var stated: Int64?
        if let rule = stream.trailer {
            do {
                stated = try checkTrailer(rule)
            } catch {
                // What was read is good; the file as a whole is not.
                if !builder.isEmpty { try builder.flush(endsOrigin: false) }
                throw error
            }
        }
        try builder.flush(endsOrigin: true)
        var outcome = outcome(isCut: false)
        outcome.statedRows = stated
        return outcome
    }

    private func outcome(isCut: Bool) -> Outcome {
        Outcome(
            records: builder.records, statedRows: nil, sum: sumColumn == nil || sum.isBroken ? nil : sum, isCut: isCut)
    }

    private func checkTrailer(_ rule: CSVStream.Trailer) throws -> Int64? {
        guard let trailer else {
            if !rule.isRequired { return nil }
            throw CSVError.make(
                "source.truncated", "the file ends without its trailer", path, line: Int(splitter.line),
                advice: "Have the file sent again.")
        }
        func mismatch(_ message: String) -> HearthError {
            CSVError.make(
                "source.trailerMismatch", message, path, line: Int(trailer.line), advice: "Have the file sent again.")
        }
        func field(_ number: Int?) -> String? {
            number.flatMap { $0 >= 1 && $0 <= trailer.fields.count ? trailer.fields[$0 - 1] : nil }
        }
        var stated: Int64?
        if rule.countField != nil {
            guard let text = field(rule.countField), let count = Int64(text.filter { $0 != " " }) else {
                throw mismatch("the trailer states no number of records")
            }
            if count != builder.records {
                throw mismatch("the trailer states \(count) records, the file has \(builder.records)")
            }
            stated = count
        }
        if rule.sumField != nil {
            guard let text = field(rule.sumField), let stated = ControlSum(stated: text) else {
                throw mismatch("the trailer states no sum")
            }
            if sum.isBroken || sum != stated { throw mismatch("the trailer's sum is not that of the records") }
        }
        return stated
    }
}
