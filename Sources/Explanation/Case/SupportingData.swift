package import AccountView
package import HeatModel
package import Store

/// What an explanation needs beyond the account view: the statistics of groups, the run of each record, what waits in
/// quarantine, how fresh the sources are. ``StoredSupportingData`` reads it from a store.
package protocol SupportingData {
    func statistics(_ level: CohortLevel, of house: PeerBuilding, kind: CohortKind) throws -> CohortStatistics?
    /// For the account's records: the run that brought one, and when it began; nil where that is not known.
    func provenances(of account: String) throws -> (AccountContext.Reference) -> (run: Int64, instant: Instant?)?
    /// How many records of this account's charges could not be taken over and wait.
    func waitingCharges(of account: String) throws -> Int
    /// When the last good run of each of these streams began; of others, too, where that is at hand.
    func lastSuccess(of streams: [String]) throws -> [String: Instant]
    /// The latest day up to `day` that the company's records know of; nil where that is not at hand.
    func latestDay(upTo day: CivilDate) throws -> CivilDate?
    /// Whether the statistics are of the present though the account is as of an earlier moment.
    var comparesWithPresent: Bool { get }
}

extension SupportingData {
    package var comparesWithPresent: Bool { false }
    package func latestDay(upTo day: CivilDate) throws -> CivilDate? { nil }

    /// How fresh streams are at `now`, in their order, on its clock.
    func freshness(of streams: [String], now: Instant, staleAfterHours: Int) throws -> [Explanation.Freshness] {
        let known = try lastSuccess(of: streams)
        return streams.sorted().map { stream in
            let at = known[stream].map { Instant(microseconds: $0.microseconds, offsetMinutes: now.offsetMinutes) }
            return .init(
                source: stream, at: at,
                isStale: Explanation.Freshness.isStale(at, now: now, staleAfterHours: staleAfterHours))
        }
    }
}

extension Explanation.Freshness {
    /// Whether what was last read with success at an instant is too old by then; what never was is.
    package static func isStale(_ at: Instant?, now: Instant, staleAfterHours: Int) -> Bool {
        at.map { $0.microseconds < now.microseconds - Int64(staleAfterHours) * 3_600_000_000 } ?? true
    }
}

/// A store, within one of its reads: its present, or where a moment is given the account's records and the freshness of the streams
/// as of then. Statistics of peers and what waits in quarantine are always of the present: their past is not kept.
package struct StoredSupportingData: SupportingData {
    let store: any StoreReader
    let memory: SupportingDataCache
    let moment: Moment?
    /// The ``RecordRuns`` of the account, where they are at hand; they outlive the question.
    let runs: UnsafeRawBufferPointer?

    package init(
        _ store: any StoreReader, memory: SupportingDataCache, at moment: Moment? = nil,
        runs: UnsafeRawBufferPointer? = nil
    ) {
        self.store = store
        self.memory = memory
        self.moment = moment
        self.runs = runs
    }

    package func statistics(_ level: CohortLevel, of house: PeerBuilding, kind: CohortKind) throws -> CohortStatistics?
    {
        guard let place = house.place(level), let body = try store.cohort(level, place, kind: kind.number) else {
            return nil
        }
        return CohortStatistics(encoded: body)
    }

    package func provenances(of account: String) throws -> (AccountContext.Reference) -> (
        run: Int64, instant: Instant?
    )? {
        var found: [AccountContext.Reference: (run: Int64, instant: Instant?)] = [:]
        // Neighbours are of one stream, and mostly of one run.
        var stream: (id: StreamID, name: String?)?
        var begun: (run: RunID, at: Instant?)?
        func note(_ id: StreamID, _ key: UnsafeRawBufferPointer, _ run: RunID) throws {
            if stream?.id != id { stream = (id, try memory.name(of: id, store)) }
            if begun?.run != run { begun = (run, try memory.start(of: run, store)) }
            guard let name = stream?.name else { return }
            found[.init(source: name, key: String(decoding: key, as: UTF8.self))] = (run.number, begun?.at)
        }
        var account = account
        try account.withUTF8 { number in
            let number = UnsafeRawBufferPointer(number)
            if let moment {
                guard let id = try store.account(number: number, at: moment) else { return }
                for record in try store.records(of: id, at: moment) {
                    let source = record.provenance
                    found[.init(source: "\(source.source).\(source.stream)", key: source.key)] = (
                        source.run, try memory.start(of: RunID(source.run), store)
                    )
                }
            } else if let runs {
                try RecordRuns.forEach(in: runs, note)
            } else if let id = try store.account(number: number) {
                try store.forEachRun(ofRecordsOf: id, note)
            }
        }
        return { found[$0] }
    }

    package func waitingCharges(of account: String) throws -> Int {
        try store.waitingRecords(of: .charge, naming: account)
    }

    package func lastSuccess(of streams: [String]) throws -> [String: Instant] {
        try moment.map { try store.lastSuccesses(at: $0) } ?? memory.lastSuccess(store)
    }

    package func latestDay(upTo day: CivilDate) throws -> CivilDate? { try memory.latestDay(upTo: day, store) }

    package var comparesWithPresent: Bool { moment != nil }
}
