import HeatModel
import Records

/// Makes batches again from rows that a ``RowTape`` took down.
struct SQLReplay {
    let stream: SQLStream
    let request: PullRequest

    func run(_ pieces: any PulledPieces, _ deliver: (consuming RawBatch) throws -> Void) throws {
        while let piece = try pieces.next() {
            guard piece.kind == .rows, let width = piece.facts["width"].flatMap({ Int($0) }),
                width >= piece.columns.count,
                let kind = piece.facts["kind"].flatMap({ Origin.Kind(rawValue: $0) }),
                let form = piece.facts["form"].flatMap({ RowTape.Form(rawValue: $0) })
            else { throw broken(piece.name) }
            let origin = Origin(kind: kind, name: piece.name, isSnapshot: piece.facts["snapshot"] == "1")
            var batcher = RowBatcher(
                columns: piece.columns, width: width, tracked: [], origin: origin, request: request,
                first: piece.facts["first"].flatMap { Int64($0) } ?? 1)
            var lines = PieceLines(pieces)
            var row = CopyRow(width: width)
            while try lines.next() {
                if request.isCancelled() { throw SQLConnector.cancelled }
                try lines.line.withUnsafeBufferPointer { line in
                    guard let start = line.baseAddress else { return }
                    let length = line.count - 1
                    let taken: Bool
                    switch form {
                    case .copy:
                        if batcher.isFull(for: length) { try deliver(batcher.take(cursor: nil, endsOrigin: false)) }
                        taken = batcher.append(.copyText(start, length: length))
                    case .fields:
                        if let cut = try row.readCut(start, length: length) {
                            if batcher.isFull(for: row.bytes.count) {
                                try deliver(batcher.take(cursor: nil, endsOrigin: false))
                            }
                            taken = row.bytes.withUnsafeBufferPointer { batcher.append(.cut($0, column: cut)) }
                            break
                        }
                        taken = row.read(start, length: length)
                        if batcher.isFull(for: row.bytes.count) {
                            try deliver(batcher.take(cursor: nil, endsOrigin: false))
                        }
                        if taken {
                            row.bytes.withUnsafeBufferPointer { bytes in
                                row.ranges.withUnsafeBufferPointer { _ = batcher.append(.fields(bytes, $0)) }
                            }
                        }
                    }
                    if !taken { throw broken(piece.name) }
                }
            }
            if !pieces.isWhole, batcher.rows == 0 { continue }
            let isWhole = pieces.isWhole && request.limit.map { batcher.total < Int64($0) } ?? true
            try deliver(batcher.take(cursor: nil, endsOrigin: isWhole))
        }
    }

    private func broken(_ name: String) -> HearthError {
        HearthError(
            .archiveDamaged, "stream \(stream.name): archived rows cannot be split",
            at: .table(name, key: nil),
            advice: "\(.verifyAudit) shows whether they were altered")
    }
}

/// A row of COPY text split into its values, in buffers used again for every row.
private struct CopyRow {
    private(set) var bytes: [UInt8] = []
    private(set) var ranges: [ByteRange]
    private var line: [UInt8] = []

    init(width: Int) { ranges = Array(repeating: .none, count: width) }

    /// The bytes of a row that did not come as a whole, and the column that was cut; nil where the row is another.
    mutating func readCut(_ row: UnsafePointer<UInt8>, length: Int) throws -> Int? {
        guard length > 2, row[0] == 0x5C, row[1] == 0x45 else { return nil }
        let text = UnsafeBufferPointer(start: row, count: length)
        guard let tab = text.firstIndex(of: 0x09), let column = Int(String(decoding: text[2..<tab], as: UTF8.self))
        else {
            return nil
        }
        var whole = CopyRow(width: 1)
        guard whole.read(row + tab + 1, length: length - tab - 1) else { return nil }
        bytes = whole.bytes
        return column
    }

    mutating func read(_ row: UnsafePointer<UInt8>, length: Int) -> Bool {
        line.removeAll(keepingCapacity: true)
        line.append(contentsOf: UnsafeBufferPointer(start: row, count: length))
        // ``CopyText`` reads words of eight bytes.
        line.append(contentsOf: repeatElement(0, count: 16))
        bytes.removeAll(keepingCapacity: true)
        let isSplit = line.withUnsafeMutableBufferPointer { line in
            ranges.withUnsafeMutableBufferPointer { ranges in
                guard let line = line.baseAddress, let first = ranges.baseAddress else { return false }
                return CopyText.split(line, from: 0, to: length, into: first, width: ranges.count)
            }
        }
        if !isSplit { return false }
        for column in ranges.indices where !ranges[column].isNone {
            let start = Int(ranges[column].offset)
            ranges[column].offset = UInt32(bytes.count)
            bytes.append(contentsOf: line[start..<start + Int(ranges[column].length)])
        }
        return true
    }
}

/// The lines of a piece, a block at a time.
private struct PieceLines {
    private let pieces: any PulledPieces
    private var buffer: [UInt8] = []
    private var start = 0
    /// The line, and a zero byte behind it.
    private(set) var line: [UInt8] = []

    init(_ pieces: any PulledPieces) { self.pieces = pieces }

    /// False after the last.
    mutating func next() throws -> Bool {
        line.removeAll(keepingCapacity: true)
        while true {
            if let end = buffer[start...].firstIndex(of: 0x0A) {
                line.append(contentsOf: buffer[start..<end])
                start = end + 1
                line.append(0)
                return true
            }
            line.append(contentsOf: buffer[start...])
            start = 0
            let room = 1 << 18
            buffer = try [UInt8](unsafeUninitializedCapacity: room) { bytes, count in
                count = try pieces.read(into: UnsafeMutableRawBufferPointer(bytes))
            }
            if buffer.isEmpty { return false }
        }
    }
}
