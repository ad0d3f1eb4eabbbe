import HeatModel

/// The numbers of a cursor column: which of them is progress, in bounded memory.
///
/// Each clock that could have written them is followed, and the greatest distinct values, for a column that is no clock.
struct CursorNumbers {
    /// Distinct values that are kept, from the greatest down.
    static let depth = 64
    /// So many distinct values above a gap make it a jump of the counter: fewer are strays.
    static let company = 16

    private struct Tally {
        /// The number that the clock shows now.
        var limit: Int64
        /// Rows up to now; of these, above zero; of these, times of our days; of these and older ones, times at all.
        var within = 0
        var positive = 0
        var plausible = 0
        var valid = 0
        /// Rows of as many digits that are no sentinel, and of these the times, also beyond now.
        var alike = 0
        var readable = 0
        var best = Int64.min
        var bestText: [UInt8] = []
    }

    private struct Entry {
        var value: Int128
        var rows: Int
        var slot: Int
        var length: Int
        var isSentinel: Bool
        var isEpoch: Bool
    }

    private static let slotSize = 48
    /// 1990-01-01 and 1901-01-02: before the first no system of ours wrote, before the second stand values that mean "none".
    private static let ourDays: Int64 = 631_152_000_000_000
    static let earliest: Int64 = -2_177_366_400_000_000

    private let declared: CursorClock?
    private let now: Instant
    private var tallies: [Tally]
    /// Ascending.
    private var top: [Entry] = []
    private var texts = [UInt8](repeating: 0, count: depth * slotSize)
    private(set) var rows = 0

    init(declared: CursorClock?, now: Instant) {
        self.declared = declared
        self.now = now
        tallies = CursorClock.allCases.map { Tally(limit: $0.number(at: now)) }
        top.reserveCapacity(Self.depth + 1)
    }

    /// False where the text is no number. `rows` is 0 for a value that is known and not read.
    mutating func take(_ text: Slice<UnsafeBufferPointer<UInt8>>, rows count: Int = 1) -> Bool {
        guard let number = CursorNumber(text) else { return false }
        rows += count
        let isSentinel = number.isSentinel
        let whole = number.whole ?? (number.millionths > 0 ? .max : .min)
        let clock = declared ?? CursorClock.of(digits: number.digits)
        for (index, candidate) in CursorClock.allCases.enumerated() {
            let isWithin = whole <= tallies[index].limit
            if isWithin {
                tallies[index].within += count
                if whole > 0 { tallies[index].positive += count }
            }
            guard candidate == clock else { continue }
            if !isSentinel { tallies[index].alike += count }
            guard let moment = candidate.moment(whole, offsetMinutes: now.offsetMinutes) else { continue }
            if !isSentinel { tallies[index].readable += count }
            guard isWithin, moment > Self.earliest else { continue }
            tallies[index].valid += count
            if moment >= Self.ourDays { tallies[index].plausible += count }
            if whole > tallies[index].best {
                tallies[index].best = whole
                tallies[index].bestText.removeAll(keepingCapacity: true)
                tallies[index].bestText.append(contentsOf: text)
            }
        }
        keep(number, text, rows: count, isSentinel: isSentinel)
        return true
    }

    private mutating func keep(
        _ number: CursorNumber, _ text: Slice<UnsafeBufferPointer<UInt8>>, rows: Int, isSentinel: Bool
    ) {
        let value = number.millionths
        if top.count == Self.depth, let least = top.first, value < least.value { return }
        var index = top.count
        while index > 0, top[index - 1].value > value { index -= 1 }
        if index > 0, top[index - 1].value == value {
            top[index - 1].rows += rows
            return
        }
        var slot = top.count
        if top.count == Self.depth {
            slot = top.removeFirst().slot
            index -= 1
        }
        let length = min(text.count, Self.slotSize)
        for (offset, byte) in text.prefix(length).enumerated() { texts[slot * Self.slotSize + offset] = byte }
        // A text that does not fit cannot be given back as it stands.
        let fits = length == text.count
        top.insert(
            Entry(
                value: value, rows: rows, slot: slot, length: length, isSentinel: isSentinel || !fits,
                isEpoch: number.digits == 10 || number.digits == 13), at: index)
    }

    private func text(_ entry: Entry) -> String {
        let start = entry.slot * Self.slotSize
        return String(decoding: texts[start..<start + entry.length], as: UTF8.self)
    }

    // MARK: What it comes to

    /// - Parameter isCounter: the numbers are no times, whatever they look like.
    func outcome(isCounter: Bool) -> CursorOutcome {
        if let clock = declared ?? (isCounter ? nil : recognised) { return outcome(clock) }
        return counted(order: isCounter ? .counter : .number, isCounter: isCounter)
    }

    /// The clock that wrote the column, inferred from the values up to now: the ones beyond may be anything.
    private var recognised: CursorClock? {
        var found: (clock: CursorClock, plausible: Int)?
        for (clock, tally) in zip(CursorClock.allCases, tallies)
        where tally.plausible > 0 && tally.plausible * 2 >= tally.positive && tally.readable * 2 >= tally.alike {
            if tally.plausible > found?.plausible ?? 0 { found = (clock, tally.plausible) }
        }
        if let found { return found.clock }
        // Nothing but times to come. Any number of ten digits could be one of an epoch: those are no evidence.
        return zip(CursorClock.allCases, tallies).first { clock, tally in
            tally.readable > 0 && tally.readable * 2 >= rows && clock != .epochSeconds && clock != .epochMilliseconds
        }?.0
    }

    private func outcome(_ clock: CursorClock) -> CursorOutcome {
        let tally = tallies[CursorClock.allCases.firstIndex(of: clock) ?? 0]
        var outcome = CursorOutcome(order: .digits(clock), values: rows)
        if tally.best > .min { outcome.progress = String(decoding: tally.bestText, as: UTF8.self) }
        let limit = Int128(tally.limit + 1) * 1_000_000
        outcome.ahead = CursorStrays(
            rows: rows - tally.within, example: top.last { $0.value >= limit }.map { text($0) })
        outcome.unusable = CursorStrays(rows: tally.within - tally.valid, example: nil)
        return outcome
    }

    private func counted(order: CursorOrder, isCounter: Bool) -> CursorOutcome {
        var outcome = CursorOutcome(order: order, values: rows)
        let sound = top.filter { !$0.isSentinel }
        let end = Self.progress(sound.map(\.value))
        var isHeld = end == nil
        // Few numbers that all could be an epoch's times to come: no evidence that they count.
        if !isCounter, let end, sound.count < Self.company, sound[0...end].allSatisfy({ $0.isEpoch }),
            tallies.allSatisfy({ $0.plausible == 0 })
        {
            isHeld = true
        }
        var limit = Int128.min
        if let end, !isHeld {
            outcome.progress = text(sound[end])
            limit = sound[end].value
        }
        for entry in top where entry.value > limit && (outcome.progress != nil || entry.isSentinel) {
            outcome.ahead.rows += entry.rows
            outcome.ahead.example = text(entry)
        }
        return outcome
    }

    /// The last of these distinct values, ascending, that is progress: what stands far above all others with little company
    /// is none. Not to move is always safe.
    static func progress(_ values: [Int128]) -> Int? {
        guard let last = values.last else { return nil }
        if values.count == 1 { return last <= 1_000_000 * 1_000_000 ? 0 : nil }
        let gaps = zip(values, values.dropFirst()).map { $1.subtractingReportingOverflow($0).partialValue }
        // The least: of few values most may be strays.
        let usual = gaps.min() ?? 0
        // A single gap does not show what is usual.
        let most = max(1000 * 1_000_000, gaps.count == 1 ? 0 : usual.multipliedReportingOverflow(by: 10).partialValue)
        for (index, gap) in gaps.enumerated() where gap > most && values.count - 1 - index < company { return index }
        return values.count - 1
    }
}
