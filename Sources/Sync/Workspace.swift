public import Archive
import Foundation
public import HeatModel
public import Mapping
public import Records
public import Store

/// A configuration with its mappings and its store: what the command line and the gateway work on.
public struct Workspace: Sendable {
    public let configuration: HearthConfiguration
    public let mappings: MappingSet
    public let store: any Store
    public let engine: SyncEngine
    /// Where what is pulled is kept; nil where it is not.
    public let archive: Archive?
    private let isCancelled: @Sendable () -> Bool
    private let now: @Sendable () -> Instant

    public init(
        configuration: HearthConfiguration, mappings: MappingSet, store: any Store,
        clock: @escaping @Sendable () -> Instant = { Instant.now },
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        let archive = configuration.archive.map { Archive(folder: $0.folder, isSynced: $0.isSynced) }
        self.archive = archive
        self.configuration = configuration
        self.mappings = mappings
        self.store = store
        self.engine = SyncEngine(store: store, clock: clock, isCancelled: isCancelled, archive: archive)
        self.isCancelled = isCancelled
        now = clock
    }

    /// When an answer is given, on the company's clock: the moment asked about, else the present. Its local day is what "today"
    /// means, whatever zone the machine or whoever asks is in.
    public func instant(of moment: Moment?) -> Instant {
        configuration.local(moment?.microseconds ?? now().microseconds)
    }

    public struct SyncOutcome: Sendable {
        public var reports: [RunReport] = []
        public var replayed = ReplayResult()
        /// Account views rebuilt.
        public var views: Int64 = 0
        /// Streams that were not begun because the sync was stopped.
        public var notRun: [StreamName] = []
        /// Whether it was stopped on request before everything was done.
        public var isCancelled = false
        public init() {}

        public var hasFailed: Bool { reports.contains { $0.state != .success } }
        public var quarantined: Int64 {
            reports.reduce(0) { $0 + $1.counts.quarantined + ($1.remapped?.quarantined ?? 0) }
        }
    }

    /// What a sync tells while it works.
    public enum Event: Sendable {
        case began(StreamName)
        case progress(SyncProgress)
        case ended(RunReport)
        case views(built: Int64, of: Int64)
    }

    /// Runs the selected streams one after another and rebuilds the views of the accounts they touched. A stream that fails
    /// does not stop the others. Where accounts came in, records that waited for them in quarantine are tried again.
    ///
    /// - Throws: `run.locked`, after all other streams were run, where another run holds one of them; ``ConfigurationErrors``
    ///   before any is run, where a secret is missing that one of them needs.
    public func sync(
        _ selection: [String] = [], mode: PullRequest.Mode = .incremental, limit: Int? = nil,
        allowsDeletes: Bool = false,
        batchRows: Int? = nil, report tell: (Event) -> Void = { _ in }
    ) throws -> SyncOutcome {
        try configuration.requireSecrets(of: selection)
        try Restatement(store: store, mappings: mappings).run(isCancelled: isCancelled)
        var outcome = SyncOutcome()
        var options = SyncEngine.Options(mode: mode, limit: limit, policy: configuration.policy)
        if let batchRows { options.batchRows = batchRows }
        options.policy.allowsAll = allowsDeletes
        var locked: HearthError?
        for stream in try configuration.streams(selection, mappings: mappings) {
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
                if report.remapped != nil {
                    outcome.replayed += try replay([stream.name.description]) { _ in true }.result
                }
            } catch let error as HearthError where error.code.name == "run.locked" {
                locked = locked ?? error
            }
        }
        if !isCancelled() { outcome.replayed += try replayUnmatched() }
        outcome.views = try refreshViews { tell(.views(built: $0, of: $1)) }
        outcome.isCancelled = isCancelled()
        try noteLogHeads()
        try Retention(store: store, archive: archive, keptDays: configuration.archive?.keptDays).apply(at: now())
        if let locked { throw locked }
        return outcome
    }

    /// What a sync of the same selection would do, without doing it: the runs of all its streams in their order, each on what those
    /// before it leave, and the replays between and after them, in one transaction that is taken back.
    ///
    /// As long as it takes (the systems are asked as in a sync) nothing else can write: a sync that begins meanwhile waits half a
    /// minute and fails with `store.busy`. What would change is held in the store's write-ahead log, not in memory, and gone after it.
    ///
    /// - Throws: `run.locked` where a run is at work on one of the streams; `run.cancelled`; ``ConfigurationErrors`` where a secret is
    ///   missing that one of them needs.
    public func plan(
        _ selection: [String] = [], options: SyncEngine.Options = .init(),
        onChange: @escaping (StreamName, PlannedChange) -> Void = { _, _ in }
    ) throws -> PlanOutcome {
        try configuration.requireSecrets(of: selection)
        let all = try configuration.streams([], mappings: mappings)
        let selected = try configuration.streams(selection, mappings: mappings)
        return try engine.takenBack { store in
            var outcome = PlanOutcome()
            func replay(_ stream: SyncStream, where isWanted: (QuarantinedRecord) -> Bool) throws {
                outcome.replayed += try engine.plannedReplay(
                    stream, in: store, onChange: { onChange(stream.name, $0) }, where: isWanted)
            }
            for stream in selected {
                let report = try engine.planned(stream, options, in: store) { onChange(stream.name, $0) }
                outcome.reports.append(report)
                if report.remapped != nil { try replay(stream) { _ in true } }
            }
            if try store.setting(SettingName.accountsChangedBy) ?? "" != "" {
                let waiting = try waitingForAccounts(store)
                for stream in all where waiting.contains(stream.name.description) {
                    try replay(stream) { $0.code.hasPrefix("match.") }
                }
            }
            return outcome
        }
    }

    public struct PlanOutcome: Sendable {
        public var reports: [RunReport] = []
        public var replayed = ReplayResult()
    }

    private func waitingForAccounts(_ store: any StoreReader) throws -> Set<String> {
        Set(try store.quarantineCounts().filter { $0.code.hasPrefix("match.") }.map(\.stream))
    }

    /// Has the store's chain note where each access log stands that has grown: what a log says up to there cannot be taken away
    /// unseen.
    public func noteLogHeads() throws { try AuditTrail.noteLogs(configuration.logFolders, in: store) }

    /// Rebuilds the views of touched accounts.
    public func refreshViews(progress: (Int64, Int64) -> Void = { _, _ in }) throws -> Int64 {
        let views = try ViewRefresh(store: store, unified: mappings.unified).run(
            isCancelled: isCancelled, progress: progress)
        _ = try CohortRefresh(store: store, rules: configuration.peers).run(isCancelled: isCancelled)
        return views
    }

    /// Tries every open entry again whose account was not found, where accounts have come since that was last done. That they
    /// have is kept in the store, so that a process which ends in between leaves it to the next.
    private func replayUnmatched() throws -> ReplayResult {
        guard let changedBy = try store.read({ try $0.setting(SettingName.accountsChangedBy) }), !changedBy.isEmpty
        else {
            return ReplayResult()
        }
        let waiting = try store.read { try waitingForAccounts($0) }
        let (result, isWhole, _) = try replay(waiting) { $0.code.hasPrefix("match.") }
        if isWhole {
            try store.write { store in
                // Unless another run has brought in more meanwhile.
                if try store.setting(SettingName.accountsChangedBy) == changedBy {
                    try store.setSetting(SettingName.accountsChangedBy, "")
                }
            }
        }
        return result
    }

    /// The same for a store that is being built.
    static func replayUnmatched(_ engine: SyncEngine, _ streams: [SyncStream], _ store: any Store) throws
        -> ReplayResult
    {
        var result = ReplayResult()
        guard try store.read({ try $0.setting(SettingName.accountsChangedBy) ?? "" }) != "" else { return result }
        for stream in streams.sorted(by: { $0.name.description < $1.name.description }) {
            result += try engine.replay(stream) { $0.code.hasPrefix("match.") }.result
        }
        try store.write { try $0.setSetting(SettingName.accountsChangedBy, "") }
        return result
    }

    /// Tries quarantined records again: those named, or all open ones of the selected streams.
    public func replay(_ selection: [String], ids: [QuarantineID]) throws -> ReplayResult {
        try Restatement(store: store, mappings: mappings).run(isCancelled: isCancelled)
        let wanted = Set(ids)
        let open = Set(try store.read { try $0.quarantineCounts() }.map(\.stream))
        let selected = try configuration.streams(selection, mappings: mappings).map(\.name.description)
        let (result, _, locked) = try replay(open.intersection(selected)) { wanted.isEmpty || wanted.contains($0.id) }
        _ = try refreshViews()
        if let locked { throw locked }
        return result
    }

    /// Replays streams one after another; one that another run holds is passed over, and the whole is then not whole.
    private func replay(
        _ streams: Set<String>, where isWanted: (QuarantinedRecord) -> Bool
    ) throws -> (result: ReplayResult, isWhole: Bool, locked: HearthError?) {
        var result = ReplayResult()
        var isWhole = true
        var locked: HearthError?
        for stream in try configuration.streams([], mappings: mappings) where streams.contains(stream.name.description)
        {
            do {
                let (report, replayed) = try engine.replay(stream, where: isWanted)
                result += replayed
                isWhole = isWhole && report.state == .success
            } catch let error as HearthError where error.code.name == "run.locked" {
                isWhole = false
                locked = locked ?? error
            }
        }
        return (result, isWhole, locked)
    }
}

extension Instant {
    /// The present, in the offset of the machine's zone.
    public static var now: Instant {
        let date = Date()
        let offset = TimeZone.current.secondsFromGMT(for: date) / 60
        return Instant(
            microseconds: Int64((date.timeIntervalSince1970 * 1_000_000).rounded()), offsetMinutes: Int16(offset))
    }
}
