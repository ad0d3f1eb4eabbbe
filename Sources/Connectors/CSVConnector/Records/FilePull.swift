import HeatModel
import Records

/// One file's way: text, records, batches, and at the end its trailer.
struct FilePull: ~Copyable {
    let stream: CSVStream
    let path: String
    let request: PullRequest
    let sumColumn: Int?
    var window: TextWindow
    var splitter: RecordSplitter
    var builder: BatchBuilder
    var sum = ControlSum()
    /// What the offsets of the last scan's fields count from.
    var scanBase = 0
    var trailer: TrailerRecord?
    private let mostRecords: Int64

    struct Told {
        var code: String
        var message: String
    }

    struct Outcome {
        var records: Int64
        /// Rows that the trailer states.
        var statedRows: Int64?
        /// The trailer counts or sums the records, and agrees.
        var isCounted = false
        /// The sum of the wanted column; nil where one of its fields is no decimal.
        var sum: ControlSum?
        /// The limit was reached, so that the file counts as unfinished.
        var isCut: Bool
        /// Whether the last line has its end.
        var endsLine = true
        /// What a person would want to know of the file: of a workbook its formulas, hidden rows and sheets that were not read.
        var told: [Told] = []
    }

    /// Reads a file of either kind: text, or a workbook.
    static func run(
        _ stream: CSVStream, _ file: FileReader, _ survey: FileSurvey, origin: Origin, request: PullRequest,
        limit: Int?, sumColumn: String?, deliver: ((consuming RawBatch) throws -> Void)?
    ) throws -> Outcome {
        if survey.encoding == .workbook {
            return try WorkbookPull(
                stream, file, origin: origin, request: request, limit: limit, sumColumn: sumColumn, deliver: deliver
            ).run()
        }
        var pull = try FilePull(
            stream, file, survey, origin: origin, request: request, limit: limit, sumColumn: sumColumn,
            deliver: deliver)
        return try pull.run()
    }

    /// Reads the head of the file. Without `deliver` the pull only counts.
    init(
        _ stream: CSVStream, _ file: FileReader, _ survey: FileSurvey, origin: Origin, request: PullRequest,
        limit: Int?,
        sumColumn name: String?, deliver: ((consuming RawBatch) throws -> Void)?
    ) throws {
        var window = TextWindow(try TextFeed(file, survey, tape: deliver == nil ? nil : request.tape))
        let head = try FileHead.read(&window, stream, path: file.path)
        sumColumn = try name.map { try Self.index(of: $0, in: head.columns, file.path) }
        var splitter = RecordSplitter(rules: head.rules, columns: head.columns.count)
        splitter.start = head.start
        splitter.line = head.line
        splitter.validates = !window.isClean
        splitter.withholdsOpenEnd = stream.trailer?.isRequired ?? false
        self.stream = stream
        self.request = request
        path = file.path
        mostRecords = limit.map(Int64.init) ?? .max
        builder = BatchBuilder(columns: head.columns, origin: origin, request: request, deliver: deliver)
        self.window = window
        self.splitter = splitter
    }

    static func index(of name: String, in columns: [String], _ path: String) throws -> Int {
        guard let index = columns.firstIndex(of: name) else {
            throw CSVError.make(
                .configSumColumn, "there is no column \(name) to sum", path,
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
                try reject(.recordRaggedRow, "expected \(splitter.columns) fields, found \(found)")
            case .undecodable: try rejectUndecodable()
            case .brokenQuote(let offset): try rejectBrokenQuote(offset)
            case .strayQuote(let doubt): try rejectStrayQuote(doubt)
            case .repeatedHeader:
                try reject(.recordRepeatedHeader, "the header once more: were two files joined?")
            case .total:
                try reject(
                    .recordUndeclaredTrailer,
                    "a line of totals that the stream's `trailer` does not declare: declare it, or have it left out")
            case .trailer(let found): try takeTrailer(found)
            }
        }
    }

    mutating func refill(from start: Int) throws {
        do {
            try window.advance(from: start)
        } catch let error as HearthError where [.sourceTruncated, .sourceCorrupt].contains(error.code) {
            // Whole records before the cut are good.
            if !builder.isEmpty { try builder.flush(endsOrigin: false) }
            throw error
        }
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
    func bytes(of field: ByteRange) -> UnsafeBufferPointer<UInt8> {
        let start = window.text + (Int(field.offset) - scanBase + splitter.segment)
        return UnsafeBufferPointer(start: field.isNone ? window.text : start, count: max(0, Int(field.length)))
    }
}
