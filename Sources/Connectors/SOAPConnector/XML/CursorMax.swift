import HeatModel
import Records

/// The values of the cursor's column, judged by ``CursorColumn``. Instants mostly come in their order, one way or the other: all but
/// those beyond the greatest are passed over by their bytes.
struct CursorMax {
    private let index: Int
    private(set) var column: CursorColumn
    private let passesOver: Bool
    private var greatest: [UInt8] = []

    init(column index: Int, order: CursorOrder, now: Instant, before: CursorColumn? = nil) {
        self.index = index
        column = before ?? CursorColumn(order: order, now: now)
        passesOver = order == .instant
    }

    mutating func take(_ batch: RawBatch) {
        guard passesOver, batch.rowCount > 1 else { return column.take(batch, column: index) }
        batch.bytes.withUnsafeBufferPointer { bytes in
            take(batch, row: batch.rowCount - 1, bytes)
            take(batch, row: 0, bytes)
            greatest = Array((column.outcome().progress ?? "").utf8)
            for row in 1..<batch.rowCount - 1 { take(batch, row: row, bytes) }
        }
    }

    private mutating func take(_ batch: RawBatch, row: Int, _ bytes: UnsafeBufferPointer<UInt8>) {
        let range = batch.fields[row * batch.columns.count + index]
        if range.isNone { return }
        let start = Int(range.offset)
        let value = UnsafeBufferPointer(rebasing: bytes[start..<start + Int(range.length)])
        // Same length and same ending (offset), and a year of four digits: by bytes.
        if value.count == greatest.count, value.count >= 19,
            value.suffix(6).elementsEqual(greatest.suffix(6)) || value.count == 19,
            value[4] == 0x2D, value[7] == 0x2D, !greatest.lexicographicallyPrecedes(value), value[0] &- 0x30 <= 9
        {
            return
        }
        column.take(value)
    }
}
