package import Actions
package import Archive
package import HeatModel
import Lineage
package import Mapping
package import Records
package import Store
package import Sync

/// A configuration with its mappings and its store: what the command line and the gateway work on.
package struct Workspace: Sendable {
    package let configuration: HearthConfiguration
    package let mappings: MappingSet
    package let store: any Store
    package let engine: SyncEngine
    /// Where what is pulled is kept; nil where it is not.
    package let archive: Archive?
    private let runner: SyncRunner
    private let accounts: AccountRefresh
    private let now: @Sendable () -> Instant

    package init(
        configuration: HearthConfiguration, mappings: MappingSet, store: any Store,
        clock: @escaping @Sendable () -> Instant = { Instant.now },
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        archive = configuration.archive.map { Archive(folder: $0.folder, isSynced: $0.isSynced) }
        self.configuration = configuration
        self.mappings = mappings
        self.store = store
        engine = SyncEngine(store: store, clock: clock, isCancelled: isCancelled, archive: archive)
        let streams = configuration.mappedStreams(mappings)
        accounts = AccountRefresh(engine, streams: streams, mappings: mappings)
        runner = SyncRunner(
            engine,
            .init(
                streams: streams, mappings: mappings, peers: configuration.peers,
                logFolders: configuration.logFolders, gateway: configuration.serve.name,
                keptChanges: configuration.keptChanges, keptEvents: configuration.keptEvents,
                archiveDays: configuration.archive?.keptDays))
        now = clock
    }

    /// When an answer is given, on the company's clock: the moment asked about, else the present. Its local day is what "today"
    /// means, whatever zone the machine or the caller is in.
    package func instant(of moment: Moment?) -> Instant {
        configuration.local(moment?.microseconds ?? now().microseconds)
    }

    /// Syncs the selected sources or streams; all of them if none is named. See ``SyncRunner/sync(_:_:report:)``.
    ///
    /// - Parameter untold: is given why those who are told of runs were not told of all, at the end; what was synced stands all the same.
    /// - Throws: ``ConfigurationErrors`` before any is run, where a name is unknown, a mapping file is missing, or a secret that one
    ///   of them needs.
    package func sync(
        _ selection: [String] = [], mode: PullRequest.Mode = .incremental, limit: Int? = nil,
        allowsDeletes: Bool = false, batchRows: Int? = nil, report tell: (SyncEvent) -> Void = { _ in },
        untold: (HearthError) -> Void = { _ in }
    ) throws -> SyncOutcome {
        var options = SyncEngine.Options(mode: mode, limit: limit, policy: configuration.policy, batchRows: batchRows)
        options.policy.allowsAll = allowsDeletes
        let streams = try askableStreams(selection)
        guard let lineage = configuration.lineage else { return try runner.sync(streams, options, report: tell) }
        let teller = LineageTeller(lineage, streams: streams, clock: now)
        defer {
            teller.end()
            if let problem = teller.problem { untold(problem) }
        }
        return try runner.sync(streams, options) { event in
            teller.note(event)
            tell(event)
        }
    }

    /// What a sync of the same selection would do, without doing it. See ``SyncRunner/plan(_:_:onChange:)``.
    ///
    /// - Throws: ``ConfigurationErrors`` as a sync.
    package func plan(
        _ selection: [String] = [], options: SyncEngine.Options = .init(),
        onChange: @escaping (StreamName, PlannedChange) -> Void = { _, _ in }
    ) throws -> PlanOutcome {
        try runner.plan(askableStreams(selection), options, onChange: onChange)
    }

    /// Reads one account's rows again, of the streams that bring these entities. See ``AccountRefresh/read(_:_:within:)``.
    package func readAgain(_ number: String, _ entities: Set<EntityKind>, within seconds: Int) -> [AccountReading] {
        accounts.read(number, entities, within: seconds)
    }

    /// Reads one account's rows of these entities again, all of them or none that counts.
    ///
    /// - Throws: why a stream could not be read (``AccountReading/Outcome``), or that none brings them.
    package func readAnew(_ number: String, _ entities: Set<EntityKind>) throws {
        if entities.isEmpty { return }
        let readings = readAgain(number, entities, within: 20)
        for reading in readings {
            guard case .held(let reason, _) = reading.outcome else { continue }
            throw HearthError(.init(reason), "the account's rows could not be read", at: .address(reading.stream))
        }
        if readings.isEmpty { throw AccountKey.missing("sources") }
    }

    /// Tries quarantined records again: those named, or all open ones of the selected streams.
    ///
    /// - Parameter code: only those that wait for this reason.
    package func replay(_ selection: [String], ids: [QuarantineID], code: String? = nil) throws -> ReplayResult {
        try runner.replay(configuration.streams(selection, mappings: mappings), ids: ids, code: code)
    }

    /// Keeps which account an entry of the quarantine is of, and tries it again. See ``MatchDecision/make(of:account:reason:by:in:)``.
    ///
    /// - Returns: whether the entry waits no longer.
    package func decide(
        _ entry: QuarantineID, isOf number: String, reason: String, by person: String
    ) throws -> Bool {
        try store.settledWrite {
            try MatchDecision.make(of: entry, account: number, reason: reason, by: person, in: $0)
        }
        func waiting() throws -> String? {
            try store.read { try $0.quarantined(entry).flatMap { $0.state == .open ? $0.stream : nil } }
        }
        guard let stream = try waiting() else { return true }
        _ = try replay([stream], ids: [entry])
        return try waiting() == nil
    }

    /// Rebuilds the views of touched accounts. Returns how many.
    package func refreshViews() throws -> Int64 { try runner.refreshViews() }

    /// The way into the systems that may be written.
    ///
    /// - Throws: ``ConfigurationErrors`` where a secret is missing, or not what its key takes.
    package func outbox() throws -> Outbox { Outbox(store: store, systems: try configuration.actionSystems()) }

    /// Has the store's chain note where each access log stands.
    package func noteLogHeads() throws { try runner.noteLogHeads() }

    /// What builds a store from the archive alone; nil where nothing is archived.
    ///
    /// - Throws: ``ConfigurationErrors`` where a mapping file is missing.
    package func rebuild() throws -> Rebuild? {
        try archive.map {
            Rebuild(
                archive: $0, streams: try configuration.streams([], mappings: mappings), mappings: mappings,
                policy: configuration.policy, peers: configuration.peers)
        }
    }

    /// The selected streams, whose sources have all the secrets that they need.
    private func askableStreams(_ selection: [String]) throws -> [SyncStream] {
        try configuration.requireSecrets(of: selection)
        return try configuration.streams(selection, mappings: mappings)
    }
}
