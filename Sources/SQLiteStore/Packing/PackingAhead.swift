import Dispatch

/// Packs the rows of a batch by their shape on a thread of its own, ahead of the one that writes them: the writer is what a first sync
/// waits for.
///
/// `@unchecked Sendable`: a chunk belongs to the packing thread until it is signalled, then to the writer; ``end()`` waits for the last one,
/// so that nothing reads the batch after it.
final class PackingAhead: @unchecked Sendable {
    /// Rows that are handed over at once, and below which a thread costs more than it saves.
    private static let (chunk, fewest) = (64, 256)

    private struct Chunk {
        let bytes = ByteBuffer()
        /// Where each row ends; −1 of one that the shape does not fit.
        var ends: [Int] = []
    }

    private let queue = DispatchQueue(label: "hearth.store.packing")
    private let ready = DispatchSemaphore(value: 0)
    private var chunks: [Chunk] = []
    /// The shape of the packing thread alone.
    private var shape: ShapeCodec?
    /// Of the batch at hand; none where none is packed ahead.
    private(set) var number: Int64 = 0
    private var (begun, taken) = (0, 0)

    /// Begins with the batch's rows, of which nil has nothing to pack; they stay where they are until ``end()``.
    func begin(_ rows: [PackedTexts?], by shape: ShapeCodec) {
        if rows.count < Self.fewest { return }
        if self.shape?.number != shape.number { self.shape = shape.copy() }
        number = shape.number
        (begun, taken) = ((rows.count + Self.chunk - 1) / Self.chunk, 0)
        while chunks.count < begun { chunks.append(Chunk()) }
        // The memory of the rows is the caller's, who waits in `end()`.
        nonisolated(unsafe) let rows = rows
        queue.async { [self] in
            for index in 0..<begun {
                pack(rows[index * Self.chunk..<min((index + 1) * Self.chunk, rows.count)], into: &chunks[index])
                ready.signal()
            }
        }
    }

    private func pack(_ rows: ArraySlice<PackedTexts?>, into chunk: inout Chunk) {
        chunk.ends.removeAll(keepingCapacity: true)
        chunk.bytes.rewind()
        for row in rows {
            if let row, let beside = row.beside, let packed = shape?.pack(row.body, beside) {
                chunk.bytes.append(packed)
                chunk.ends.append(chunk.bytes.count)
            } else {
                chunk.ends.append(-1)
            }
        }
    }

    /// A row of the batch as it is packed, until ``end()``; nil where the shape does not fit it, or nothing is packed ahead.
    func row(_ index: Int) -> UnsafeRawBufferPointer? {
        if number == 0 { return nil }
        let (place, row) = index.quotientAndRemainder(dividingBy: Self.chunk)
        while taken <= place {
            ready.wait()
            taken += 1
        }
        let end = chunks[place].ends[row]
        if end < 0 { return nil }
        let start = chunks[place].ends[..<row].last { $0 >= 0 } ?? 0
        return UnsafeRawBufferPointer(rebasing: chunks[place].bytes.bytes[start..<end])
    }

    /// Waits until the batch's rows are no longer read.
    func end() {
        while taken < begun {
            ready.wait()
            taken += 1
        }
        number = 0
        (begun, taken) = (0, 0)
    }
}
