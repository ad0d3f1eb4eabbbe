package import AccountView
import Evidence
import HeatModel
package import Mapping
package import Records
package import Store

/// Runs streams one after another, with all that has to follow: quarantined records tried again, views and groups of peers made
/// anew, the heads of logs noted, old archived runs let go.
package struct SyncRunner: Sendable {
    /// What there is beside the streams of one sync.
    package struct Configuration: Sendable {
        /// All streams that are configured and mapped, in the order in which they need each other.
        package var streams: [SyncStream]
        package var mappings: MappingSet
        package var peers: PeerRules
        /// Folders of the gateway's logs, whose heads the store's chain notes.
        package var logFolders: [String]
        /// What the gateway is called.
        package var gateway: String
        /// How many entries of the store's change feed are kept.
        package var keptChanges: Int64
        /// How many events are kept.
        package var keptEvents: Int64
        /// How many days archived runs are kept; nil keeps them for ever.
        package var archiveDays: Int?

        package init(
            streams: [SyncStream], mappings: MappingSet, peers: PeerRules, logFolders: [String], gateway: String,
            keptChanges: Int64, keptEvents: Int64, archiveDays: Int?
        ) {
            self.streams = streams
            self.mappings = mappings
            self.peers = peers
            self.logFolders = logFolders
            self.gateway = gateway
            self.keptChanges = keptChanges
            self.keptEvents = keptEvents
            self.archiveDays = archiveDays
        }
    }

    private let engine: SyncEngine
    private let configuration: Configuration
    private var store: any Store { engine.store }
    private var isCancelled: @Sendable () -> Bool { engine.isCancelled }

    package init(_ engine: SyncEngine, _ configuration: Configuration) {
        self.engine = engine
        self.configuration = configuration
    }

    /// Runs the streams in their order and rebuilds the views of the accounts they touched. A stream that fails does not stop the
    /// others. Where accounts came in, records that waited for them in quarantine are tried again.
    ///
    /// - Throws: `run.locked`, after all other streams were run, where another run holds one of them.
    package func sync(
        _ streams: [SyncStream], _ options: SyncEngine.Options, report tell: (SyncEvent) -> Void = { _ in }
    ) throws -> SyncOutcome {
        try Restatement(store: store, mappings: configuration.mappings).run(isCancelled: isCancelled)
        var outcome = SyncOutcome()
        var locked: HearthError?
        for stream in streams {
            if isCancelled() {
                outcome.notRun.append(stream.name)
                continue
            }
            tell(.began(stream.name))
            do {
                let report = try engine.run(stream, options: options) { tell(.progress($0)) }
                tell(.ended(report))
                outcome.reports.append(report)
                // What the old mapping could not read, the new one may.
                if report.remapped != nil { outcome.replayed += try replay([stream]) { _ in true }.result }
            } catch let error as HearthError where error.code == .runLocked {
                locked = locked ?? error
            }
        }
        if !isCancelled() { outcome.replayed += try replayUnmatched() }
        outcome.views = try refreshViews { tell(.views(built: $0, of: $1)) }
        outcome.isCancelled = isCancelled()
        outcome.unread = try store.read { try unread($0) }
        try noteLogHeads()
        try store.write { store in
            try store.trimChanges(keeping: configuration.keptChanges)
            try store.trimEvents(keeping: configuration.keptEvents)
        }
        try Retention(store: store, archive: engine.archive, keptDays: configuration.archiveDays).apply(
            at: engine.clock())
        if let locked { throw locked }
        return outcome
    }

    /// What a sync of the same streams would do, without doing it: the runs of all of them in their order, each on what those
    /// before it leave, and the replays between and after them, in one transaction that is taken back.
    ///
    /// As long as it takes (the systems are asked as in a sync) nothing else can write: a sync that begins meanwhile waits half a
    /// minute and fails with `store.busy`. What would change is held in the store's write-ahead log, not in memory, and gone after it.
    ///
    /// - Throws: `run.locked` where a run is at work on one of the streams; `run.cancelled`.
    package func plan(
        _ streams: [SyncStream], _ options: SyncEngine.Options,
        onChange: @escaping (StreamName, PlannedChange) -> Void = { _, _ in }
    ) throws -> PlanOutcome {
        try engine.takenBack { store in
            var outcome = PlanOutcome()
            func replay(_ stream: SyncStream, where isWanted: (QuarantinedRecord) -> Bool) throws {
                outcome.replayed += try engine.plannedReplay(
                    stream, in: store, onChange: { onChange(stream.name, $0) }, where: isWanted)
            }
            for stream in streams {
                let report = try engine.planned(stream, options, in: store) { onChange(stream.name, $0) }
                outcome.reports.append(report)
                if report.remapped != nil { try replay(stream) { _ in true } }
            }
            if try store.setting(.accountsChangedBy) ?? "" != "" {
                for stream in try waitingForAccounts(store) { try replay(stream) { $0.code.hasPrefix("match.") } }
            }
            return outcome
        }
    }

    /// Tries quarantined records of the streams again: those named, or all that are open.
    ///
    /// - Parameter code: only those that wait for this reason.
    /// - Throws: `run.locked`, after all other streams were tried, where another run holds one of them.
    package func replay(_ streams: [SyncStream], ids: [QuarantineID], code: String? = nil) throws -> ReplayResult {
        try Restatement(store: store, mappings: configuration.mappings).run(isCancelled: isCancelled)
        let wanted = Set(ids)
        let open = Set(
            try store.read { try $0.quarantineCounts() }.filter { code == nil || $0.code == code }.map(\.stream))
        let (result, _, locked) = try replay(streams.filter { open.contains($0.name.description) }) {
            (wanted.isEmpty || wanted.contains($0.id)) && (code == nil || $0.code == code)
        }
        _ = try refreshViews()
        if let locked { throw locked }
        return result
    }

    /// Rebuilds the views of touched accounts. Returns how many.
    package func refreshViews(progress: (Int64, Int64) -> Void = { _, _ in }) throws -> Int64 {
        let views = try ViewRefresh(
            store: store, unified: configuration.mappings.unified, clock: engine.clock
        ).run(
            isCancelled: isCancelled, progress: progress)
        _ = try CohortRefresh(store: store, rules: configuration.peers).run(isCancelled: isCancelled)
        return views
    }

    /// Has the store's chain note where each log stands that has grown: what a log says up to there cannot be taken away unseen.
    package func noteLogHeads() throws {
        try AuditTrail.noteLogs(configuration.logFolders, gateway: configuration.gateway, in: store)
    }

    /// Streams of which the store has records, and that are configured no longer: what they say stays as it is, and counts.
    private func unread(_ store: any StoreReader) throws -> [String] {
        let known = Set(configuration.streams.map(\.name.description))
        return try store.streams().filter { !known.contains($0.name) }.filter {
            try store.state(stream: $0.id).records > 0
        }.map(\.name).sorted()
    }

    private func waitingForAccounts(_ store: any StoreReader) throws -> [SyncStream] {
        let waiting = Set(try store.quarantineCounts().filter { $0.code.hasPrefix("match.") }.map(\.stream))
        return configuration.streams.filter { waiting.contains($0.name.description) }
    }

    /// Tries every open entry again whose account was not found, where accounts have come since that was last done. That they
    /// have is kept in the store, so that a process which ends in between leaves it to the next.
    private func replayUnmatched() throws -> ReplayResult {
        guard let changedBy = try store.read({ try $0.setting(.accountsChangedBy) }), !changedBy.isEmpty
        else {
            return ReplayResult()
        }
        let (result, isWhole, _) = try replay(store.read { try waitingForAccounts($0) }) { $0.code.hasPrefix("match.") }
        if isWhole {
            try store.write { store in
                // Unless another run has brought in more meanwhile.
                if try store.setting(.accountsChangedBy) == changedBy {
                    try store.setSetting(.accountsChangedBy, "")
                }
            }
        }
        return result
    }

    /// Replays streams one after another; one that another run holds is passed over, and the whole is then not whole.
    private func replay(
        _ streams: [SyncStream], where isWanted: (QuarantinedRecord) -> Bool
    ) throws -> (result: ReplayResult, isWhole: Bool, locked: HearthError?) {
        var result = ReplayResult()
        var isWhole = true
        var locked: HearthError?
        for stream in streams {
            do {
                let (report, replayed) = try engine.replay(stream, where: isWanted)
                result += replayed
                isWhole = isWhole && report.state == .success
            } catch let error as HearthError where error.code == .runLocked {
                isWhole = false
                locked = locked ?? error
            }
        }
        return (result, isWhole, locked)
    }
}

/// How a sync went.
package struct SyncOutcome: Sendable {
    package var reports: [RunReport] = []
    package var replayed = ReplayResult()
    /// Account views rebuilt.
    package var views: Int64 = 0
    /// Streams that were not begun because the sync was stopped.
    package var notRun: [StreamName] = []
    /// Streams of which records are held, and that the configuration does not name, or that have no mapping file.
    package var unread: [String] = []
    /// Whether it was stopped on request before everything was done.
    package var isCancelled = false
    package init() {}

    package var hasFailed: Bool { reports.contains { $0.state != .success } }
    package var quarantined: Int64 {
        reports.reduce(0) { $0 + $1.counts.quarantined + ($1.remapped?.quarantined ?? 0) }
    }
}

/// What a sync would do.
package struct PlanOutcome: Sendable {
    package var reports: [RunReport] = []
    package var replayed = ReplayResult()
}

/// What a sync reports while it works.
package enum SyncEvent: Sendable {
    case began(StreamName)
    case progress(SyncProgress)
    case ended(RunReport)
    case views(built: Int64, of: Int64)
}
