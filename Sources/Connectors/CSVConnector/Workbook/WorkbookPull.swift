import HeatModel
import Records

/// One workbook's way: sheets, rows, batches. What ``FilePull`` is for text.
///
/// Each part is unpacked and checked before the first row of its sheet is delivered, so that what is damaged delivers nothing.
/// Ordinals are row numbers; those of the second sheet that is read begin at 10,000,000, of the third at 20,000,000.
final class WorkbookPull {
    static let ordinalsOfSheet: Int64 = 10_000_000

    let stream: CSVStream
    let request: PullRequest
    private let file: FileReader
    private let origin: Origin
    private let sumName: String?
    private let mostRecords: Int64
    private let deliver: ((consuming RawBatch) throws -> Void)?
    private let rules: SplitRules

    // Of the whole file.
    private var builder: BatchBuilder
    private var columns: [String]?
    private var sum = ControlSum()
    private var stated: Int64 = 0
    private var countedSheets = 0
    private var isCut = false
    private var seen = WorkbookSeen()

    // Of the sheet that is being read.
    private var sheet = ""
    private var sheetNumber = 0
    private var table: SheetTable?
    private var header: SheetHeader
    private var merged: MergedCells?
    private var trailer: TrailerRecord?
    private var sheetSum = ControlSum()
    private var recordsBefore: Int64 = 0

    // Reused from row to row.
    private var fields: [ByteRange] = []

    init(
        _ stream: CSVStream, _ file: FileReader, origin: Origin, request: PullRequest, limit: Int?, sumColumn: String?,
        deliver: ((consuming RawBatch) throws -> Void)?
    ) {
        self.stream = stream
        self.file = file
        self.origin = origin
        self.request = request
        self.deliver = deliver
        sumName = sumColumn
        mostRecords = limit.map(Int64.init) ?? .max
        rules = SplitRules(stream)
        builder = BatchBuilder(columns: [], origin: origin, request: request, deliver: deliver)
        header = SheetHeader(stream, sheet: "", path: file.path)
    }

    private var records: Int64 { builder.records }

    func run() throws -> FilePull.Outcome {
        if deliver != nil, let tape = request.tape { try file.readAll { try tape.write($0) } }
        let workbook = try Workbook(file)
        let choice = try workbook.choice(stream.workbook)
        seen.take(choice)
        let book = try workbook.book(mostRowBytes: stream.maxRecordBytes, isCancelled: request.isCancelled)
        let areas = try choice.sheets.map { try MergedCells($0.entry, file, isCancelled: request.isCancelled) }
        for (index, sheet) in choice.sheets.enumerated() where !isCut {
            try read(sheet, number: index, book, areas[index])
        }
        if isCut {
            if !builder.isEmpty { try builder.flush(endsOrigin: false) }
        } else {
            try builder.flush(endsOrigin: true)
        }
        var outcome = FilePull.Outcome(
            records: records, sum: sumName == nil || sum.isBroken ? nil : sum, isCut: isCut)
        if stream.trailer?.countField != nil, countedSheets == choice.sheets.count { outcome.statedRows = stated }
        outcome.isCounted =
            !isCut && countedSheets == choice.sheets.count
            && (stream.trailer?.countField != nil || stream.trailer?.sumField != nil)
        outcome.told = seen.told
        return outcome
    }

    /// The columns, without reading the rows.
    static func columns(_ stream: CSVStream, _ file: FileReader) throws -> [String] {
        let pull = WorkbookPull(
            stream, file, origin: Origin(kind: .file, name: file.path, isSnapshot: false),
            request: PullRequest(stream: stream.name), limit: 0, sumColumn: nil, deliver: nil)
        _ = try pull.run()
        return pull.columns ?? stream.columns ?? []
    }

    // MARK: sheets

    private func read(
        _ sheet: WorkbookPackage.Sheet, number: Int, _ book: SheetPart.Book, _ areas: MergedCells
    ) throws {
        self.sheet = sheet.name
        sheetNumber = number
        table = nil
        header = SheetHeader(stream, sheet: sheet.name, path: file.path)
        merged = areas
        trailer = nil
        sheetSum = ControlSum()
        recordsBefore = records
        let part = SheetPart(sheet, book, path: file.path) { [unowned self] in try take($0) }
        do {
            try part.read(ZipEntryReader(file, sheet.entry), isCancelled: request.isCancelled)
            if table == nil {
                if stream.hasHeader { throw header.missing() }
                try begin(
                    SheetTable(names: stream.columns ?? [], columns: 0..<(stream.columns ?? []).count, headerRow: 0))
            }
            if !isCut { try checkTrailer() }
        } catch let error as HearthError where error.code.area == "source" {
            // What was read is good; the file as a whole is not.
            if !builder.isEmpty { try builder.flush(endsOrigin: false) }
            throw error
        }
        seen.take(part, table, header, sheet: sheet)
    }

    private func begin(_ table: SheetTable) throws {
        if let columns, columns != table.names {
            throw CSVError.make(
                .sourceHeaderChanged,
                "sheet \(sheet) has other columns than the sheets before it: "
                    + (HeaderNames.change(table.names, columns) ?? ""), file.path, line: table.headerRow,
                advice: "Read sheets of another shape by a stream of their own (`workbook`: `sheets`).")
        }
        self.table = table
        if columns == nil {
            columns = table.names
            if let sumName { _ = try FilePull.index(of: sumName, in: table.names, file.path) }
            builder.columns = table.names
        }
        fields = Array(repeating: ByteRange(offset: 0, length: 0), count: table.names.count)
    }

    private func checkTrailer() throws {
        guard let rule = stream.trailer else { return }
        guard let trailer else {
            if !rule.isRequired { return }
            throw CSVError.make(
                .sourceTruncated, "sheet \(sheet) ends without its trailer", file.path,
                advice: "Have the file sent again.")
        }
        stated += try trailer.check(rule, records: records - recordsBefore, sum: sheetSum, path: file.path) ?? 0
        countedSheets += 1
    }

    // MARK: rows

    private func take(_ part: SheetPart) throws {
        merged?.move(to: part.row)
        guard let table else {
            if let found = try header.table(part, merged!) {
                try begin(found)
                if stream.hasHeader { return }
                return try take(part)
            }
            return
        }
        if part.cells.isEmpty { return }
        if part.isRowHidden { seen.hiddenRow(part.row) }
        seen.formulas(part, table)
        if records >= mostRecords {
            isCut = true
            part.stop()
            return
        }
        let isTouched = merged?.isActive == true
        let issue = place(part, table, isTouched: isTouched)
        let ordinal = Int64(part.row) + Int64(sheetNumber) * Self.ordinalsOfSheet
        if isHeader(part, table) {
            return reject(.recordRepeatedHeader, "the header once more", part, ordinal)
        }
        switch totalKind(part) {
        case .trailer:
            misplaceTrailer()
            trailer = TrailerRecord(
                fields: fields.map { text($0, part) }, line: ordinal, raw: raw(part, table))
            return
        case .total:
            return reject(
                .recordUndeclaredTrailer,
                "a line of totals that the stream's `trailer` does not declare: declare it, or have it left out", part,
                ordinal)
        case .none: break
        }
        if let issue { return reject(issue.code, issue.message, part, ordinal, column: issue.column + 1) }
        try append(part, ordinal)
    }

    private struct Issue {
        var code: HearthError.Code
        var message: String
        var column: Int
    }

    /// Lays the row's cells into `fields`; says what is wrong with one of them.
    private func place(_ part: SheetPart, _ table: SheetTable, isTouched: Bool) -> Issue? {
        let base = builder.base
        for index in fields.indices { fields[index] = ByteRange(offset: UInt32(base), length: 0) }
        var issue: Issue?
        for cell in part.cells {
            guard let index = table.index(of: cell.column) else {
                if issue == nil, cell.end > cell.start {
                    issue = Issue(
                        code: .recordRaggedRow,
                        message: "cell \(name(cell, part)) lies beyond the columns that have a name",
                        column: cell.column)
                }
                continue
            }
            fields[index] = ByteRange(offset: UInt32(base + cell.start), length: Int32(cell.end - cell.start))
            if issue == nil, let fault = cell.fault { issue = Self.issue(fault, name(cell, part), cell.column) }
            if isTouched { merged?.keep(row: part.row, cell.column, part.bytes[cell.start..<cell.end]) }
        }
        if isTouched { fillMerged(part, table, base, &issue) }
        if !rules.nulls.isEmpty {
            for index in fields.indices where rules.nulls.contains(where: { isEqual($0, fields[index], part) }) {
                fields[index] = .none
            }
        }
        return issue
    }

    private func fillMerged(_ part: SheetPart, _ table: SheetTable, _ base: Int, _ issue: inout Issue?) {
        for index in fields.indices where fields[index].length == 0 {
            let column = table.columns.lowerBound + index
            guard merged?.isCovered(row: part.row, column) == true else { continue }
            seen.mergedRows += 1
            if stream.workbook.merged == .fill, let text = merged?.text(column) {
                let start = part.append(text)
                fields[index] = ByteRange(offset: UInt32(base + start), length: Int32(text.count))
            } else if issue == nil {
                issue = Issue(
                    code: .recordMergedCells,
                    message:
                        "cell \(SheetPart.letters(column))\(part.row) is joined to another one, where its value stands",
                    column: column)
            }
        }
    }

    private func name(_ cell: SheetCell, _ part: SheetPart) -> String { "\(SheetPart.letters(cell.column))\(part.row)" }

    private static func issue(_ fault: SheetCell.Fault, _ cell: String, _ column: Int) -> Issue {
        switch fault {
        case .error:
            Issue(code: .recordCellError, message: "cell \(cell) holds an error instead of a value", column: column)
        case .uncomputed:
            Issue(
                code: .recordFormulaWithoutValue, message: "cell \(cell) holds a formula that was not computed",
                column: column)
        case .before1900:
            Issue(code: .recordCellDate, message: "cell \(cell) holds a date before 1900", column: column)
        case .noSuchDay:
            Issue(
                code: .recordCellDate, message: "cell \(cell) holds 1900-02-29, a day that there was not",
                column: column)
        case .tooLate:
            Issue(code: .recordCellDate, message: "cell \(cell) holds a date after 9999", column: column)
        case .noNumber:
            Issue(code: .recordCellError, message: "cell \(cell) holds a number that is none", column: column)
        case .noText:
            Issue(code: .recordCellError, message: "cell \(cell) refers to a text that is not there", column: column)
        case .tooLarge:
            Issue(
                code: .recordTooLarge, message: "the texts of the row are too long, from cell \(cell) on",
                column: column)
        }
    }

    private func append(_ part: SheetPart, _ ordinal: Int64) throws {
        misplaceTrailer()
        if builder.rowsLeft <= 0 || (part.bytes.count > builder.bytesLeft && !builder.isEmpty) {
            let base = builder.base
            try builder.flush(endsOrigin: false)
            // What was laid out for the batch before lies at the start of this one.
            for index in fields.indices where !fields[index].isNone { fields[index].offset -= UInt32(base) }
        }
        if let sumName, let index = columns?.firstIndex(of: sumName), !fields[index].isNone {
            let start = Int(fields[index].offset) - builder.base
            part.bytes.withUnsafeBufferPointer {
                let text = UnsafeBufferPointer(rebasing: $0[start..<(start + Int(fields[index].length))])
                sum.add(text)
                sheetSum.add(text)
            }
        }
        part.bytes.withUnsafeBufferPointer { bytes in
            fields.withUnsafeBufferPointer { fields in
                withUnsafePointer(to: ordinal) {
                    builder.append(text: bytes, fields: fields, ordinals: UnsafeBufferPointer(start: $0, count: 1))
                }
            }
        }
    }

    // MARK: what is no record

    private enum TotalKind { case none, trailer, total }

    /// What the first field says the row is: see ``SplitRules``.
    private func totalKind(_ part: SheetPart) -> TotalKind {
        let first = fields[0]
        if first.isNone || first.length == 0 { return .none }
        return bytes(first, part) { text in
            if !rules.trailerWord.isEmpty {
                var rest = text[...]
                while rest.first == 0x20 { rest.removeFirst() }
                while rest.last == 0x20 { rest.removeLast() }
                if rules.endsTrailerWord ? rest.elementsEqual(rules.trailerWord) : rest.starts(with: rules.trailerWord)
                {
                    return .trailer
                }
            }
            return TotalLine.isNamed(by: text) ? .total : .none
        }
    }

    private func isHeader(_ part: SheetPart, _ table: SheetTable) -> Bool {
        guard stream.hasHeader, table.names.count > 1 else { return false }
        return fields.indices.allSatisfy { isEqual(Array(table.names[$0].utf8), fields[$0], part) }
    }

    private func misplaceTrailer() {
        guard let early = trailer else { return }
        trailer = nil
        builder.append(
            RecordDefect(
                code: .recordMisplacedTrailer, message: "a trailer that is not the last record", ordinal: early.line,
                place: .file(file.path, line: Int(early.line % Self.ordinalsOfSheet), column: 0), raw: early.raw))
    }

    private func reject(
        _ code: HearthError.Code, _ message: String, _ part: SheetPart, _ ordinal: Int64, column: Int = 0
    ) {
        misplaceTrailer()
        let isOnlySheet = sheetNumber == 0
        builder.append(
            RecordDefect(
                code: code, message: isOnlySheet ? message : "sheet \(sheet): \(message)", ordinal: ordinal,
                place: .file(file.path, line: part.row, column: column), raw: raw(part, table!)))
    }

    /// The row as it would stand in a CSV file.
    private func raw(_ part: SheetPart, _ table: SheetTable) -> [UInt8] {
        var raw: [UInt8] = []
        let last = max(part.cells.last?.column ?? 0, table.columns.upperBound - 1)
        var cells = part.cells[...]
        for column in min(part.cells.first?.column ?? 0, table.columns.lowerBound)...last {
            if !raw.isEmpty || column > table.columns.lowerBound { raw.append(0x2C) }
            guard let cell = cells.first, cell.column == column else { continue }
            cells.removeFirst()
            let text = part.bytes[cell.start..<cell.end]
            if text.contains(where: { $0 == 0x2C || $0 == 0x22 || $0 == 10 || $0 == 13 }) {
                raw.append(0x22)
                for byte in text { raw += byte == 0x22 ? [0x22, 0x22] : [byte] }
                raw.append(0x22)
            } else {
                raw += text
            }
            if raw.count > 1 << 16 { break }
        }
        return Array(raw.prefix(1 << 16))
    }

    // MARK: fields

    private func bytes<Result>(
        _ field: ByteRange, _ part: SheetPart, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        let start = Int(field.offset) - builder.base
        return part.bytes.withUnsafeBufferPointer {
            body(UnsafeBufferPointer(rebasing: field.isNone ? $0[0..<0] : $0[start..<(start + Int(field.length))]))
        }
    }

    private func isEqual(_ expected: [UInt8], _ field: ByteRange, _ part: SheetPart) -> Bool {
        !field.isNone && Int(field.length) == expected.count && bytes(field, part) { $0.elementsEqual(expected) }
    }

    private func text(_ field: ByteRange, _ part: SheetPart) -> String {
        bytes(field, part) { String(decoding: $0, as: UTF8.self) }
    }
}
