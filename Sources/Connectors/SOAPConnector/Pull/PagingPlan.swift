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

    /// What one answer said, for the plan.
    struct Answer {
        var records: Int64
        var nextToken: String?
        var hasMore: String?
        var pageCount: String?
        var statedTotal: String?
        /// Whether records may follow although there was none: elements that may hold some stood there.
        var holdsParents = false
        /// What its records were, to go on after this page in a later run.
        var content: UInt64?
    }

    private let stream: SOAPStream
    private let now: Instant
    private var state: SOAPCursor
    private var asked = 0
    private var window: (start: Instant, end: Instant)?
    private let usesCursor: Bool
    /// The values of the cursor's column in this pass, what the stored cursor says among them.
    var column: CursorColumn?
    /// Records of this pass that came twice, as far as that is known.
    var repeated: Int64 = 0
    private(set) var proof: Completeness?
    /// Whether every count of pages so far may have been something else: the page's own number, or that of its records.
    private(set) var count: CountDoubt
    /// Pages without a record in a row.
    private var emptyPages = 0
    /// Where an earlier run broke off: the last page that it read, which is asked for once more. Pages shift when records come or go;
    /// only if that page still holds the same is the next one the next.
    private var resumed: (content: UInt64, records: Int64)?
    /// A service may leave pages empty that it filters; so many in a row are none of its.
    private static let mostEmptyPages = 100

    /// `cursor` is nil for a full pull. `now` carries the offset in which windows are written.
    init(_ stream: SOAPStream, cursor: Cursor?, now: Instant) throws {
        self.stream = stream
        self.now = now
        state = try cursor.map { try SOAPCursor($0) } ?? SOAPCursor()
        usesCursor = stream.cursor != nil
        count = CountDoubt(statesRecords: stream.total != nil)
        // Stored before such values were passed over, or by a clock that was ahead: the pass begins at the start.
        for text in [state.from, state.max] {
            if let text, let column = stream.cursor, !isWindow, Self.isStray(text, column, now) {
                state = SOAPCursor(seen: state.seen)
            }
        }
        if let cursor = stream.cursor, !isWindow {
            column = CursorColumn(order: cursor.judged, now: now)
            for text in [state.from, state.max] { if let text { column?.take(text, rows: 0) } }
        }
        switch stream.paging {
        case .pages(let pages):
            // A pass whose records are counted is counted in one run.
            if stream.total?.scope != .pass, let page = state.page, page > pages.firstPage, let last = state.last {
                resumed = last
                state.page = page - 1
                state.rows -= last.records
            } else {
                restart()
            }
        case .token(let token): if !token.isDurable { state.token = nil }
        case .none, .window: break
        }
        if case .window(let paging) = stream.paging {
            var start = paging.startsAt
            if let from = state.from {
                guard let instant = Instant(from) else {
                    throw HearthError(
                        .sourceBadCursor, "the stored cursor is not an instant",
                        advice: "Run \(.fullRefresh) of the stream.")
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

    /// Takes in what the envelope said. Throws `source.badAnswer` where it does not say how to go on, `config.cursorOrder` where
    /// the cursor's column cannot be followed.
    mutating func read(_ answer: Answer) throws -> Outcome {
        state.rows += answer.records
        if let outcome = column?.outcome() {
            if var error = outcome.error(column: stream.cursor?.column ?? "", at: nil) {
                error.advice =
                    "Declare the spelling as cursor.order (\(CursorOrder.words.joined(separator: ", ")) or a format such as yyyy/M/d H:mm:ss), or choose another cursor column."
                throw error
            }
            state.max = outcome.progress ?? state.max
        }
        switch stream.paging {
        case .none: return endPass(.wholeAnswer, "one answer with \(state.rows) records, read to its end")
        case .pages(let pages): return try readPage(answer, pages)
        case .token(let token): return try readPart(answer, token)
        case .window(let paging):
            guard let done = window else { return Outcome(cursor: nil, isLast: true) }
            state = SOAPCursor(from: Self.shift(done.end, to: now.offsetMinutes).description, seen: state.seen)
            if done.end >= limit(paging) {
                proof = Completeness(.wholeAnswer, "\(asked) windows, each read to its end")
                return Outcome(cursor: state.cursor, isLast: true)
            }
            window = nextWindow(from: done.end, paging)
            return Outcome(cursor: state.cursor, isLast: false)
        }
    }

    /// What the first page held, where this run goes on after it.
    var firstPage: UInt64? {
        guard resumed != nil, case .pages(let pages) = stream.paging, page != pages.firstPage else { return nil }
        return state.first
    }

    /// Whether the answer is the page at which an earlier run broke off, and holds something else now. The pass then begins
    /// again, and the answer is not part of it.
    mutating func beginsAgain(_ answer: Answer) -> Bool {
        guard let before = resumed else { return false }
        resumed = nil
        if before.content == answer.content, before.records == answer.records { return false }
        restart()
        return true
    }

    private mutating func restart() {
        state.page = nil
        state.last = nil
        state.first = nil
        state.rows = 0
    }

    private mutating func readPage(_ answer: Answer, _ pages: SOAPPaging.Pages) throws -> Outcome {
        let page = state.page ?? pages.firstPage
        let isNothing = answer.records == 0 && !answer.holdsParents
        if let path = pages.hasMorePath {
            guard let goesOn = YesOrNo.read(answer.hasMore ?? "") else {
                throw Self.unsaid(
                    "hasMore", path, answer.hasMore, "is neither yes nor no",
                    "A service that does not say it on every page is read without hasMore: to a page without records, or by count or total."
                )
            }
            if !goesOn { return endPass(.statedEnd, "page \(page) says that nothing follows") }
        } else if let path = pages.countPath {
            guard let count = answer.pageCount.flatMap({ Int64($0) }), count >= 0 else {
                throw Self.unsaid(
                    "count", path, answer.pageCount, "is no number of pages", "Check the path against an answer.")
            }
            let read = Int64(page - pages.firstPage + 1)
            if read > count, answer.records > 0 {
                throw Self.unsaid(
                    "count", path, answer.pageCount, "is less than the \(read) pages that hold records",
                    "Check that the path names the number of pages, not that of a page or of something else.")
            }
            let wasOpen = self.count.isOpen
            self.count.take(count, page: Int64(page), records: answer.records, size: pages.pageSize)
            if read >= count {
                if isNothing, wasOpen { return endPass(.emptyPage, "\(read) pages, the last one without a record") }
                if !self.count.isOpen { return endPass(.countedTotal, "\(read) of \(count) pages") }
            }
        } else if let total = stream.total, total.scope == .pass {
            // That it is there and a number is asked before; that as many came, after the last page.
            let stated = answer.statedTotal.flatMap { Int64($0) } ?? 0
            if state.rows - repeated >= stated || isNothing {
                return endPass(.countedTotal, "\(state.rows - repeated) of \(stated) records")
            }
        } else if isNothing {
            return endPass(.emptyPage, "\(page - pages.firstPage + 1) pages, the last one without a record")
        }
        emptyPages = answer.records == 0 ? emptyPages + 1 : 0
        if emptyPages > Self.mostEmptyPages {
            throw HearthError(
                .sourceBadAnswer,
                "the service says that there is more and gives page after page without a record",
                advice: "Ask the service's owner: the pull would never end.")
        }
        state.page = page + 1
        // An empty page does not prove that nothing moved.
        state.last = answer.records > 0 ? answer.content.map { ($0, answer.records) } : nil
        if page == pages.firstPage { state.first = answer.content }
        return Outcome(cursor: state.cursor, isLast: false)
    }

    private mutating func readPart(_ answer: Answer, _ token: SOAPPaging.Token) throws -> Outcome {
        guard let nextToken = answer.nextToken else {
            // Many services leave the element out at the end; an answer that lacks its end, or a path with a typo, looks the same.
            if !token.absentIsEnd {
                throw Self.unsaid(
                    "token.next", token.nextTokenPath, nil, "",
                    "Check the path against an answer. If the service leaves the element out where nothing follows, say token: {absent: end}."
                )
            }
            return endPass(.statedEnd, "part \(asked) gives no next token")
        }
        if nextToken.isEmpty { return endPass(.statedEnd, "part \(asked) gives an empty next token") }
        if nextToken == state.token {
            throw HearthError(
                .sourceBadAnswer, "the service gives the same next token again",
                advice: "Ask the service's owner: the pull would never end.")
        }
        emptyPages = answer.records == 0 ? emptyPages + 1 : 0
        if emptyPages > Self.mostEmptyPages {
            throw HearthError(
                .sourceBadAnswer, "the service gives token after token without a record",
                advice: "Ask the service's owner: the pull would never end.")
        }
        state.token = nextToken
        return Outcome(cursor: token.isDurable ? state.cursor : nil, isLast: false)
    }

    private static func unsaid(_ key: String, _ path: String, _ text: String?, _ why: String, _ advice: String)
        -> HearthError
    {
        let what =
            text.map {
                $0.isEmpty
                    ? "the element at \(key) \(path) is empty" : "\(SeenText($0, atMost: 40)) at \(key) \(path) \(why)"
            }
            ?? "nothing stands at \(key) \(path)"
        return HearthError(.sourceBadAnswer, "\(what): whether more follows is not said", advice: advice)
    }

    /// To be set before a cursor is made: what the next pull should know of this one's answers.
    mutating func remember(_ memory: AnswerMemory) { state.seen = memory.isEmpty ? nil : memory.text }

    /// Records of the pass so far, earlier runs included.
    var rowsOfPass: Int64 { state.rows }

    private mutating func endPass(_ proof: Completeness.Proof, _ detail: String) -> Outcome {
        self.proof = Completeness(proof, detail)
        state = SOAPCursor(from: usesCursor ? state.max ?? state.from : nil, seen: state.seen)
        return Outcome(cursor: state.cursor, isLast: true)
    }

    /// The page that was asked for last.
    var page: Int? {
        if case .pages(let pages) = stream.paging { return state.page ?? pages.firstPage }
        return nil
    }

    private var isWindow: Bool { if case .window = stream.paging { true } else { false } }

    /// Whether a stored value can have moved no cursor.
    private static func isStray(_ text: String, _ cursor: SOAPCursorField, _ now: Instant) -> Bool {
        var column = CursorColumn(order: cursor.judged, now: now)
        column.take(text)
        let outcome = column.outcome()
        return outcome.progress == nil
            && (outcome.ahead.rows > 0 || outcome.unusable.rows > 0 || outcome.refusal != nil)
    }

    /// What `{{cursor}}` says: the cursor less the lookback.
    private var filter: String {
        guard let cursor = stream.cursor else { return "" }
        guard let from = state.from else { return cursor.startsAt }
        if cursor.lookback == 0 { return from }
        switch cursor.judged {
        case .text, .format: return from
        case .digits(let clock):
            guard let moment = Int64(from).flatMap({ clock.moment($0, offsetMinutes: now.offsetMinutes) }) else {
                return from
            }
            let instant = Self.moved(
                Instant(microseconds: moment, offsetMinutes: now.offsetMinutes), by: -cursor.lookback)
            return String(clock.number(at: instant))
        case .number, .counter:
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
