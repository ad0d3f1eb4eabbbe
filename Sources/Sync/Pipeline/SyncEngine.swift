public import Archive
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
        /// Most rows in a batch, which is a transaction; nil for what suits the run.
        public var batchRows: Int?

        public init(
            mode: PullRequest.Mode = .incremental, limit: Int? = nil, policy: VanishPolicy = VanishPolicy(),
            batchRows: Int? = nil
        ) {
            self.mode = mode
            self.limit = limit
            self.policy = policy
            self.batchRows = batchRows
        }

        /// Rows in a batch of a pull from a cursor on. What follows a cursor is mostly known and lies scattered over the store: few
        /// enough rows that the pages of a transaction stay in memory until they are written.
        func batchRows(from cursor: String?) -> Int {
            batchRows ?? (mode == .incremental && cursor != nil ? 4096 : 16_384)
        }
    }

    let store: any Store
    let clock: @Sendable () -> Instant
    let isCancelled: @Sendable () -> Bool
    /// Keeps what is pulled, where it is to be kept.
    let archive: Archive?
    /// Where the runs are made again of, in a rebuild.
    let replayed: Archive?

    public init(
        store: any Store, clock: @escaping @Sendable () -> Instant,
        isCancelled: @escaping @Sendable () -> Bool = { false }, archive: Archive? = nil, replayed: Archive? = nil
    ) {
        self.archive = archive
        self.replayed = replayed
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
            var remapped: RunCounts?
            if let report = try trimKeys(stream, id) {
                if report.state != .success { return report }
                remapped = report.counts
            }
            if try store.read({ try mappingHasChanged(stream, id, $0) }) {
                let report = try remap(stream, id)
                if report.state != .success { return report }
                remapped = (remapped ?? RunCounts()) + report.counts
            }
            if try store.read({ try $0.setting(SettingName.needsFullPull(stream.name)) ?? "" }) != "" {
                options.mode = .full
            }
            var report = try recorded(
                stream, id, mode: options.mode.rawValue, policy: options.policy, options: options,
                onBegin: { try notePullBegins(stream, options.mode, $0, $1) },
                onSuccess: { if options.limit == nil { try notePullEnds(stream, options.mode, $0) } }
            ) { opening, committer, report in
                let started = ContinuousClock.now
                let expected = options.limit.map { Int64($0) } ?? expectedRows(stream, opening, options)
                report.pull = PullEnd(PullSummary(), limit: options.limit)
                try pump(stream, opening, options, end: { report.take($0, limit: options.limit) }) { batch in
                    let bytes = Int64(batch.canonical.bytes.count)
                    try store.write { try committer.commit(batch, to: $0) }
                    // Only what is committed counts: a batch that fails is rolled back.
                    report.take(committer.books)
                    report.mappedBytes += bytes
                    progress(
                        SyncProgress(
                            stream: stream.name, counts: committer.books.counts, expectedRows: expected,
                            elapsed: .now - started))
                }
                try store.read { try report.noticeBooks(committer.books, opening.stream, options.policy, $0) }
            }
            report.remapped = remapped
            return report
        }
    }

    /// Tries open quarantined records of one stream again, in a run of their own: those that `isWanted`, in the order in which the
    /// source stated them last, so that of two versions of a key the newer one stays.
    public func replay(
        _ stream: SyncStream, where isWanted: (QuarantinedRecord) -> Bool
    ) throws -> (report: RunReport, result: ReplayResult) {
        var result = ReplayResult()
        let report = try withLease(stream) { id in
            let entries = try store.read { try $0.openQuarantineIDs(stream: id) }
            return try recorded(stream, id, mode: "replay", onBegin: { try noteReplayBegins(stream, id, $1) }) {
                opening, committer, report in
                result = try QuarantineReplay(stream: stream).run(
                    entries, of: opening, committer: &committer, where: isWanted,
                    transaction: { work in try store.write { try work($0) } }
                ) {
                    report.take($0)
                    if isCancelled() { throw Self.cancelled(stream.name) }
                }
            }
        }
        return (report, result)
    }

    private func remap(_ stream: SyncStream, _ id: StreamID) throws -> RunReport {
        var unreachable: Int64 = 0
        return try recorded(
            stream, id, mode: "remap",
            onBegin: { try $1.setSetting(SettingName.mapping(of: stream.name), SettingName.mixed) },
            onSuccess: { try noteRemapEnds(stream, unreachable, $0) }
        ) { _, committer, report in
            let result = try Remap(stream: stream, id: id).run(committer: &committer, isCancelled: isCancelled) {
                work in
                try store.write { try work($0) }
            }
            report.take(committer.books)
            unreachable = result.unreachable
            if isCancelled() { throw Self.cancelled(stream.name) }
        }
    }

    /// Nil where there was nothing to do.
    private func trimKeys(_ stream: SyncStream, _ id: StreamID) throws -> RunReport? {
        let name = SettingName.keysTrimmed(stream.name)
        if try store.read({ try $0.setting(name) }) != nil { return nil }
        let trim = KeyTrim(stream: stream, id: id)
        let records = try store.read { try trim.records($0) }
        if records.isEmpty {
            try store.write { try $0.setSetting(name, stream.name.description) }
            return nil
        }
        return try recorded(
            stream, id, mode: "remap", onBegin: { _, _ in },
            onSuccess: { try $0.setSetting(name, stream.name.description) }
        ) { _, committer, report in
            try trim.run(records, committer: &committer, isCancelled: isCancelled) { work in
                try store.write { try work($0) }
            }
            report.take(committer.books)
            if isCancelled() { throw Self.cancelled(stream.name) }
        }
    }

    // MARK: What a run leaves for the next

    func mappingHasChanged(_ stream: SyncStream, _ id: StreamID, _ store: any StoreReader) throws -> Bool {
        if try store.state(stream: id).records == 0 { return false }
        return try store.setting(SettingName.mapping(of: stream.name)) != stream.mapping.version
    }

    func notePullBegins(_ stream: SyncStream, _ mode: PullRequest.Mode, _ run: RunID, _ store: any StoreWriter)
        throws
    {
        if try store.setting(SettingName.mapping(of: stream.name)) != stream.mapping.version {
            try store.setSetting(SettingName.mapping(of: stream.name), stream.mapping.version)
        }
        if mode == .full, try store.setting(SettingName.rereadSince(stream.name)) ?? "" == "" {
            try store.setSetting(SettingName.rereadSince(stream.name), String(run.number))
        }
    }

    func notePullEnds(_ stream: SyncStream, _ mode: PullRequest.Mode, _ store: any StoreWriter) throws {
        var done = [SettingName.rereadSince(stream.name)]
        if mode == .full { done.append(SettingName.needsFullPull(stream.name)) }
        for name in done where try store.setting(name) ?? "" != "" { try store.setSetting(name, "") }
    }

    func noteReplayBegins(_ stream: SyncStream, _ id: StreamID, _ store: any StoreWriter) throws {
        if try store.setting(SettingName.mapping(of: stream.name)) == stream.mapping.version { return }
        let isFirst = try store.state(stream: id).records == 0
        try store.setSetting(SettingName.mapping(of: stream.name), isFirst ? stream.mapping.version : SettingName.mixed)
    }

    func noteRemapEnds(_ stream: SyncStream, _ unreachable: Int64, _ store: any StoreWriter) throws {
        try store.setSetting(SettingName.mapping(of: stream.name), stream.mapping.version)
        if unreachable > 0 { try store.setSetting(SettingName.needsFullPull(stream.name), stream.mapping.version) }
    }

    // MARK: Bookkeeping

    private func withLease(_ stream: SyncStream, _ body: (StreamID) throws -> RunReport) throws -> RunReport {
        let owner = LeaseOwner.current
        let id = try store.write { store in
            let id = try store.stream(named: stream.name.description, entity: stream.mapping.entity)
            try store.endRunsOfTheDead(isAlive: LeaseOwner.isAlive, at: clock())
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
        options: Options = Options(), onBegin: (RunID, any StoreWriter) throws -> Void,
        onSuccess: (any StoreWriter) throws -> Void = { _ in },
        work: (Opening, inout BatchCommitter, inout RunReport) throws -> Void
    ) throws -> RunReport {
        try mendJournals()
        var opening = try store.write { store in
            let opening = try open(id, stream, mode: mode, policy: policy, store)
            try onBegin(opening.run, store)
            return opening
        }
        var committer = opening.committer
        var report = RunReport(stream: stream.name, run: opening.run, mode: mode)
        let started = ContinuousClock.now
        do {
            opening.tape = try beginJournal(
                opening.run, stream, mode: mode, cursor: opening.state.cursor, options)
            try work(opening, &committer, &report)
            try committer.books.check(stream.name)
            report.take(committer.books)
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
            let totals = finished.totals + stored
            if finished.state == .success { try onSuccess(store) }
            if let code = finished.error?.code.name, PullWatch.verdicts.contains(code) {
                try store.setCursor(stream: id, run: opening.run, cursor: opening.state.cursor)
            }
            if finished.pull != .empty { try store.notePull(run: opening.run, finished.pull) }
            try store.endRun(opening.run, state: finished.state, at: clock(), error: finished.error, totals: totals)
            return totals
        }
        try endJournal(opening.tape, opening.run)
        return report
    }

    // MARK: Stages

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
            rereads: mode == PullRequest.Mode.full.rawValue, quarantinedKeys: keys)
        let since = try store.setting(SettingName.rereadSince(stream.name)).flatMap { Int64($0) }.map { RunID($0) }
        return Opening(stream: id, run: run, state: state, rereadSince: since, committer: committer)
    }

    /// Known where everything is read: what the store holds, or what the source estimates.
    private func expectedRows(_ stream: SyncStream, _ opening: Opening, _ options: Options) -> Int64? {
        guard options.mode == .full || opening.state.cursor == nil else { return nil }
        return opening.state.records > 0 ? opening.state.records : stream.estimatedRows
    }

    /// Pulls and maps on two threads and hands each batch to `consume` on this one. A batch that ends an origin, where nothing comes
    /// after it, waits until the pull has said what proves that it is complete: a source that withholds its rest must neither move
    /// the cursor to its end nor make records vanish.
    ///
    /// - Parameter tellEnd: Takes what the pull says at its end, before that is held against what came.
    func pump(
        _ stream: SyncStream, _ opening: Opening, _ options: Options, end tellEnd: (PullSummary) -> Void,
        consume: (consuming MappedBatch) throws -> Void
    ) throws {
        let raw = Channel<RawBatch>(capacity: 2)
        let mapped = Channel<MappedBatch>(capacity: 2)
        let summary = Channel<PullSummary>(capacity: 1)
        let store = store
        let isCancelled = isCancelled
        let id = opening.stream
        let rereadSince = opening.rereadSince
        let abandoned = StopSignal()
        // Taken for new, an old file would put its rows over newer ones: the run ends with the store's reason.
        @Sendable func asked<Answer>(_ question: (any StoreReader) throws -> Answer, otherwise: Answer) -> Answer {
            do {
                return try store.read(question)
            } catch {
                raw.finish(throwing: error)
                abandoned.set()
                return otherwise
            }
        }
        let request = PullRequest(
            stream: stream.name.stream, mode: options.mode, cursor: opening.state.cursor.map { Cursor($0) },
            batchRows: options.batchRows(from: opening.state.cursor),
            limit: options.limit,
            isKnownOrigin: { digest in
                asked({ try $0.isKnownOrigin(stream: id, digest: digest, since: rereadSince) }, otherwise: true)
            },
            lastSnapshot: { asked({ try $0.lastSnapshot(stream: id) }, otherwise: nil) },
            isCancelled: { isCancelled() || abandoned.isSet }, tape: opening.tape)
        let tape = opening.tape

        // All wait for the thread that commits. Where processors are few it goes first: 8 % of a first sync on two.
        let niceness: Int32 = 10
        Thread.detach(named: "hearth pull", niceness: niceness) {
            do {
                let end = try stream.connector.pull(request) { batch in
                    try tape?.note(batch)
                    if !raw.send(batch) { throw Self.cancelled(stream.name) }
                }
                try tape?.note(end)
                _ = summary.send(end)
                raw.finish()
            } catch let failure as ReplayedFailure {
                _ = summary.send(failure.summary)
                raw.finish(throwing: failure.error)
            } catch {
                raw.finish(throwing: error)
            }
            summary.finish()
        }
        Thread.detach(named: "hearth map", niceness: niceness) {
            do {
                var plan: (columns: [String], plan: MappingPlan)?
                var positions = RowPositions()
                while let batch = try raw.receive() {
                    if plan?.columns != batch.columns { plan = (batch.columns, try Self.plan(stream, for: batch)) }
                    guard let plan,
                        mapped.send(try MappedBatch(mapping: batch, with: plan.plan, positions: &positions))
                    else { break }
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
            // Of a run that fails although its pull had ended, too, what the pull said is kept.
            if let end = try? summary.receive() { tellEnd(end) }
        }
        // What an archived run once pulled was held against the contract then, as that was.
        var watch = replayed == nil && options.limit == nil ? PullWatch(stream.name) : nil
        var held: MappedBatch?
        func hand(_ batch: consuming MappedBatch) throws {
            try consume(batch)
            if isCancelled() { throw Self.cancelled(stream.name) }
        }
        while let batch = try receive(
            mapped,
            or: { if let last = held.take(), replayed != nil || last.isWholeByItself { try consume(last) } })
        {
            try watch?.note(batch)
            if let last = held.take() { try hand(last) }
            if batch.endsOrigin { held = batch } else { try hand(batch) }
        }
        let end = try summary.receive() ?? PullSummary()
        tellEnd(end)
        try watch?.check(end)
        if let last = held.take() { try hand(last) }
    }

    /// - Throws: `config.unknownColumn` where the mapping names a column that the batch lacks, with what the batch was read from.
    private static func plan(_ stream: SyncStream, for batch: borrowing RawBatch) throws -> MappingPlan {
        do {
            return try MappingPlan(stream.mapping, columns: batch.columns, zone: stream.zone)
        } catch var error as HearthError where error.code.name == "config.unknownColumn" {
            error.message += " in \(batch.origin.name)"
            throw error
        }
    }

    /// The next batch. Where the source fails, `finish` first takes what it had sent whole.
    private func receive(_ mapped: Channel<MappedBatch>, or finish: () throws -> Void) throws -> MappedBatch? {
        do {
            return try mapped.receive()
        } catch {
            try finish()
            throw error
        }
    }

    static func cancelled(_ stream: StreamName) -> HearthError {
        HearthError(
            .init("run.cancelled"), "stopped on request at a batch boundary", at: .address(stream.description),
            advice: "run sync again to carry on from there")
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

    public init(
        name: StreamName, connector: any Connector, mapping: MappingFile, zone: String, estimatedRows: Int64? = nil
    ) {
        self.name = name
        self.connector = connector
        self.mapping = mapping
        self.zone = zone
        self.estimatedRows = estimatedRows
    }
}
