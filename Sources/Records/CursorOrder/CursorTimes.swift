import HeatModel

/// The texts of a cursor column that tell moments.
struct CursorTimes {
    private let format: DateFormat?
    private let now: Instant
    private var progress = Best()
    private var ahead = CursorStrays()
    private var farthest = Int64.min
    private var unusable = CursorStrays()
    private(set) var iso = CursorStrays()
    private(set) var sorted = CursorStrays()
    private(set) var unsorted = CursorStrays()
    /// The one spelling that all `sorted` texts have.
    private(set) var sortedFormat: DateFormat?
    private var sortedBest = Best()
    private var sortedAhead = CursorStrays()

    private struct Best {
        var moment = Int64.min
        var text: [UInt8] = []
        var string: String? { moment == .min ? nil : String(decoding: text, as: UTF8.self) }

        mutating func take(_ moment: Int64, _ text: Slice<UnsafeBufferPointer<UInt8>>) {
            if moment <= self.moment { return }
            self.moment = moment
            self.text.removeAll(keepingCapacity: true)
            self.text.append(contentsOf: text)
        }
    }

    /// Spellings whose texts stand in the order of their times.
    private static let sortedFormats = ["/", "."].flatMap { mark in
        ["", " HH:mm", " HH:mm:ss", " HH:mm:ss.S"].compactMap { DateFormat("yyyy\(mark)MM\(mark)dd\($0)") }
    }

    init(format: DateFormat?, now: Instant) {
        self.format = format
        self.now = now
    }

    mutating func take(_ text: Slice<UnsafeBufferPointer<UInt8>>, rows: Int) {
        let moment =
            format.map { $0.moment(text, offsetMinutes: now.offsetMinutes) }
            ?? CursorTime.iso(text, offsetMinutes: now.offsetMinutes)
        guard let moment else {
            if text.elementsEqual("infinity".utf8) {
                ahead.rows += rows
                ahead.example = ahead.example ?? "infinity"
                return
            }
            unusable.rows += rows
            unusable.example = unusable.example ?? CursorTexts.shape(text)
            return
        }
        judge(moment, text, rows: rows)
    }

    private mutating func judge(_ moment: Int64, _ text: Slice<UnsafeBufferPointer<UInt8>>, rows: Int) {
        if moment > now.microseconds {
            ahead.rows += rows
            if moment > farthest {
                farthest = moment
                ahead.example = String(decoding: text, as: UTF8.self)
            }
        } else if moment > CursorNumbers.earliest {
            progress.take(moment, text)
        } else {
            unusable.rows += rows
            unusable.example = unusable.example ?? String(decoding: text, as: UTF8.self)
        }
    }

    /// Takes a text where the spelling is not declared. False where it is no spelling of a time that has marks in it.
    mutating func take(recognising text: Slice<UnsafeBufferPointer<UInt8>>, rows: Int) -> Bool {
        guard text.count >= 6, let first = text.first, first &- 0x30 <= 9 else { return false }
        if let moment = CursorTime.iso(text, offsetMinutes: now.offsetMinutes) {
            iso.rows += rows
            judge(moment, text, rows: rows)
            return true
        }
        for format in sortedFormat.map({ [$0] }) ?? Self.sortedFormats {
            guard let moment = format.moment(text, offsetMinutes: now.offsetMinutes) else { continue }
            sortedFormat = format
            sorted.rows += rows
            sorted.example = sorted.example ?? CursorTexts.shape(text)
            if moment > now.microseconds {
                sortedAhead.rows += rows
                sortedAhead.example = String(decoding: text, as: UTF8.self)
            } else {
                sortedBest.take(moment, text)
            }
            return true
        }
        guard Self.looksLikeDate(text) else { return false }
        unsorted.rows += rows
        unsorted.example = unsorted.example ?? CursorTexts.shape(text)
        return true
    }

    func outcome(order: CursorOrder?, values: Int) -> CursorOutcome {
        var outcome = CursorOutcome(order: order, values: values)
        let isSorted = format == nil && order != .instant
        outcome.progress = isSorted ? sortedBest.string : progress.string
        outcome.ahead = isSorted ? sortedAhead : ahead
        outcome.unusable = unusable
        outcome.unusable.rows += unsorted.rows + (isSorted ? iso.rows : sorted.rows)
        outcome.unusable.example = unusable.example ?? unsorted.example
        return outcome
    }

    /// Three numbers with marks between them, one of them a year: `2026/9/30`, `30.09.2026 8:15`, `2026-9-30`, `2026年9月30日`.
    private static func looksLikeDate(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        var runs: [Int] = []
        var run = 0
        for byte in text {
            if byte &- 0x30 <= 9 {
                run += 1
            } else {
                if run > 0 { runs.append(run) }
                run = 0
                if runs.count >= 3 { break }
                let isMark = byte == 0x2D || byte == 0x2E || byte == 0x2F || byte >= 0x80
                if !isMark { return false }
            }
        }
        if run > 0 { runs.append(run) }
        guard runs.count >= 3 else { return false }
        return (runs[0] == 4 && runs[1] <= 2 && runs[2] <= 2)
            || (runs[0] <= 2 && runs[1] <= 2 && (runs[2] == 4 || runs[2] == 2))
    }
}
