import Archive
import Evidence
import Foundation
import HeatModel
import Mapping
import Records
import Store

/// How a run is held, begun, and written down.
extension SyncEngine {
    /// Runs `body` under the stream's lease, which is renewed meanwhile. What reads one account alone is waited for: it is over soon.
    ///
    /// - Parameter waits: whether any other run is waited for, until this engine is cancelled.
    /// - Throws: `run.locked`.
    func withLease(_ stream: SyncStream, waits: Bool = false, _ body: (Lease) throws -> RunReport) throws -> RunReport {
        let began = ContinuousClock.now
        var taken: Lease?
        while taken == nil {
            do {
                taken = try store.write { store in
                    let id = try store.stream(named: stream.name.description, entity: stream.mapping.entity)
                    try store.expireOrphanedRuns(isAlive: LeaseOwner.isAlive, at: clock())
                    return try store.takeLease(stream: id, owner: .current, isAlive: LeaseOwner.isAlive)
                }
            } catch let error as HearthError where error.code == .runLocked {
                let elapsed = ContinuousClock.now - began
                let isShort = try elapsed < AccountRefresh.longest && isSoonOver(stream, elapsed)
                if isCancelled() || !(waits || isShort) { throw error }
                usleep(20_000)
            }
        }
        guard let lease = taken else { throw Self.cancelled(stream.name) }
        let renewal = LeaseRenewal(of: lease, in: store)
        let result = Result { try body(lease) }
        renewal.stop()
        try store.settledWrite { try $0.dropLease(lease) }
        return try result.get()
    }

    /// Whether what holds the stream reads the rows of one account alone, or is about to begin a run or has just ended one.
    private func isSoonOver(_ stream: SyncStream, _ elapsed: Duration) throws -> Bool {
        try store.read { store in
            guard let id = try store.streams().first(where: { $0.name == stream.name.description })?.id,
                let run = try store.runs(stream: id, limit: 1).first
            else { return elapsed < .seconds(2) }
            // Between two such readings none is at work.
            if run.mode == PullRequest.Mode.account.rawValue { return true }
            return run.state != .running && elapsed < .seconds(2)
        }
    }

    /// A transaction of a run: where another run has taken the stream meanwhile, nothing is committed.
    ///
    /// - Throws: `run.fenced`.
    func commit<Outcome>(_ lease: Lease, _ body: (any StoreWriter) throws -> Outcome) throws -> Outcome {
        try store.write { store in
            try store.check(lease)
            return try body(store)
        }
    }

    /// Begins a run, lets `work` do it, and writes down how it went.
    func recorded(
        _ stream: SyncStream, _ lease: Lease, mode: String, policy: VanishPolicy = VanishPolicy(),
        options: Options = Options(), onBegin: (RunID, any StoreWriter) throws -> Void,
        onSuccess: (any StoreWriter) throws -> Void = { _ in },
        work: (Opening, inout BatchCommitter, inout RunReport) throws -> Void
    ) throws -> RunReport {
        try journals.mend()
        var report = RunReport(stream: stream.name, run: RunID(0), mode: mode)
        report.note(.info, "begins: \(mode), mapping \(stream.mapping.version.prefix(12))")
        var opening = try commit(lease) { store in
            let opening = try open(lease.stream, stream, mode: mode, policy: policy, store)
            try onBegin(opening.run, store)
            try store.noteLog(run: opening.run, report.log)
            return opening
        }
        report.run = opening.run
        var committer = opening.committer
        let started = ContinuousClock.now
        do {
            opening.tape = try beginJournal(
                opening.run, stream, mode: mode, cursor: opening.state.cursor, options)
            try work(opening, &committer, &report)
            try committer.books.check(stream.name)
            report.take(committer.books)
            report.state = .success
        } catch let error as HearthError where error.code == .runCancelled {
            report.state = .cancelled
            report.error = error
        } catch let error as HearthError where error.code == .runFenced {
            report.state = .interrupted
            report.error = error
        } catch {
            report.state = .failed
            report.error =
                error as? HearthError
                ?? HearthError(.runFailed, "\(error)", at: .address(stream.name.description), cause: error)
        }
        report.elapsed = .now - started
        report.noteEnd()
        do {
            if report.error?.code == .storeCommitUnknown { try settle(opening, committer, lease, &report) }
            // The run that took a fenced one's stream has marked it already.
            if report.state != .interrupted {
                report.totals = try end(opening, stream, lease, report, onSuccess: onSuccess)
            }
        } catch let error as HearthError where error.code == .runFenced {
            report.state = .interrupted
            report.error = error
        }
        try journals.end(opening.tape, opening.run)
        return report
    }

    /// Finds out whether the batch is there whose commit was not answered: a transaction waits for the end of that one, and the run's
    /// record holds the books of what is committed.
    private func settle(_ opening: Opening, _ committer: BatchCommitter, _ lease: Lease, _ report: inout RunReport)
        throws
    {
        let counts = try commit(lease) { try $0.run(opening.run)?.counts }
        let isThere = counts == committer.books.counts
        if isThere { report.take(committer.books) }
        report.error = HearthError(
            .runFailed,
            "the connection to the store was lost at a commit; what was committed \(isThere ? "is" : "is not") there",
            at: .address(opening.committer.streamName.description), advice: "run \(.sync) again: it goes on from there",
            cause: report.error)
    }

    /// Writes down how a run went. Returns its totals.
    private func end(
        _ opening: Opening, _ stream: SyncStream, _ lease: Lease, _ finished: RunReport,
        onSuccess: (any StoreWriter) throws -> Void
    ) throws -> [RunTotal] {
        try commit(lease) { store in
            let stored = finished.state == .success ? try store.state(stream: lease.stream).totals : []
            let totals = finished.totals + stored
            if finished.state == .success { try onSuccess(store) }
            if let code = finished.error?.code, PullWatch.verdicts.contains(code) {
                try store.setCursor(stream: lease.stream, run: opening.run, cursor: opening.state.cursor)
            }
            if finished.pull != .empty { try store.notePull(run: opening.run, finished.pull) }
            try store.noteLog(run: opening.run, finished.log)
            try store.endRun(opening.run, state: finished.state, at: clock(), error: finished.error, totals: totals)
            return totals
        }
    }

    struct Opening {
        var stream: StreamID
        var run: RunID
        var state: SyncState
        /// Origins that earlier runs have read do not count as known.
        var rereadSince: RunID?
        var committer: BatchCommitter
        /// Keeps what is pulled.
        var tape: RunTape?
    }

    func open(
        _ id: StreamID, _ stream: SyncStream, mode: String, policy: VanishPolicy, _ store: any StoreWriter
    ) throws -> Opening {
        let state = try store.state(stream: id)
        let run = try store.beginRun(stream: id, mode: mode, mappingVersion: stream.mapping.version, at: clock())
        let keys = try store.openQuarantineKeys(stream: id, limit: 100_000)
        let committer = BatchCommitter(
            stream: id, name: stream.name, run: run, file: stream.mapping, policy: policy,
            rereads: mode == PullRequest.Mode.full.rawValue, quarantinedKeys: keys, clock: clock,
            tells: replayed == nil)
        let since = try store.setting(SettingName.rereadSince(stream.name)).flatMap { Int64($0) }.map { RunID($0) }
        return Opening(stream: id, run: run, state: state, rereadSince: since, committer: committer)
    }
}
