import HeatModel
import Records

/// Which envelope to ask for next, and what may be committed after it: a value without clock or network.
struct PagingPlan {
    /// One envelope to ask for.
    struct Ask: Equatable {
        /// `page 3`, `token 2`, `2026-11-01T00:00:00+08:00 to …`; empty for the only one.
        var name: String
        var values: [RequestTemplate.Placeholder: String]
    }

    /// What to do when an envelope has been read.
    struct Outcome: Equatable {
        /// To go with the envelope's last batch.
        var cursor: Cursor?
        var isLast: Bool
    }

    private let stream: SOAPStream
    private let now: Instant
    private var state: SOAPCursor
    private var asked = 0
    private var window: (start: Instant, end: Instant)?
    private let usesCursor: Bool
    /// Pages without a record in a row.
    private var emptyPages = 0
    /// A service may leave pages empty that it filters; so many in a row are none of its.
    private static let mostEmptyPages = 100

    /// `cursor` is nil for a full pull. `now` carries the offset in which windows are written.
    init(_ stream: SOAPStream, cursor: Cursor?, now: Instant) throws {
        self.stream = stream
        self.now = now
        state = try cursor.map { try SOAPCursor($0) } ?? SOAPCursor()
        usesCursor = stream.cursor != nil
        // Stored before such values were passed over, or by a clock that was ahead: the pass begins at the start.
        for text in [state.from, state.max] {
            if let text, let column = stream.cursor, !isWindow, greatest(of: [text], column) == nil {
                state = SOAPCursor()
            }
        }
        switch stream.paging {
        case .pages: break
        case .token(let token): if !token.isDurable { state.token = nil }
        case .none, .window: break
        }
        if case .window(let paging) = stream.paging {
            var start = paging.startsAt
            if let from = state.from {
                guard let instant = Instant(from) else {
                    throw HearthError(
                        .init("source.badCursor"), "the stored cursor is not an instant",
                        advice: "Run the stream with --full.")
                }
                start = max(paging.startsAt, Self.moved(instant, by: -paging.lookback))
            }
            window = nextWindow(from: start, paging)
        }
    }

    /// Nil when there is nothing to ask (a window stream that is up to date still asks for its last window).
    mutating func next() -> Ask {
        asked += 1
        var values: [RequestTemplate.Placeholder: String] = [
            .pageSize: String(stream.paging.pageSize), .cursor: filter,
        ]
        var name = ""
        switch stream.paging {
        case .none: break
        case .pages(let pages):
            let page = state.page ?? pages.firstPage
            values[.page] = String(page)
            name = "page \(page)"
        case .token:
            values[.token] = state.token ?? ""
            name = "part \(asked)"
        case .window(let paging):
            if let window {
                let start = Self.spell(Self.shift(window.start, to: now.offsetMinutes), paging.format)
                let end = Self.spell(Self.shift(window.end, to: now.offsetMinutes), paging.format)
                values[.windowStart] = start
                values[.windowEnd] = end
                name = "\(start) to \(end)"
            }
        }
        return Ask(name: name, values: values)
    }

    /// Takes in what the envelope said.
    mutating func read(records: Int64, greatest: String?, nextToken: String?, hasMore: String?) throws -> Outcome {
        state.rows += records
        if let greatest, let cursor = stream.cursor {
            state.max = self.greatest(of: [state.max, state.from, greatest], cursor)
        }
        switch stream.paging {
        case .none: return endPass()
        case .pages(let pages):
            let page = state.page ?? pages.firstPage
            let goesOn: Bool
            if pages.hasMorePath != nil, let hasMore {
                goesOn = hasMore == "true" || hasMore == "1"
                if !goesOn && hasMore != "false" && hasMore != "0" && !hasMore.isEmpty {
                    throw HearthError(.init("source.badAnswer"), "what stands at hasMorePath is neither true nor false")
                }
            } else {
                goesOn = records >= Int64(pages.pageSize)
            }
            if !goesOn { return endPass() }
            emptyPages = records == 0 ? emptyPages + 1 : 0
            if emptyPages > Self.mostEmptyPages {
                throw HearthError(
                    .init("source.badAnswer"),
                    "the service says that there is more and gives page after page without a record",
                    advice: "Ask the service's owner: the pull would never end.")
            }
            state.page = page + 1
            return Outcome(cursor: state.cursor, isLast: false)
        case .token(let token):
            guard let nextToken, !nextToken.isEmpty else { return endPass() }
            if nextToken == state.token {
                throw HearthError(
                    .init("source.badAnswer"), "the service gives the same next token again",
                    advice: "Ask the service's owner: the pull would never end.")
            }
            state.token = nextToken
            return Outcome(cursor: token.isDurable ? state.cursor : nil, isLast: false)
        case .window(let paging):
            guard let done = window else { return Outcome(cursor: nil, isLast: true) }
            state = SOAPCursor(from: Self.shift(done.end, to: now.offsetMinutes).description)
            if done.end >= limit(paging) { return Outcome(cursor: state.cursor, isLast: true) }
            window = nextWindow(from: done.end, paging)
            return Outcome(cursor: state.cursor, isLast: false)
        }
    }

    /// Records of the pass so far, earlier runs included.
    var rowsOfPass: Int64 { state.rows }

    private mutating func endPass() -> Outcome {
        state = SOAPCursor(from: usesCursor ? state.max ?? state.from : nil)
        return Outcome(cursor: state.cursor, isLast: true)
    }

    private var isWindow: Bool { if case .window = stream.paging { true } else { false } }

    /// The greatest of these that may move the cursor.
    private func greatest(of texts: [String?], _ cursor: SOAPCursorField) -> String? {
        var max = CursorMax(column: 0, order: cursor.order, now: now)
        for text in texts { if let text { max.take(text) } }
        return max.text
    }

    /// What `{{cursor}}` says: the cursor less the lookback.
    private var filter: String {
        guard let cursor = stream.cursor else { return "" }
        guard let from = state.from else { return cursor.startsAt }
        if cursor.lookback == 0 { return from }
        switch cursor.order {
        case .text: return from
        case .number:
            guard let number = Int64(from) else { return from }
            let (begin, overflows) = number.subtractingReportingOverflow(cursor.lookback)
            return overflows ? cursor.startsAt : String(max(0, begin))
        case .instant:
            if let instant = Instant(from) { return Self.moved(instant, by: -cursor.lookback).description }
            guard let local = Instant(from + "Z") else { return from }
            let moved = Self.moved(local, by: -cursor.lookback).description.dropLast(6)
            return from.utf8.dropFirst(10).first == 0x20 ? String(moved.replacing("T", with: " ")) : String(moved)
        }
    }

    private func limit(_ paging: SOAPPaging.Window) -> Instant { Self.moved(now, by: -paging.settle) }

    private func nextWindow(from start: Instant, _ paging: SOAPPaging.Window) -> (start: Instant, end: Instant) {
        let end = min(Self.moved(start, by: max(1, paging.step)), limit(paging))
        return (start, max(start, end))
    }

    /// Not before the year 1 nor after 9999, whatever the seconds.
    private static func moved(_ instant: Instant, by seconds: Int64) -> Instant {
        let (step, isFar) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, isFarther) = instant.microseconds.addingReportingOverflow(step)
        let moved = isFar || isFarther ? (seconds < 0 ? .min : .max) : sum
        return Instant(
            microseconds: min(max(moved, earliest), latest), offsetMinutes: instant.offsetMinutes)
    }

    /// With a day to spare for any offset.
    private static let earliest: Int64 = -62_135_510_400_000_000
    private static let latest: Int64 = 253_402_214_400_000_000

    private static func shift(_ instant: Instant, to offset: Int16) -> Instant {
        Instant(microseconds: instant.microseconds, offsetMinutes: offset)
    }

    static func spell(_ instant: Instant, _ format: SOAPPaging.InstantFormat) -> String {
        let whole = Instant(
            microseconds: instant.microseconds - (instant.microseconds % 1_000_000 + 1_000_000) % 1_000_000,
            offsetMinutes: instant.offsetMinutes)
        let text = whole.description
        switch format {
        case .rfc3339: return text
        case .localT: return String(text.dropLast(6))
        case .local: return String(text.dropLast(6).replacing("T", with: " "))
        case .compact: return text.dropLast(6).filter(\.isNumber)
        case .epoch: return String(whole.microseconds / 1_000_000)
        }
    }
}
