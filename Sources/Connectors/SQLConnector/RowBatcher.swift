import HeatModel
import Records

#if canImport(Glibc)
    import Glibc
#endif

/// Gathers rows into batches: the fields' bytes in one buffer that is used again and again, whatever the source's size.
///
/// A row may carry hidden fields after the visible ones. Some fields, visible or hidden, are tracked: the texts of the last
/// row in which none of them was NULL tell where the stream stands.
struct RowBatcher: ~Copyable {
    let columns: [String]
    let origin: Origin
    /// Fields a row carries, hidden ones included.
    let width: Int
    private let tracked: [Int]
    private let batchRows: Int
    private let batchBytes: Int

    private var bytes: UnsafeMutableBufferPointer<UInt8>
    private var used = 0
    private var fields: UnsafeMutableBufferPointer<ByteRange>
    private var rowStarts: UnsafeMutableBufferPointer<UInt32>
    private var marks: UnsafeMutableBufferPointer<ByteRange>
    private var hasMark = false
    /// Rows of the present batch that did not come as a whole, and the column that was cut.
    private var cuts: [Int: String] = [:]
    private(set) var rows = 0
    /// Rows gathered so far, those of the present batch included.
    private(set) var total: Int64 = 0
    /// Ordinal of the first.
    private let first: Int64

    init(
        columns: [String], width: Int, tracked: [Int], origin: Origin, request: PullRequest, first: Int64 = 1
    ) {
        self.first = first
        self.columns = columns
        self.width = width
        self.tracked = tracked
        self.origin = origin
        batchRows = max(1, request.batchRows)
        batchBytes = max(1, request.batchBytes)
        bytes = .allocate(capacity: min(batchBytes, 4 << 20) + 64)
        fields = .allocate(capacity: min(batchRows, 16_384) * columns.count + width)
        rowStarts = .allocate(capacity: min(batchRows, 16_384) + 1)
        marks = .allocate(capacity: max(1, tracked.count))
    }

    deinit {
        bytes.deallocate()
        fields.deallocate()
        rowStarts.deallocate()
        marks.deallocate()
    }

    /// Whether a row of at most `length` bytes needs a new batch.
    func isFull(for length: Int) -> Bool { rows > 0 && (rows >= batchRows || used + length > batchBytes) }

    /// Takes a row. False when it does not have `width` fields.
    @inline(__always)
    mutating func append(_ row: SQLRow) -> Bool {
        switch row {
        case .copyText(let text, let length): return appendCopyRow(text, length: length)
        case .fields(let bytes, let ranges):
            guard ranges.count == width else { return false }
            append(bytes, ranges)
            return true
        case .cut(let bytes, let column):
            appendCut(bytes, column: column)
            return true
        }
    }

    private mutating func appendCopyRow(_ row: UnsafePointer<UInt8>, length: Int) -> Bool {
        makeRoom(for: length)
        guard let target = bytes.baseAddress, let ranges = fields.baseAddress else { return false }
        memcpy(target + used, row, length)
        let found = CopyText.split(
            target, from: used, to: used + length, into: ranges + rows * columns.count, width: width)
        guard found else { return false }
        finishRow(length: length)
        return true
    }

    private mutating func append(_ row: UnsafeBufferPointer<UInt8>, _ ranges: UnsafeBufferPointer<ByteRange>) {
        makeRoom(for: row.count)
        if let target = bytes.baseAddress, let source = row.baseAddress { memcpy(target + used, source, row.count) }
        let base = rows * columns.count
        for column in ranges.indices {
            let range = ranges[column]
            fields[base + column] =
                range.isNone ? .none : ByteRange(offset: range.offset &+ UInt32(used), length: range.length)
        }
        finishRow(length: row.count)
    }

    /// Takes a row that becomes a defect: its bytes lie where those of its fields would.
    private mutating func appendCut(_ row: UnsafeBufferPointer<UInt8>, column: Int) {
        makeRoom(for: row.count)
        if let target = bytes.baseAddress, let source = row.baseAddress { memcpy(target + used, source, row.count) }
        let base = rows * columns.count
        for column in 0..<width { fields[base + column] = .none }
        let isNamed = columns.indices.contains(column)
        cuts[rows] = isNamed ? columns[column] : "a key or the cursor"
        finishRow(length: row.count)
    }

    /// The texts of the tracked fields in the last row of this batch in which none was NULL; nil where they are not UTF-8,
    /// for a text that was mended would not stand where the bytes stand.
    func trackedTexts() -> [String]? {
        guard hasMark else { return nil }
        var texts: [String] = []
        for index in tracked.indices {
            let start = Int(marks[index].offset)
            let field = UnsafeBufferPointer(rebasing: bytes[start..<start + Int(marks[index].length)])
            guard let text = String(validating: field, as: UTF8.self) else { return nil }
            texts.append(text)
        }
        return texts
    }

    /// Hands the gathered rows over as a batch and begins the next. Rows that are not UTF-8 become defects.
    mutating func take(cursor: Cursor?, endsOrigin: Bool) -> RawBatch {
        let first = total - Int64(rows) + self.first
        var batch = RawBatch(columns: columns, origin: origin, cursor: cursor, endsOrigin: endsOrigin)
        batch.bytes = Array(UnsafeBufferPointer(rebasing: bytes[..<used]))
        if cuts.isEmpty, Self.isUTF8(UnsafeBufferPointer(rebasing: bytes[..<used])) {
            batch.fields = Array(UnsafeBufferPointer(rebasing: fields[..<(rows * columns.count)]))
            batch.ordinals = Array(first..<first + Int64(rows))
        } else {
            sortOut(into: &batch, first: first)
        }
        used = 0
        rows = 0
        hasMark = false
        cuts.removeAll()
        return batch
    }

    private mutating func finishRow(length: Int) {
        let base = rows * columns.count
        if !tracked.isEmpty && !tracked.contains(where: { fields[base + $0].isNone }) {
            for (index, field) in tracked.enumerated() { marks[index] = fields[base + field] }
            hasMark = true
        }
        rowStarts[rows] = UInt32(used)
        used += length
        rows += 1
        total += 1
    }

    private func sortOut(into batch: inout RawBatch, first: Int64) {
        for row in 0..<rows {
            let start = Int(rowStarts[row])
            let end = row + 1 < rows ? Int(rowStarts[row + 1]) : used
            let ordinal = first + Int64(row)
            let range = UnsafeBufferPointer(rebasing: bytes[start..<end])
            let cut = cuts[row]
            if cut == nil, Self.isUTF8(range) {
                let base = row * columns.count
                batch.fields += fields[base..<base + columns.count]
                batch.ordinals.append(ordinal)
                continue
            }
            batch.defects.append(
                RecordDefect(
                    code: cut == nil ? .recordUndecodable : .recordCut,
                    message: cut.map { "the value of \($0) did not come as a whole" }
                        ?? "the row's bytes are not UTF-8",
                    ordinal: ordinal,
                    place: .table(origin.name, key: nil), raw: Array(range)))
            // The batch's bytes are UTF-8 throughout, also where no field points.
            for index in start..<end { batch.bytes[index] = 0x20 }
        }
    }

    /// ASCII is stepped over eight bytes at a time; what stands between is held against the standard library, at eight times the cost.
    private static func isUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let raw = UnsafeRawBufferPointer(bytes)
        func isASCII(_ place: Int) -> Bool {
            raw.loadUnaligned(fromByteOffset: place, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
        }
        var place = 0
        while place < raw.count {
            while place + 8 <= raw.count, isASCII(place) { place += 8 }
            let start = place
            while place + 8 <= raw.count, !isASCII(place) { place += 8 }
            // What is left at the end is less than a word.
            if place + 8 > raw.count { place = raw.count }
            if start == place { continue }
            let stretch = UnsafeBufferPointer(rebasing: bytes[start..<place])
            if (try? UTF8Span(validating: stretch.span)) == nil { return false }
        }
        return true
    }

    /// CopyText reads words of eight bytes, so the buffer ends later than its last row.
    private mutating func makeRoom(for length: Int) {
        Self.grow(&bytes, to: used + length + 16, keeping: used)
        Self.grow(&fields, to: rows * columns.count + width, keeping: rows * columns.count)
        Self.grow(&rowStarts, to: rows + 1, keeping: rows)
    }

    private static func grow<Element: BitwiseCopyable>(
        _ buffer: inout UnsafeMutableBufferPointer<Element>, to count: Int, keeping kept: Int
    ) {
        if count <= buffer.count { return }
        let larger = UnsafeMutableBufferPointer<Element>.allocate(capacity: max(count, buffer.count * 2))
        if let target = larger.baseAddress, let old = buffer.baseAddress { target.update(from: old, count: kept) }
        buffer.deallocate()
        buffer = larger
    }
}
