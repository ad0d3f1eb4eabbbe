import HeatModel
import Records

/// The greatest value of one column so far.
///
/// A value that is none of its order does not count, nor does an instant later than now: a clock that runs ahead, or a date such
/// as 9999-12-31, must not carry the cursor beyond the present, for what changes until then would never be asked for.
struct CursorMax {
    let column: Int
    let order: SOAPCursorField.Order
    /// The present, in the offset of local times; nil where any instant counts.
    let now: Instant?
    private var greatest: [UInt8] = []
    /// Of `greatest`, where the order is by moment.
    private var moment = Int64.min

    var text: String? { greatest.isEmpty ? nil : String(decoding: greatest, as: UTF8.self) }

    init(column: Int, order: SOAPCursorField.Order, now: Instant?) {
        self.column = column
        self.order = order
        self.now = now
    }

    mutating func take(_ batch: RawBatch) {
        batch.bytes.withUnsafeBufferPointer { bytes in
            // Rows mostly come in the order of the cursor, one way or the other: all but one are then passed over by their bytes.
            if batch.rowCount > 1 {
                take(batch, row: batch.rowCount - 1, bytes)
                take(batch, row: 0, bytes)
            }
            for row in 0..<batch.rowCount { take(batch, row: row, bytes) }
        }
    }

    private mutating func take(_ batch: RawBatch, row: Int, _ bytes: UnsafeBufferPointer<UInt8>) {
        let range = batch.fields[row * batch.columns.count + column]
        if range.length <= 0 { return }
        let start = Int(range.offset)
        take(UnsafeBufferPointer(rebasing: bytes[start..<start + Int(range.length)]))
    }

    mutating func take(_ text: String) { Array(text.utf8).withUnsafeBufferPointer { take($0) } }

    mutating func take(_ padded: UnsafeBufferPointer<UInt8>) {
        switch order {
        case .text:
            if padded.isEmpty || !precedes(padded[...]) { return }
            greatest = Array(padded)
        case .number:
            let value = Self.trimmed(padded)
            guard !value.isEmpty, value.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return }
            let (a, b) = (greatest.drop { $0 == 0x30 }, value.drop { $0 == 0x30 })
            let isGreater = a.count != b.count ? a.count < b.count : a.lexicographicallyPrecedes(b)
            if greatest.isEmpty || isGreater { greatest = Array(value) }
        case .instant:
            let value = Self.trimmed(padded)
            // Same length and same ending (offset): by bytes. Else by the moment.
            let isAlike =
                value.count == greatest.count
                && (value.suffix(6).elementsEqual(greatest.suffix(6)) || value.count == 19)
            if value.isEmpty || (isAlike && !precedes(value)) { return }
            guard let moment = moment(String(decoding: value, as: UTF8.self)), moment > self.moment else { return }
            if let now, moment > now.microseconds { return }
            self.moment = moment
            greatest = Array(value)
        }
    }

    private func precedes(_ value: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        greatest.isEmpty || greatest.lexicographicallyPrecedes(value)
    }

    /// Microseconds since 1970 in UTC of an RFC 3339 instant, or of a local time or day.
    private func moment(_ text: String) -> Int64? {
        if let instant = Instant(text) { return instant.microseconds }
        guard let local = Instant(text + "Z") ?? Instant(text + "T00:00:00Z") else { return nil }
        return local.microseconds - Int64(now?.offsetMinutes ?? 0) * 60_000_000
    }

    private static func trimmed(_ value: UnsafeBufferPointer<UInt8>) -> Slice<UnsafeBufferPointer<UInt8>> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }
        var rest = value[...]
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return rest.drop(while: isSpace)
    }
}
