import HeatModel
import Records

/// Takes rows down as COPY writes them, a batch at a time.
struct RowTape: ~Copyable {
    private let tape: (any PullTape)?
    private var bytes: [UInt8] = []

    /// How the rows came: as COPY text, or as fields that are written in the same form.
    enum Form: String {
        case copy
        /// The name is that of the first system whose rows were taken down so.
        case fields = "sqlite"
    }

    init(_ tape: (any PullTape)?, _ form: Form, origin: Origin, columns: [String], width: Int, first: Int64 = 1)
        throws
    {
        self.tape = tape
        guard let tape else { return }
        try tape.begin(
            PulledPiece(
                kind: .rows, name: origin.name, columns: columns,
                facts: [
                    "form": form.rawValue, "kind": origin.kind.rawValue, "snapshot": origin.isSnapshot ? "1" : "0",
                    "width": String(width), "first": String(first),
                ]))
    }

    @inline(__always)
    mutating func append(_ row: SQLRow) {
        if tape == nil { return }
        switch row {
        case .copyText(let text, let length):
            bytes.append(contentsOf: UnsafeBufferPointer(start: text, count: length))
            bytes.append(0x0A)
        case .fields(let bytes, let ranges): append(bytes, ranges)
        case .cut(let bytes, let column):
            // No field begins so.
            self.bytes.append(contentsOf: "\\E\(column)\t".utf8)
            for byte in bytes { escape(byte) }
            self.bytes.append(0x0A)
        }
    }

    private mutating func append(_ row: UnsafeBufferPointer<UInt8>, _ ranges: UnsafeBufferPointer<ByteRange>) {
        for (column, range) in ranges.enumerated() {
            if column > 0 { bytes.append(0x09) }
            if range.isNone {
                bytes.append(0x5C)
                bytes.append(0x4E)
                continue
            }
            let start = Int(range.offset)
            for byte in row[start..<start + Int(range.length)] { escape(byte) }
        }
        bytes.append(0x0A)
    }

    @inline(__always)
    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case 0x09: bytes.append(contentsOf: [0x5C, 0x74])
        case 0x0A: bytes.append(contentsOf: [0x5C, 0x6E])
        case 0x0D: bytes.append(contentsOf: [0x5C, 0x72])
        case 0x5C: bytes.append(contentsOf: [0x5C, 0x5C])
        default: bytes.append(byte)
        }
    }

    /// To be called before the rows are delivered.
    mutating func flush() throws {
        guard let tape, !bytes.isEmpty else { return }
        try bytes.withUnsafeBytes { try tape.write($0) }
        bytes.removeAll(keepingCapacity: true)
    }

    mutating func end() throws {
        try flush()
        try tape?.end()
    }
}
