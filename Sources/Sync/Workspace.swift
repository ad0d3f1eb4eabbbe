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
    private let isCancelled: @Sendable () -> Bool

    public init(
        configuration: HearthConfiguration, mappings: MappingSet, store: any Store,
        clock: @escaping @Sendable () -> Instant = { Instant.now }, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        self.configuration = configuration
        self.mappings = mappings
        self.store = store
        self.engine = SyncEngine(store: store, clock: clock, isCancelled: isCancelled)
        self.isCancelled = isCancelled
    }

    public struct SyncOutcome: Sendable {
        public var reports: [RunReport] = []
        public var replayed = ReplayResult()
        /// Account views rebuilt.
        public var views: Int64 = 0
        public init() {}

        public var hasFailed: Bool { reports.contains { $0.state != .success } }
        public var quarantined: Int64 { reports.reduce(0) { $0 + $1.counts.quarantined } }
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
    public func sync(
        _ selection: [String] = [], mode: PullRequest.Mode = .incremental, limit: Int? = nil, allowsDeletes: Bool = false,
        batchRows: Int? = nil, report tell: (Event) -> Void = { _ in }
    ) throws -> SyncOutcome {
        var outcome = SyncOutcome()
        var options = SyncEngine.Options(mode: mode, limit: limit, policy: configuration.policy)
        if let batchRows { options.batchRows = batchRows }
        options.policy.allowsAll = allowsDeletes
        var accountsChanged = false
        for stream in try configuration.streams(selection, mappings: mappings) {
            if isCancelled() { break }
            tell(.began(stream.name))
            let report = try engine.run(stream, options: options) { tell(.progress($0)) }
            tell(.ended(report))
            outcome.reports.append(report)
            // What the old mapping could not read, the new one may.
            if report.isRemapped { outcome.replayed += try replay([stream.name.description]) { _ in true } }
            if stream.mapping.introducesAccounts || stream.mapping.registersSystem != nil {
                accountsChanged = accountsChanged || report.counts.new + report.counts.changed > 0
            }
        }
        if accountsChanged { outcome.replayed += try replayUnmatched() }
        outcome.views = try refreshViews { tell(.views(built: $0, of: $1)) }
        return outcome
    }

    /// Rebuilds the views of touched accounts.
    public func refreshViews(progress: (Int64, Int64) -> Void = { _, _ in }) throws -> Int64 {
        try ViewRefresh(store: store, unified: mappings.unified).run(isCancelled: isCancelled, progress: progress)
    }

    /// Tries every open entry again whose account was not found.
    private func replayUnmatched() throws -> ReplayResult {
        let waiting = Set(try store.read { try $0.quarantineCounts() }.filter { $0.code.hasPrefix("match.") }.map(\.stream))
        return try replay(waiting) { $0.code.hasPrefix("match.") }
    }

    /// Tries quarantined records again: those named, or all open ones of the selected streams.
    public func replay(_ selection: [String], ids: [QuarantineID]) throws -> ReplayResult {
        let wanted = Set(ids)
        let open = Set(try store.read { try $0.quarantineCounts() }.map(\.stream))
        let streams = try configuration.streams(selection, mappings: mappings).map(\.name.description)
        let result = try replay(open.intersection(streams)) { wanted.isEmpty || wanted.contains($0.id) }
        _ = try refreshViews()
        return result
    }

    private func replay(_ streams: Set<String>, where isWanted: (QuarantinedRecord) -> Bool) throws -> ReplayResult {
        var result = ReplayResult()
        for stream in try configuration.streams([], mappings: mappings) where streams.contains(stream.name.description) {
            result += try engine.replay(stream, where: isWanted).result
        }
        return result
    }
}

extension Instant {
    /// The present, in the offset of the machine's zone.
    public static var now: Instant {
        let date = Date()
        let offset = TimeZone.current.secondsFromGMT(for: date) / 60
        return Instant(microseconds: Int64((date.timeIntervalSince1970 * 1_000_000).rounded()), offsetMinutes: Int16(offset))
    }
}
