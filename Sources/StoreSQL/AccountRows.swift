package import Store

/// The records of one account, copied out of their rows and put in their order: the index says whose they are, and no more.
package struct AccountRows {
    private struct Row {
        var stream: Int64
        /// Ranges of ``bytes``.
        var key: Range<Int>
        var body: Range<Int>
        var run: Int64?
    }

    private var bytes: [UInt8] = []
    private var rows: [Row] = []

    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        rows.removeAll(keepingCapacity: true)
    }

    mutating func append(stream: Int64, key: UnsafeRawBufferPointer, body: UnsafeRawBufferPointer, run: Int64?) {
        let start = bytes.count
        bytes.append(contentsOf: key)
        let middle = bytes.count
        bytes.append(contentsOf: body)
        rows.append(Row(stream: stream, key: start..<middle, body: middle..<bytes.count, run: run))
    }

    /// By stream and key.
    package mutating func forEach(_ body: (RecordSlice) -> Void) {
        bytes.withUnsafeBytes { bytes in
            func part(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[range]) }
            func precedes(_ left: Row, _ right: Row) -> Bool {
                if left.stream != right.stream { return left.stream < right.stream }
                return part(left.key).lexicographicallyPrecedes(part(right.key))
            }
            // They nearly always came in this order.
            if zip(rows, rows.dropFirst()).contains(where: { precedes($1, $0) }) { rows.sort(by: precedes) }
            for row in rows {
                body(
                    RecordSlice(
                        stream: StreamID(row.stream), key: part(row.key), body: part(row.body),
                        run: row.run.map { RunID($0) }))
            }
        }
    }
}
