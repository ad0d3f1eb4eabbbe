import Foundation
public import HeatModel
public import Mapping
public import Records
public import Store

/// Runs streams: pull → map → match → commit, each stage on a thread of its own, with the store's transactions as the only
/// thing that lasts.
public struct SyncEngine: Sendable {
    public struct Options: Sendable {
        public var mode: PullRequest.Mode
        public var limit: Int?
        public var policy: VanishPolicy
        /// Rows in a batch, which is a transaction.
        public var batchRows: Int

        public init(
            mode: PullRequest.Mode = .incremental, limit: Int? = nil, policy: VanishPolicy = VanishPolicy(), batchRows: Int = 16_384
        ) {
            self.mode = mode
            self.limit = limit
            self.policy = policy
            self.batchRows = batchRows
        }
    }

    let store: any Store
    let clock: @Sendable () -> Instant
    let isCancelled: @Sendable () -> Bool

    public init(store: any Store, clock: @escaping @Sendable () -> Instant, isCancelled: @escaping @Sendable () -> Bool = { false }) {
        self.store = store
        self.clock = clock
        self.isCancelled = isCancelled
    }

    /// One run of one stream. Where the mapping file has changed since the last success, the records held are first brought up
    /// to it, in a run of their own.
    ///
    /// - Throws: `run.locked` where another run holds the stream. Everything else that goes wrong is in the report, as the
    ///   run's record in the store has it; what was committed before stays.
    public func run(
        _ stream: SyncStream, options: Options = Options(), progress: (SyncProgress) -> Void = { _ in }
    ) throws -> RunReport {
        try withLease(stream) { id in
            var options = options
            var isRemapped = false
            if try store.read({ try mappingHasChanged(stream, id, $0) }) {
                let (report, unreachable) = try remap(stream, id)
                if report.state != .success { return report }
                if unreachable > 0 { options.mode = .full }
                isRemapped = true
            }
            var report = try recorded(stream, id, mode: options.mode.rawValue, policy: options.policy) { opening, committer, report in
                let started = ContinuousClock.now
                let expected = options.limit.map { Int64($0) } ?? expectedRows(stream, opening, options)
                let summary = try pump(stream, opening, options) { batch in
                    let bytes = Int64(batch.canonical.bytes.count)
                    try store.write { try committer.commit(batch, to: $0) }
                    // Only what is committed counts: a batch that fails is rolled back.
                    report.counts = committer.counts
                    report.mappedBytes += bytes
                    progress(
                        SyncProgress(
                            stream: stream.name, counts: committer.counts, expectedRows: expected, elapsed: .now - started))
                }
                report.knownOrigins = summary.knownOrigins
                report.pulledBytes = summary.bytes
                try Self.checkStated(summary, stream.name, isLimited: options.limit != nil)
            }
            report.isRemapped = isRemapped
            return report
        }
    }

    /// Tries open quarantined records of one stream again, in a run of their own: those that `isWanted`.
    public func replay(
        _ stream: SyncStream, where isWanted: (QuarantinedRecord) -> Bool
    ) throws -> (report: RunReport, result: ReplayResult) {
        var result = ReplayResult()
        let report = try withLease(stream) { id in
            try recorded(stream, id, mode: "replay") { opening, committer, report in
                var after: QuarantineID?
                while !isCancelled() {
                    let read = try store.write { store in
                        let entries = try store.quarantine(stream: id, state: .open, code: nil, after: after, limit: 2048)
                        result += try QuarantineReplay(stream: stream).run(
                            entries.filter(isWanted), run: opening.run, committer: &committer, store: store)
                        after = entries.last?.id
                        return entries.count
                    }
                    report.counts = committer.counts
                    if read < 2048 { break }
                }
            }
        }
        return (report, result)
    }

    private func remap(_ stream: SyncStream, _ id: StreamID) throws -> (RunReport, unreachable: Int64) {
        var unreachable: Int64 = 0
        let report = try recorded(stream, id, mode: "remap") { opening, committer, _ in
            let result = try Remap(stream: stream, id: id).run(opening.run, committer: &committer, store: store, isCancelled: isCancelled)
            unreachable = result.unreachable
            if isCancelled() { throw Self.cancelled(stream.name) }
        }
        return (report, unreachable)
    }

    private func mappingHasChanged(_ stream: SyncStream, _ id: StreamID, _ store: any StoreReader) throws -> Bool {
        guard let last = try store.runs(stream: id, limit: 200).first(where: { $0.state == .success && $0.mode != "replay" }) else {
            // No success yet: an interrupted load may hold records of an earlier mapping.
            let first = try store.runs(stream: id, limit: 200).first { $0.counts.read > 0 }
            return first.map { $0.mappingVersion != stream.mapping.version } ?? false
        }
        return last.mappingVersion != stream.mapping.version
    }

    // MARK: Bookkeeping

    private func withLease(_ stream: SyncStream, _ body: (StreamID) throws -> RunReport) throws -> RunReport {
        let owner = LeaseOwner.current
        let id = try store.write { store in
            let id = try store.stream(named: stream.name.description, entity: stream.mapping.entity)
            try store.takeLease(stream: id, owner: owner, isAlive: LeaseOwner.isAlive)
            return id
        }
        let result = Result { try body(id) }
        try store.write { try $0.dropLease(stream: id, owner: owner) }
        return try result.get()
    }

    /// Begins a run, lets `work` do it, and writes down how it went.
    private func recorded(
        _ stream: SyncStream, _ id: StreamID, mode: String, policy: VanishPolicy = VanishPolicy(),
        work: (Opening, inout BatchCommitter, inout RunReport) throws -> Void
    ) throws -> RunReport {
        let opening = try store.write { try open(id, stream, mode: mode, policy: policy, $0) }
        var committer = opening.committer
        var report = RunReport(stream: stream.name, run: opening.run, mode: mode)
        let started = ContinuousClock.now
        do {
            try work(opening, &committer, &report)
            try committer.check()
            report.counts = committer.counts
            report.state = .success
        } catch let error as HearthError where error.code.name == "run.cancelled" {
            report.state = .cancelled
            report.error = error
        } catch {
            report.state = .failed
            report.error =
                error as? HearthError
                ?? HearthError(.init("run.failed"), "\(error)", at: .address(stream.name.description), cause: error)
        }
        report.elapsed = .now - started
        let finished = report
        report.totals = try store.write { store in
            let stored = finished.state == .success ? try store.state(stream: id).totals : []
            let totals = committer.pulledTotals + stored
            try store.endRun(opening.run, state: finished.state, at: clock(), error: finished.error, totals: totals)
            return totals
        }
        return report
    }

    /// What a run would do, without doing it: the run is made in one transaction that is then taken back.
    public func plan(_ stream: SyncStream, options: Options = Options(), onChange: @escaping (PlannedChange) -> Void) throws -> RunReport {
        struct TakenBack: Error { var report: RunReport }
        do {
            try store.write { store -> Never in
                let id = try store.stream(named: stream.name.description, entity: stream.mapping.entity)
                let waiting = try openEntries(stream.name, store)
                let opening = try open(id, stream, mode: options.mode.rawValue, policy: options.policy, store)
                var committer = opening.committer
                committer.onChange = onChange
                let started = ContinuousClock.now
                let summary = try pump(stream, opening, options) { try committer.commit($0, to: store) }
                try committer.check()
                var report = RunReport(stream: stream.name, run: opening.run, mode: options.mode.rawValue)
                report.state = .success
                report.counts = committer.counts
                report.totals = committer.pulledTotals
                report.knownOrigins = summary.knownOrigins
                report.newlyQuarantined = max(0, try openEntries(stream.name, store) - waiting)
                report.elapsed = .now - started
                throw TakenBack(report: report)
            }
        } catch let end as TakenBack {
            return end.report
        }
    }

    private func openEntries(_ stream: StreamName, _ store: any StoreReader) throws -> Int64 {
        try store.quarantineCounts().filter { $0.stream == stream.description }.reduce(0) { $0 + $1.count }
    }

    // MARK: Stages

    private struct Opening {
        var stream: StreamID
        var run: RunID
        var state: SyncState
        var committer: BatchCommitter
    }

    private func open(_ id: StreamID, _ stream: SyncStream, mode: String, policy: VanishPolicy, _ store: any StoreWriter) throws -> Opening {
        let state = try store.state(stream: id)
        let run = try store.beginRun(stream: id, mode: mode, mappingVersion: stream.mapping.version, at: clock())
        let keys = try store.openQuarantineKeys(stream: id, limit: 100_000)
        let committer = BatchCommitter(
            stream: id, name: stream.name, run: run, file: stream.mapping, policy: policy, quarantinedKeys: keys)
        return Opening(stream: id, run: run, state: state, committer: committer)
    }

    /// Known where everything is read: what the store holds, or what the source estimates.
    private func expectedRows(_ stream: SyncStream, _ opening: Opening, _ options: Options) -> Int64? {
        guard options.mode == .full || opening.state.cursor == nil else { return nil }
        return opening.state.records > 0 ? opening.state.records : stream.estimatedRows
    }

    /// Pulls and maps on two threads and hands each batch to `consume` on this one.
    private func pump(
        _ stream: SyncStream, _ opening: Opening, _ options: Options, consume: (consuming MappedBatch) throws -> Void
    ) throws -> PullSummary {
        let raw = Channel<RawBatch>(capacity: 2)
        let mapped = Channel<MappedBatch>(capacity: 2)
        let summary = Channel<PullSummary>(capacity: 1)
        let store = store
        let isCancelled = isCancelled
        let id = opening.stream
        let abandoned = StopSignal()
        let request = PullRequest(
            stream: stream.name.stream, mode: options.mode, cursor: opening.state.cursor.map { Cursor($0) }, batchRows: options.batchRows,
            limit: options.limit,
            isKnownOrigin: { digest in
                (try? store.read { try $0.isKnownOrigin(stream: id, digest: digest) }) ?? false
            },
            isCancelled: { isCancelled() || abandoned.isSet })

        Thread.detach(named: "hearth pull") {
            do {
                let end = try stream.connector.pull(request) { batch in
                    if !raw.send(batch) { throw Self.cancelled(stream.name) }
                }
                _ = summary.send(end)
                raw.finish()
            } catch {
                raw.finish(throwing: error)
            }
            summary.finish()
        }
        Thread.detach(named: "hearth map") {
            do {
                var plan: (columns: [String], plan: MappingPlan)?
                while let batch = try raw.receive() {
                    if plan?.columns != batch.columns {
                        plan = (batch.columns, try MappingPlan(stream.mapping, columns: batch.columns, zone: stream.zone))
                    }
                    guard let plan, mapped.send(MappedBatch(mapping: batch, with: plan.plan)) else { break }
                }
                mapped.finish()
            } catch {
                mapped.finish(throwing: error)
            }
            raw.abandon()
        }
        defer {
            // Leave no thread behind: both stop at their next word.
            abandoned.set()
            mapped.abandon()
            raw.abandon()
            _ = try? summary.receive()
        }
        while let batch = try mapped.receive() {
            try consume(batch)
            if isCancelled() { throw Self.cancelled(stream.name) }
        }
        return try summary.receive() ?? PullSummary()
    }

    private static func cancelled(_ stream: StreamName) -> HearthError {
        HearthError(
            .init("run.cancelled"), "stopped on request at a batch boundary", at: .address(stream.description),
            advice: "run sync again to carry on from there")
    }

    private static func checkStated(_ summary: PullSummary, _ stream: StreamName, isLimited: Bool) throws {
        guard let stated = summary.statedRows, !isLimited, stated != summary.rows else { return }
        throw HearthError(
            .init("run.countMismatch"), "the source states \(stated) records but sent \(summary.rows)",
            at: .address(stream.description), advice: "ask whoever runs the source; the records that came are in the store")
    }
}

/// A stream with all that a run of it needs.
public struct SyncStream: Sendable {
    public var name: StreamName
    public var connector: any Connector
    public var mapping: MappingFile
    /// IANA zone of dates with a time but no offset.
    public var zone: String
    /// The source's own estimate, for the progress display.
    public var estimatedRows: Int64?

    public init(name: StreamName, connector: any Connector, mapping: MappingFile, zone: String, estimatedRows: Int64? = nil) {
        self.name = name
        self.connector = connector
        self.mapping = mapping
        self.zone = zone
        self.estimatedRows = estimatedRows
    }
}
