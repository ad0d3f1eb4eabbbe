import Archive
import HeatModel
import Records
import Synchronization

/// A run that failed although its pull had come to an end, and what that said.
struct ReplayedFailure: Error {
    var error: HearthError
    var summary: PullSummary
}

/// Hands over what a run once pulled, from the archive, up to the last batch that the store took, and ends as that run ended.
struct ReplayConnector: Connector {
    let base: any Connector
    let run: ArchivedRun
    let archive: Archive
    /// Called when the last batch has gone.
    let onEnd: @Sendable () -> Void

    var source: String { base.source }

    func check() -> [CheckFinding] { [] }
    func discover() throws -> [StreamDescription] { [] }
    func accountKey(of stream: String) -> AccountKey? { nil }

    func pull(_ request: PullRequest, deliver: (consuming RawBatch) throws -> Void) throws -> PullSummary {
        struct Enough: Error {}
        let wanted = run.end?.batches ?? Int64(run.batches.count)
        var request = request
        request.batchRows = run.begin.batchRows
        request.batchBytes = run.begin.batchBytes
        request.limit = run.begin.limit
        var taken = 0
        defer { onEnd() }
        do {
            if wanted > 0 {
                try base.replay(request, from: ArchivedPieces(run, in: archive)) { batch in
                    guard taken < run.batches.count else { throw mismatch("more batches than were pulled") }
                    let known = run.batches[taken]
                    guard batch.rowCount == known.rows, batch.defects.count == known.defects else {
                        throw mismatch("batch \(taken + 1) has other rows than it had")
                    }
                    var batch = batch
                    batch.cursor = known.cursor.map { Cursor($0) }
                    batch.endsOrigin = known.ends
                    taken += 1
                    if !run.refused.contains(taken) { try deliver(batch) }
                    if taken == wanted { throw Enough() }
                }
            }
        } catch is Enough {}
        if taken < wanted { throw mismatch("\(taken) of \(wanted) batches are there") }
        if run.end?.state != "success" {
            let error = HearthError(
                .init(run.end?.errorCode ?? "archive.brokenOff"),
                run.end?.errorMessage ?? "the run was broken off here", at: .address(run.begin.stream))
            guard run.pulled != nil else { throw error }
            throw ReplayedFailure(error: error, summary: summary(of: taken))
        }
        return summary(of: taken)
    }

    private func summary(of taken: Int) -> PullSummary {
        let rows = run.batches.prefix(taken).reduce(0) { $0 + Int64($1.rows + $1.defects) }
        var summary = PullSummary(
            rows: run.pulled?.rows ?? rows, bytes: run.pulled?.bytes ?? 0, statedRows: run.pulled?.statedRows,
            completeness: run.pulled?.completeness)
        for notice in run.pulled?.notices ?? [] { summary.notice(notice.code, notice.message, at: notice.place) }
        summary.noticesLeftOut = run.pulled?.noticesLeftOut ?? 0
        summary.newestData = run.pulled?.newestData.flatMap { Instant($0) }
        return summary
    }

    private func mismatch(_ message: String) -> HearthError {
        HearthError(
            .archiveMismatch, "run \(run.begin.id), \(run.begin.stream): \(message)",
            at: .file(archive.folder, line: 0, column: 0),
            advice:
                "\(.verifyAudit) shows whether the archive was altered; a changed configuration of the stream may be the reason, too"
        )
    }
}
