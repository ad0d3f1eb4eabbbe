import Glibc
import HeatModel
import Records

/// One pull of one stream: envelope after envelope, each tried again where that is safe.
struct SOAPPull {
    let options: SOAPOptions
    let stream: SOAPStream
    let paths: StreamPaths
    let soap: SOAPRequest
    let request: PullRequest
    /// What the request's own placeholders stand for.
    var named: [String: String] = [:]

    /// The fields' paths, for what is remembered of them.
    private var fieldPaths: [String] { stream.fields.map(\.path) }

    func run(_ deliver: (consuming RawBatch) throws -> Void) throws -> PullSummary {
        var summary = PullSummary()
        let cursor = request.mode == .incremental ? request.cursor : nil
        let now = EnvelopeFetch.now(offsetMinutes: options.offsetMinutes)
        let remembered =
            request.cursor.flatMap { try? SOAPCursor($0) }?.seen.flatMap { AnswerMemory($0) } ?? AnswerMemory()
        var plan = try PagingPlan(stream, cursor: cursor, now: now)
        var judge = AnswerJudge(stream, memory: remembered, now: now)
        var pages = PageMemory(first: plan.firstPage)
        var found = FieldCount(stream)
        var most = StatedMost()
        let session = SOAPSession(options, isCancelled: request.isCancelled)
        try session.open()
        var isSnapshot = false
        if case .none = stream.paging {
            isSnapshot = stream.isSnapshot && (stream.cursor == nil || request.mode == .full)
        }
        var number = 0
        while true {
            try checkCancelled()
            number += 1
            if number > options.limits.envelopes {
                throw HearthError(
                    .sourceTooLarge, "more than \(options.limits.envelopes) envelopes",
                    advice: "Check how paging ends.")
            }
            let ask = plan.next()
            let name = ask.name.isEmpty ? soap.operation : "\(soap.operation) \(ask.name)"
            let place = Place.envelope(name, number: number, record: 0)
            var end = try envelope(
                ask, name: name, number: number, isSnapshot: isSnapshot, now: now, column: plan.column, session,
                &summary,
                deliver)
            guard end.isWhole else {
                try hand(&end, nil, &summary, deliver)
                return summary
            }
            let verdict = try judge.judge(end, page: plan.page, at: place)
            let answer = PagingPlan.Answer(end, holdsParents: verdict == .parentsOnly)
            if plan.beginsAgain(answer) {
                pages = PageMemory(first: nil)
                try hand(&end, nil, &summary, deliver)
                continue
            }
            if isPaged, let digest = end.digest { try pages.take(digest, at: place) }
            found.add(end)
            plan.column = end.cursor ?? plan.column
            plan.repeated = pages.repeated
            let before = plan.rowsOfPass
            try checkStated(end, at: place)
            if isPaged { try most.take(end, stream, believesCount: !plan.count.isOpen, at: place) }
            var learned = judge.memory
            if found.records > 0 { learned.learn(records: found.records, hits: found.hits, paths: fieldPaths) }
            plan.remember(learned)
            let outcome = try Self.located(place) { try plan.read(answer) }
            try checkTotal(end, before: before - pages.repeated, isLast: outcome.isLast, at: place, &summary)
            if outcome.isLast { try found.check(stream, against: remembered, at: place) }
            try hand(&end, outcome.cursor, &summary, deliver)
            if outcome.isLast {
                summary.completeness = plan.proof
                if plan.count.isPageNumber {
                    summary.notice(
                        "soap.countIsPageNumber",
                        "each page states its own number where count expects that of all pages: it was read on to a page without records. Correct pages.count, or leave it out",
                        at: stream.operation)
                }
                for remark in found.remarks(stream) {
                    summary.notice("soap.pathMatchesNothing", remark.detail, at: stream.operation)
                }
                if let column = plan.column, let name = stream.cursor?.column {
                    summary.notice(column.outcome(), column: name, at: stream.operation)
                }
                return summary
            }
            if let limit = request.limit, summary.rows >= Int64(limit) { return summary }
        }
    }

    /// Reads one answer as a pull would, hands nothing on, and says how many records it had and what a person should know of them.
    func sample() throws -> (records: Int64, remarks: [CheckFinding]) {
        let now = EnvelopeFetch.now(offsetMinutes: options.offsetMinutes)
        var plan = try PagingPlan(stream, cursor: nil, now: now)
        var judge = AnswerJudge(stream, memory: AnswerMemory(), now: now)
        var found = FieldCount(stream)
        let session = SOAPSession(options, isCancelled: request.isCancelled)
        try session.open()
        let ask = plan.next()
        let name = ask.name.isEmpty ? soap.operation : "\(soap.operation) \(ask.name)"
        let place = Place.envelope(name, number: 1, record: 0)
        var summary = PullSummary()
        let end = try envelope(
            ask, name: name, number: 1, isSnapshot: false, now: now, column: plan.column, session, &summary
        ) { _ in }
        found.add(end)
        plan.column = end.cursor ?? plan.column
        if end.isWhole {
            let verdict = try judge.judge(end, page: plan.page, at: place)
            try checkStated(end, at: place)
            _ = try Self.located(place) { try plan.read(.init(end, holdsParents: verdict == .parentsOnly)) }
        }
        var remarks = found.remarks(stream)
        if let outcome = plan.column?.outcome(), let column = stream.cursor?.column {
            remarks += outcome.findings("stream \(stream.name)", column: column)
        }
        return (end.records, remarks)
    }

    /// Whether answers follow each other that must not be the same.
    private var isPaged: Bool {
        switch stream.paging {
        case .pages, .token: true
        case .none, .window: false
        }
    }

    private static func located<Result>(_ place: Place, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch var error as HearthError {
            error.place = error.place ?? place
            throw error
        }
    }

    private func hand(
        _ end: inout SOAPEnvelopeEnd, _ cursor: Cursor?, _ summary: inout PullSummary,
        _ deliver: (consuming RawBatch) throws -> Void
    ) throws {
        try checkCancelled()
        end.lastBatch.cursor = cursor
        summary.rows += Int64(end.lastBatch.rowCount + end.lastBatch.defects.count)
        try deliver(end.lastBatch)
    }

    /// One envelope with its further tries. A try whose records were partly handed over is an origin of its own.
    private func envelope(
        _ ask: PagingPlan.Ask, name: String, number: Int, isSnapshot: Bool, now: Instant, column: CursorColumn?,
        _ session: SOAPSession, _ summary: inout PullSummary, _ deliver: (consuming RawBatch) throws -> Void
    ) throws -> SOAPEnvelopeEnd {
        var attempts = RetryPolicy.Attempts(options.retry)
        var random = SystemRandomNumberGenerator()
        var attempt = 1
        var isRenewed = false
        while true {
            let remaining = request.limit.map { max(1, $0 - Int(clamping: summary.rows)) }
            var reading = SOAPReading(
                originName: attempt == 1 ? name : "\(name) attempt \(attempt)", number: number, isSnapshot: isSnapshot,
                batchRows: request.batchRows, batchBytes: request.batchBytes, limit: remaining, limits: options.limits,
                computesDigest: true, now: now)
            reading.digestsRecords = isPaged
            reading.cursor = column
            let fetch = EnvelopeFetch(
                options: options, request: soap, stream: stream, paths: paths, isCancelled: request.isCancelled,
                tape: request.tape, session: session)
            var rows: Int64 = 0
            defer { summary.rows += rows }
            do {
                let end = try withoutActuallyEscaping(deliver) { deliver in
                    try fetch.fetch(ask.values, named: named, reading: reading, bytes: &summary.bytes) { batch in
                        try checkCancelled()
                        rows += Int64(batch.rowCount + batch.defects.count)
                        try deliver(batch)
                    }
                }
                if end.isWhole { try stream.success?.judge(end, at: .envelope(name, number: number, record: 0)) }
                return end
            } catch {
                let failure = error as? TransportFailure
                guard let said = failure?.error ?? error as? HearthError else { throw error }
                if session.canRenew, !isRenewed, Self.mayBeExpiry(said) {
                    // Whether it was the session, the next answer shows.
                    isRenewed = true
                    try session.renew()
                } else {
                    guard let failure else { throw error }
                    switch attempts.failed(failure.retry, using: &random) {
                    case .giveUp: throw failure.error
                    case .retry(let milliseconds): try Self.wait(milliseconds, request.isCancelled)
                    }
                }
                attempt += 1
            }
        }
    }

    /// Services say in every way that a session is over: 401, a fault, a result code.
    private static func mayBeExpiry(_ error: HearthError) -> Bool {
        [.sourceUnauthorized, .sourceSoapFault, .sourceRefused].contains(error.code)
    }

    private func checkStated(_ end: SOAPEnvelopeEnd, at place: Place) throws {
        guard let total = stream.total else { return }
        guard let text = end.statedTotal, !text.isEmpty else {
            throw AnswerJudge.bad(
                "nothing stands at total \(total.path)", place,
                "Check the path against an answer; without its total the answer proves nothing.")
        }
        guard let stated = Int64(text), stated >= 0 else {
            throw AnswerJudge.bad(
                "the stated total \(SeenText(text, atMost: 40)) is not a number", place, "Check total's path.")
        }
    }

    private func checkTotal(
        _ end: SOAPEnvelopeEnd, before: Int64, isLast: Bool, at place: Place, _ summary: inout PullSummary
    ) throws {
        guard let total = stream.total, let stated = end.statedTotal.flatMap({ Int64($0) }) else { return }
        switch total.scope {
        case .envelope: summary.statedRows = (summary.statedRows ?? 0) + stated
        case .pass: summary.statedRows = stated
        }
        let came = total.scope == .envelope ? end.records : before + end.records
        if came != stated, total.scope == .envelope || isLast {
            throw HearthError(
                .sourceTotalMismatch, "the service states \(stated) records, \(came) came", at: place,
                advice:
                    "Run the pull again; if it stays so, the service's count or paging is wrong, or its records change while they are read."
            )
        }
    }

    private func checkCancelled() throws {
        if request.isCancelled() { throw HearthError(.runCancelled, "the pull was cancelled") }
    }

    static func wait(_ milliseconds: Int64, _ isCancelled: () -> Bool) throws {
        var left = milliseconds
        repeat {
            if isCancelled() { throw HearthError(.runCancelled, "the pull was cancelled") }
            usleep(UInt32(min(left, 200)) * 1000)
            left -= 200
        } while left > 0
    }
}

extension PagingPlan.Answer {
    init(_ end: SOAPEnvelopeEnd, holdsParents: Bool) {
        self.init(
            records: end.records, nextToken: end.nextToken, hasMore: end.hasMore, pageCount: end.pageCount,
            statedTotal: end.statedTotal, holdsParents: holdsParents, content: end.digest?.content)
    }
}
