package import AccountView
package import Archive
import Audit
import Evidence
import HeatModel
package import Mapping
import Records
package import Store
import Synchronization

/// Builds a store from the archive alone: every archived run once more, with the mapping files of today, at the time and
/// with the number that it had.
///
/// No legacy system is asked. The views are those of the store that the runs were of, byte for byte, where the mapping files are
/// the same; where they were changed, the new store is what the old one would be had they always been so.
package struct Rebuild: Sendable {
    package struct Result: Sendable {
        package var runs = 0
        package var records: Int64 = 0
        package var quarantined: Int64 = 0
        package var views: Int64 = 0
        /// Runs that were mapped with other files than those of today.
        package var remapped = 0
    }

    private let archive: Archive
    private let streams: [SyncStream]
    private let mappings: MappingSet
    private let policy: VanishPolicy
    private let peers: PeerRules

    /// - Parameter streams: all that there are, in the order in which they need each other.
    package init(
        archive: Archive, streams: [SyncStream], mappings: MappingSet, policy: VanishPolicy, peers: PeerRules
    ) {
        self.archive = archive
        self.streams = streams
        self.mappings = mappings
        self.policy = policy
        self.peers = peers
    }

    /// What a store's runs are known by in the archive; nil where it has none.
    package static func stamp(of store: any Store) throws -> String? { try store.read { try ArchiveStamp.known($0) } }

    /// Fills an empty store.
    ///
    /// - Parameter origin: which store's runs (``stamp(of:)``); nil for those of the one that wrote last.
    /// - Throws: `archive.empty`, `archive.damaged`, `archive.missing`, `archive.mismatch`; `usage.storeNotEmpty`;
    ///   `run.failed` where a run that had succeeded does not now.
    package func run(
        into store: any Store, of origin: String? = nil, isCancelled: @escaping @Sendable () -> Bool = { false },
        progress: (_ run: Int, _ of: Int, _ stream: String) -> Void = { _, _, _ in }
    ) throws -> Result {
        guard try store.read({ try $0.runs(stream: nil, limit: 1) }).isEmpty else {
            throw HearthError(
                .usageStoreNotEmpty, "the store to build is not empty", at: .address("store"),
                advice: "name a file that is not there yet")
        }
        let runs = try runs(of: origin)
        guard let last = runs.last else {
            throw HearthError(
                .archiveEmpty, "the archive has no run", at: .file(archive.folder, line: 0, column: 0),
                advice: "`archive:` in the configuration says where it is")
        }
        let clock = Clock()
        let engine = SyncEngine(store: store, clock: { clock.now }, isCancelled: isCancelled, replayed: archive)
        // So that the chain finds the runs' journals.
        try store.write { try ArchiveStamp.set(last.store, in: $0) }
        var leftOut: [AuditTrail.Rebuilt.Journal] = []
        let named = Dictionary(uniqueKeysWithValues: streams.map { ($0.name.description, $0) })
        var result = Result()
        for (index, journal) in runs.enumerated() {
            if isCancelled() { throw HearthError(.runCancelled, "stopped on request") }
            // Only one run's journal is in memory, and only one object.
            let run = try ArchivedRun(journal)
            guard let stream = named[run.begin.stream] else {
                throw HearthError(
                    .configUnknownStream,
                    "the archive has runs of \(run.begin.stream), which is not configured",
                    at: .address(run.begin.stream), advice: "configure it again for the replay")
            }
            progress(index + 1, runs.count, run.begin.stream)
            if run.begin.mappingVersion != stream.mapping.version { result.remapped += 1 }
            clock.begin(run)
            try store.write { try $0.reserveRuns(through: RunID(run.begin.id - 1)) }
            try redo(run, stream, engine, clock, &result)
            if try store.read({ try $0.run(RunID(journal.run)) }) == nil {
                let head = try archive.head(of: journal.run, journal.store)
                leftOut.append(.init(run: journal.run, journal: head?.description))
            }
            result.runs += 1
        }
        try store.write { store in
            try AuditTrail.note(leftOut: leftOut, in: store)
            try store.reserveRuns(through: RunID(last.run))
        }
        if result.remapped > 0 { try replayUnmatched(engine, store) }
        result.views = try ViewRefresh(store: store, unified: mappings.unified).run(isCancelled: isCancelled)
        _ = try CohortRefresh(store: store, rules: peers).run(isCancelled: isCancelled)
        return result
    }

    /// The journals of one store's runs, by run; of the store that wrote last, where none is named.
    private func runs(of origin: String?) throws -> [Archive.Journal] {
        guard let store = try origin ?? archive.stores().last else { return [] }
        return try archive.journals(of: store)
    }

    /// Tries every entry again whose account was not found, where accounts came in.
    private func replayUnmatched(_ engine: SyncEngine, _ store: any Store) throws {
        guard try store.read({ try $0.setting(.accountsChangedBy) ?? "" }) != "" else { return }
        for stream in streams { _ = try engine.replay(stream) { $0.code.hasPrefix("match.") } }
        try store.write { try $0.setSetting(.accountsChangedBy, "") }
    }

    private func redo(
        _ run: ArchivedRun, _ stream: SyncStream, _ engine: SyncEngine, _ clock: Clock, _ result: inout Result
    ) throws {
        var stream = stream
        let report: RunReport
        switch run.begin.mode {
        case "remap":
            // All is mapped with the files of today from the start.
            return
        case "replay":
            report = try engine.replay(stream, where: { run.tried.contains($0.rawHash) }).report
        case PullRequest.Mode.account.rawValue:
            stream.connector = ReplayConnector(base: stream.connector, run: run, archive: archive) { clock.end(run) }
            report = try engine.runOfAccount(stream, keys: [])
        default:
            stream.connector = ReplayConnector(base: stream.connector, run: run, archive: archive) { clock.end(run) }
            var options = SyncEngine.Options(
                mode: PullRequest.Mode(rawValue: run.begin.mode) ?? .incremental, limit: run.begin.limit,
                policy: policy, batchRows: run.begin.batchRows)
            // What the store took then is known; no fuse has to guess.
            options.policy.allowsAll = true
            report = try engine.run(stream, options: options)
        }
        result.records += report.counts.read
        result.quarantined += report.counts.quarantined
        if let error = report.error {
            if error.code.area == "archive", error.code != .archiveBrokenOff { throw error }
            if run.end?.state == "success" { throw error }
        }
    }

    /// Shows a run's own time.
    private final class Clock: Sendable {
        private let instant = Mutex(Instant(microseconds: 0, offsetMinutes: 0))
        var now: Instant { instant.withLock { $0 } }

        func begin(_ run: ArchivedRun) { set(run.begin.startedAt) }
        func end(_ run: ArchivedRun) { if let end = run.end?.endedAt { set(end) } }

        private func set(_ text: String) {
            if let read = Instant(text) { instant.withLock { $0 = read } }
        }
    }
}
