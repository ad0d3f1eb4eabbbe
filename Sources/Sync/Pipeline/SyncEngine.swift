package import Archive
import Events
import Foundation
package import HeatModel
package import Mapping
package import Records
package import Store

/// Runs streams: pull → map → match → commit, each stage on a thread of its own, with the store's transactions as the only
/// thing that lasts.
package struct SyncEngine: Sendable {
    package struct Options: Sendable {
        package var mode: PullRequest.Mode
        package var limit: Int?
        package var policy: VanishPolicy
        /// Most rows in a batch, which is a transaction; nil for what suits the run.
        package var batchRows: Int?
        /// What tells the rows of the one account that is read from others.
        var accountKeys: [String] = []

        package init(
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
    var isCancelled: @Sendable () -> Bool
    /// Keeps what is pulled, where it is to be kept.
    let archive: Archive?
    /// Where the runs are made again of, in a rebuild.
    let replayed: Archive?

    package init(
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
    /// - Throws: `run.locked` where another run holds the stream. A run that another one took the stream from while it was paused is
    ///   reported as interrupted, with `run.fenced`. Everything else that goes wrong is in the report, as the
    ///   run's record in the store has it; what was committed before stays.
    package func run(
        _ stream: SyncStream, options: Options = Options(), progress: (SyncProgress) -> Void = { _ in }
    ) throws -> RunReport {
        try withLease(stream) { lease in
            let id = lease.stream
            var options = options
            var remapped: RunCounts?
            if let report = try trimKeys(stream, lease) {
                if report.state != .success { return report }
                remapped = report.counts
            }
            if try store.read({ try mappingHasChanged(stream, id, $0) }) {
                let report = try remap(stream, lease)
                if report.state != .success { return report }
                remapped = (remapped ?? RunCounts()) + report.counts
            }
            if try store.read({ try $0.setting(SettingName.needsFullPull(stream.name)) ?? "" }) != "" {
                options.mode = .full
            }
            var report = try recorded(
                stream, lease, mode: options.mode.rawValue, policy: options.policy, options: options,
                onBegin: { try notePullBegins(stream, options.mode, $0, $1) },
                onSuccess: { if options.limit == nil { try notePullEnds(stream, options.mode, $0) } }
            ) { opening, committer, report in
                let started = ContinuousClock.now
                let expected = options.limit.map { Int64($0) } ?? expectedRows(stream, opening, options)
                report.pull = PullEnd(PullSummary(), limit: options.limit)
                var refused = RefusedSnapshots()
                try pump(stream, opening, options, end: { report.take($0, limit: options.limit) }) { batch in
                    let bytes = Int64(batch.canonical.bytes.count)
                    let origin = batch.origin.name
                    // Only what is committed was done.
                    var noted = report
                    let number = try refused.commit(batch, by: &committer) { batch, committer in
                        try commit(lease) { store in
                            try committer.commit(batch, to: store)
                            if noted.noteBatch(of: origin, committer.books.counts) {
                                try store.noteLog(run: opening.run, noted.log)
                            }
                        }
                    }
                    if number != nil { noted.log = report.log }
                    report = noted
                    if let number {
                        report.note(.warning, "batch \(number) refused with its snapshot, \(origin)")
                        // It is one of the run's batches, and a rebuild leaves it out.
                        try opening.tape?.note(refused: number)
                        try commit(lease) {
                            try $0.noteCounts(run: opening.run, committer.books.counts, cursorAfter: nil)
                        }
                    }
                    // Only what is committed counts: a batch that fails is rolled back.
                    report.take(committer.books)
                    report.mappedBytes += bytes
                    progress(
                        SyncProgress(
                            stream: stream.name, counts: committer.books.counts, expectedRows: expected,
                            elapsed: .now - started))
                }
                try refused.check()
                try tellOutagesDue(stream, lease)
                try store.read { try report.noticeBooks(committer.books, opening.stream, options.policy, $0) }
            }
            report.remapped = remapped
            return report
        }
    }

    /// Outages that were announced begin by the clock: the stream has just been read, and says nothing else of them.
    private func tellOutagesDue(_ stream: SyncStream, _ lease: Lease) throws {
        guard stream.mapping.entity == .outage else { return }
        let now = clock()
        guard try store.read({ try OutageEvents.isAnyDue(stream: lease.stream, in: $0, at: now) }) else { return }
        try commit(lease) { try OutageEvents.noteDue(stream: lease.stream, in: $0, at: now) }
    }

    /// Tries open quarantined records of one stream again, in a run of their own: those that `isWanted`, in the order in which the
    /// source stated them last, so that of two versions of a key the newer one stays.
    package func replay(
        _ stream: SyncStream, where isWanted: (QuarantinedRecord) -> Bool
    ) throws -> (report: RunReport, result: ReplayResult) {
        var result = ReplayResult()
        let report = try withLease(stream) { lease in
            let entries = try store.read { try $0.openQuarantineIDs(stream: lease.stream) }
            return try recorded(
                stream, lease, mode: "replay", onBegin: { try noteReplayBegins(stream, lease.stream, $1) }
            ) {
                opening, committer, report in
                result = try QuarantineReplay(stream: stream).run(
                    entries, of: opening, committer: &committer, where: isWanted,
                    transaction: { work in try commit(lease) { try work($0) } }
                ) {
                    report.take($0)
                    if isCancelled() { throw Self.cancelled(stream.name) }
                }
            }
        }
        return (report, result)
    }

    private func remap(_ stream: SyncStream, _ lease: Lease) throws -> RunReport {
        var unreachable: Int64 = 0
        return try recorded(
            stream, lease, mode: "remap",
            onBegin: { try $1.setSetting(SettingName.mapping(of: stream.name), SettingName.mixed) },
            onSuccess: { try noteRemapEnds(stream, unreachable, $0) }
        ) { _, committer, report in
            let result = try Remap(stream: stream, id: lease.stream).run(
                committer: &committer, isCancelled: isCancelled
            ) {
                work in
                try commit(lease) { try work($0) }
            }
            report.take(committer.books)
            unreachable = result.unreachable
            if let notice = result.notice { report.pull.add(notice) }
            if isCancelled() { throw Self.cancelled(stream.name) }
        }
    }

    /// Nil where there was nothing to do.
    private func trimKeys(_ stream: SyncStream, _ lease: Lease) throws -> RunReport? {
        let name = SettingName.keysTrimmed(stream.name)
        if try store.read({ try $0.setting(name) }) != nil { return nil }
        let trim = KeyTrim(stream: stream, id: lease.stream)
        let records = try store.read { try trim.records($0) }
        if records.isEmpty {
            try commit(lease) { try $0.setSetting(name, stream.name.description) }
            return nil
        }
        return try recorded(
            stream, lease, mode: "remap", onBegin: { _, _ in },
            onSuccess: { try $0.setSetting(name, stream.name.description) }
        ) { _, committer, report in
            try trim.run(records, committer: &committer, isCancelled: isCancelled) { work in
                try commit(lease) { try work($0) }
            }
            report.take(committer.books)
            if isCancelled() { throw Self.cancelled(stream.name) }
        }
    }

    /// Known where everything is read: what the store holds, or what the source estimates.
    private func expectedRows(_ stream: SyncStream, _ opening: Opening, _ options: Options) -> Int64? {
        guard options.mode == .full || opening.state.cursor == nil else { return nil }
        return opening.state.records > 0 ? opening.state.records : stream.estimatedRows
    }

    static func cancelled(_ stream: StreamName) -> HearthError {
        HearthError(
            .runCancelled, "stopped on request at a batch boundary", at: .address(stream.description),
            advice: "run sync again to carry on from there")
    }
}

/// A stream with all that a run of it needs.
package struct SyncStream: Sendable {
    package var name: StreamName
    package var connector: any Connector
    package var mapping: MappingFile
    /// IANA zone of dates with a time but no offset.
    package var zone: String
    /// The source's own estimate, for the progress display.
    package var estimatedRows: Int64?

    package init(
        name: StreamName, connector: any Connector, mapping: MappingFile, zone: String, estimatedRows: Int64? = nil
    ) {
        self.name = name
        self.connector = connector
        self.mapping = mapping
        self.zone = zone
        self.estimatedRows = estimatedRows
    }
}
