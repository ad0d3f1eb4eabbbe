public import HeatModel

/// The one judge of cursor values: what a column's values say of how far a stream has come.
///
/// The cursor never runs ahead of what can be progress. A time is progress when it is not later than the source's "now"; a number that
/// is no time when it does not stand far above all others; a text when it is spelled as the others are. What is no progress is
/// counted and does not move the cursor, which is always safe: its rows are read again.
public struct CursorColumn: Sendable {
    public let now: Instant
    /// So many distinct numbers, from the greatest down, tell all that the rest of a column could.
    public static let depth = CursorNumbers.depth
    private let declared: CursorOrder?
    private var values = 0
    private var times: CursorTimes
    private var numbers: CursorNumbers
    private var texts: CursorTexts

    /// - Parameters:
    ///   - order: nil to recognise it from the values.
    ///   - now: the source's clock, with the offset of its local times.
    public init(order: CursorOrder?, now: Instant) {
        declared = order
        self.now = now
        var clock: CursorClock?
        if case .digits(let declared)? = order { clock = declared }
        var format: DateFormat?
        if case .format(let declared)? = order { format = declared }
        times = CursorTimes(format: format, now: now)
        numbers = CursorNumbers(declared: clock, now: now)
        texts = CursorTexts()
    }

    /// Takes a value of a row. White space around it means nothing.
    /// - Parameter rows: how many rows hold it; 0 for a value that is known from before and not read now.
    public mutating func take(_ value: UnsafeBufferPointer<UInt8>, rows: Int = 1) {
        let text = Self.trimmed(value)
        values += rows
        switch declared {
        case .instant, .format: times.take(text, rows: rows)
        case .digits, .number, .counter:
            if !numbers.take(text, rows: rows) { texts.takeOdd(text, rows: rows) }
        case .text, nil:
            if times.take(recognising: text, rows: rows) { return }
            if text.allSatisfy({ $0 &- 0x30 <= 9 || $0 == 0x2E || $0 == 0x2D }), numbers.take(text, rows: rows) {
                texts.takeDigits(text, rows: rows)
                return
            }
            texts.take(text, rows: rows)
        }
    }

    public mutating func take(_ value: String, rows: Int = 1) {
        var value = value
        value.withUTF8 { take($0, rows: rows) }
    }

    /// Takes the values of one column of a batch.
    public mutating func take(_ batch: RawBatch, column: Int) {
        let width = batch.columns.count
        batch.bytes.withUnsafeBufferPointer { bytes in
            for row in 0..<batch.rowCount {
                let range = batch.fields[row * width + column]
                if range.isNone { continue }
                let start = Int(range.offset)
                take(UnsafeBufferPointer(rebasing: bytes[start..<start + Int(range.length)]))
            }
        }
    }

    /// What the values taken so far come to.
    public func outcome() -> CursorOutcome {
        switch declared {
        case .instant, .format: return times.outcome(order: declared, values: values)
        case .digits, .number, .counter: return ofNumbers(isCounter: declared == .counter)
        case .text, nil: return recognised()
        }
    }

    private func ofNumbers(isCounter: Bool) -> CursorOutcome {
        var outcome = numbers.outcome(isCounter: isCounter)
        outcome.values = values
        outcome.unusable.rows += texts.odd.rows
        outcome.unusable.example = texts.odd.example ?? outcome.unusable.example
        return outcome
    }

    private func recognised() -> CursorOutcome {
        var outcome = CursorOutcome(order: nil, values: values)
        let (iso, sorted, unsorted) = (times.iso.rows, times.sorted.rows, times.unsorted.rows)
        let most = max(iso, sorted + unsorted, texts.digits)
        if most == 0 || most * 10 < texts.other {
            outcome.unusable = texts.odd
            if texts.other == 0 { return outcome }
            guard declared == .text else {
                outcome.refusal = "its values are neither times nor numbers, so their order is not known"
                return outcome
            }
            var outcome = texts.outcome(values: values)
            outcome.unusable.rows += iso + sorted + unsorted + texts.digits
            return outcome
        }
        if iso == most || (iso > 0 && iso >= sorted + unsorted) {
            outcome = times.outcome(order: .instant, values: values)
        } else if sorted + unsorted == most {
            if unsorted > 0 || times.sortedFormat == nil {
                outcome.refusal =
                    "its texts are dates whose order as texts is not their order in time, such as \(times.unsorted.example ?? times.sorted.example ?? "")"
                return outcome
            }
            outcome = times.outcome(order: times.sortedFormat.map { .format($0) }, values: values)
        } else {
            if declared == .text, !texts.areOfOneLength {
                outcome.refusal =
                    "its texts are numbers of several lengths, whose order as texts is not that of the numbers"
                return outcome
            }
            outcome = ofNumbers(isCounter: false)
            outcome.unusable.rows += iso + sorted + unsorted
            return outcome
        }
        outcome.unusable.rows += texts.odd.rows + texts.digits
        outcome.unusable.example = texts.odd.example ?? outcome.unusable.example
        return outcome
    }

    static func trimmed(_ value: UnsafeBufferPointer<UInt8>) -> Slice<UnsafeBufferPointer<UInt8>> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }
        var rest = value[...]
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        while let first = rest.first, isSpace(first) { rest.removeFirst() }
        return rest
    }
}
