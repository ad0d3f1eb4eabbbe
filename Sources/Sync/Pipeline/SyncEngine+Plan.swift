import HeatModel
import Mapping
import Records
import Store

/// Ends a transaction that is only a plan.
private struct TakenBack: Error {}

/// What a run would do, without doing it.
extension SyncEngine {
    /// One stream's run, made in one transaction that is then taken back. Where the mapping file has changed, that includes bringing
    /// the records held up to it.
    ///
    /// - Throws: What a run would fail with; `run.locked` where another run holds the stream.
    package func plan(_ stream: SyncStream, options: Options = Options(), onChange: @escaping (PlannedChange) -> Void)
        throws -> RunReport
    {
        let report = try takenBack { try planned(stream, options, in: $0, onChange: onChange) }
        if let error = report.error { throw error }
        return report
    }

    /// Runs `body` in a transaction, hands out what it made of it, and leaves the store as it was.
    func takenBack<Result>(_ body: (any StoreWriter) throws -> Result) throws -> Result {
        var result: Result?
        do {
            try store.write { store -> Void in
                result = try body(store)
                throw TakenBack()
            }
        } catch is TakenBack {}
        guard let result else { throw HearthError(.runFailed, "the plan came to nothing") }
        return result
    }

    /// A run within a transaction of the caller. What fails is in the report, as it is in a real run's: the batches before it stay.
    func planned(
        _ stream: SyncStream, _ options: Options, in store: any StoreWriter,
        onChange: @escaping (PlannedChange) -> Void
    ) throws -> RunReport {
        let id = try begin(stream, in: store)
        let started = ContinuousClock.now
        let waiting = try openEntries(stream.name, store)
        var options = options
        var remapped: RunCounts?
        if try store.setting(SettingName.keysTrimmed(stream.name)) == nil {
            let trim = KeyTrim(stream: stream, id: id)
            let records = try trim.records(store)
            if !records.isEmpty {
                var committer = try open(id, stream, mode: "remap", policy: options.policy, store).committer
                try trim.run(records, committer: &committer, isCancelled: isCancelled) { try $0(store) }
                remapped = committer.books.counts
            }
        }
        if try mappingHasChanged(stream, id, store) {
            var committer = try open(id, stream, mode: "remap", policy: options.policy, store).committer
            committer.onChange = onChange
            let result = try Remap(stream: stream, id: id).run(committer: &committer, isCancelled: isCancelled) {
                try $0(store)
            }
            if isCancelled() { throw Self.cancelled(stream.name) }
            try noteRemapEnds(stream, result.unreachable, store)
            remapped = (remapped ?? RunCounts()) + committer.books.counts
        }
        if try store.setting(SettingName.needsFullPull(stream.name)) ?? "" != "" { options.mode = .full }
        let opening = try open(id, stream, mode: options.mode.rawValue, policy: options.policy, store)
        try notePullBegins(stream, options.mode, opening.run, store)
        var committer = opening.committer
        committer.onChange = onChange
        var report = RunReport(stream: stream.name, run: opening.run, mode: options.mode.rawValue)
        report.remapped = remapped
        do {
            var refused = RefusedSnapshots()
            try pump(stream, opening, options, end: { report.take($0, limit: options.limit) }) { batch in
                _ = try refused.commit(batch, by: &committer) { batch, committer in
                    try store.nested { try committer.commit(batch, to: store) }
                }
                report.take(committer.books)
            }
            try refused.check()
            try committer.books.check(stream.name)
            try report.noticeBooks(committer.books, id, options.policy, store)
            if options.limit == nil { try notePullEnds(stream, options.mode, store) }
            report.state = .success
        } catch let error as HearthError where error.code == .runCancelled {
            throw error
        } catch let error as HearthError {
            report.state = .failed
            report.error = error
        }
        try end(opening.run, report.state, in: store)
        report.newlyQuarantined = max(0, try openEntries(stream.name, store) - waiting)
        report.elapsed = .now - started
        return report
    }

    /// A replay of quarantined records within a transaction of the caller.
    func plannedReplay(
        _ stream: SyncStream, in store: any StoreWriter, onChange: @escaping (PlannedChange) -> Void,
        where isWanted: (QuarantinedRecord) -> Bool
    ) throws -> ReplayResult {
        let id = try begin(stream, in: store)
        let entries = try store.openQuarantineIDs(stream: id)
        let opening = try open(id, stream, mode: "replay", policy: VanishPolicy(), store)
        try noteReplayBegins(stream, id, store)
        var committer = opening.committer
        committer.onChange = onChange
        let result = try QuarantineReplay(stream: stream).run(
            entries, of: opening, committer: &committer, where: isWanted, transaction: { try $0(store) }
        ) { _ in
            if isCancelled() { throw Self.cancelled(stream.name) }
        }
        try end(opening.run, .success, in: store)
        return result
    }

    /// A stream that a run is at work on cannot be foretold, and its run would have to wait for the plan.
    private func begin(_ stream: SyncStream, in store: any StoreWriter) throws -> StreamID {
        let id = try store.stream(named: stream.name.description, entity: stream.mapping.entity)
        // Within the transaction no other run can take it; the same stream may be asked for again.
        try store.dropLease(store.takeLease(stream: id, owner: .current, isAlive: LeaseOwner.isAlive))
        return id
    }

    private func end(_ run: RunID, _ state: RunState, in store: any StoreWriter) throws {
        try store.endRun(run, state: state, at: clock(), error: nil, totals: [])
    }

    private func openEntries(_ stream: StreamName, _ store: any StoreReader) throws -> Int64 {
        try store.quarantineCounts().filter { $0.stream == stream.description }.reduce(0) { $0 + $1.count }
    }
}
