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

    func run(_ deliver: (consuming RawBatch) throws -> Void) throws -> PullSummary {
        var summary = PullSummary()
        let cursor = request.mode == .full ? nil : request.cursor
        let now = EnvelopeFetch.now(offsetMinutes: options.offsetMinutes)
        var plan = try PagingPlan(stream, cursor: cursor, now: now)
        var isSnapshot = false
        if case .none = stream.paging {
            isSnapshot = stream.isSnapshot && (stream.cursor == nil || request.mode == .full)
        }
        var number = 0
        var digestBefore: String?
        while true {
            try checkCancelled()
            number += 1
            if number > options.limits.envelopes {
                throw HearthError(
                    .init("source.tooLarge"), "more than \(options.limits.envelopes) envelopes",
                    advice: "Check how paging ends.")
            }
            let ask = plan.next()
            let name = ask.name.isEmpty ? soap.operation : "\(soap.operation) \(ask.name)"
            var end = try envelope(
                ask, name: name, number: number, isSnapshot: isSnapshot, now: now, &summary, deliver)
            guard end.isWhole else {
                try hand(&end, nil, &summary, deliver)
                return summary
            }
            if case .pages = stream.paging, end.records > 0, let digest = end.lastBatch.origin.digest {
                if digest == digestBefore {
                    throw HearthError(
                        .init("source.badAnswer"), "the service gives the same page again",
                        at: .envelope(name, number: number, record: 0),
                        advice: "Check that the body sends {{page}} as the service wants it: the pull would never end.")
                }
                digestBefore = digest
            }
            let before = plan.rowsOfPass
            let outcome = try plan.read(
                records: end.records, greatest: end.greatestCursor, nextToken: end.nextToken, hasMore: end.hasMore)
            try checkTotal(end, before: before, isLast: outcome.isLast, name: name, number: number, &summary)
            try hand(&end, outcome.cursor, &summary, deliver)
            if outcome.isLast { return summary }
            if let limit = request.limit, summary.rows >= Int64(limit) { return summary }
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
        _ ask: PagingPlan.Ask, name: String, number: Int, isSnapshot: Bool, now: Instant, _ summary: inout PullSummary,
        _ deliver: (consuming RawBatch) throws -> Void
    ) throws -> SOAPEnvelopeEnd {
        var attempts = RetryPolicy.Attempts(options.retry)
        var random = SystemRandomNumberGenerator()
        var attempt = 1
        while true {
            let remaining = request.limit.map { max(1, $0 - Int(clamping: summary.rows)) }
            let reading = SOAPReading(
                originName: attempt == 1 ? name : "\(name) attempt \(attempt)", number: number, isSnapshot: isSnapshot,
                batchRows: request.batchRows, batchBytes: request.batchBytes, limit: remaining, limits: options.limits,
                computesDigest: true, now: now)
            let fetch = EnvelopeFetch(
                options: options, request: soap, stream: stream, paths: paths, isCancelled: request.isCancelled,
                tape: request.tape)
            var rows: Int64 = 0
            defer { summary.rows += rows }
            do {
                return try withoutActuallyEscaping(deliver) { deliver in
                    try fetch.fetch(ask.values, reading: reading, bytes: &summary.bytes) { batch in
                        try checkCancelled()
                        rows += Int64(batch.rowCount + batch.defects.count)
                        try deliver(batch)
                    }
                }
            } catch let failure as TransportFailure {
                switch attempts.failed(failure.retry, using: &random) {
                case .giveUp: throw failure.error
                case .retry(let milliseconds): try wait(milliseconds)
                }
                attempt += 1
            }
        }
    }

    private func checkTotal(
        _ end: SOAPEnvelopeEnd, before: Int64, isLast: Bool, name: String, number: Int, _ summary: inout PullSummary
    ) throws {
        guard let total = stream.total, let text = end.statedTotal else { return }
        let place = Place.envelope(name, number: number, record: 0)
        guard let stated = Int64(text) else {
            throw HearthError(.init("source.badAnswer"), "the stated total is not a number", at: place)
        }
        switch total.scope {
        case .envelope: summary.statedRows = (summary.statedRows ?? 0) + stated
        case .pass: summary.statedRows = stated
        }
        let came = total.scope == .envelope ? end.records : before + end.records
        if came != stated, total.scope == .envelope || isLast {
            throw HearthError(
                .init("source.totalMismatch"), "the service states \(stated) records, \(came) came", at: place,
                advice: "Run the pull again; if it stays so, the service's count or paging is wrong.")
        }
    }

    private func checkCancelled() throws {
        if request.isCancelled() { throw HearthError(.init("run.cancelled"), "the pull was cancelled") }
    }

    private func wait(_ milliseconds: Int64) throws {
        var left = milliseconds
        repeat {
            try checkCancelled()
            usleep(UInt32(min(left, 200)) * 1000)
            left -= 200
        } while left > 0
    }
}
