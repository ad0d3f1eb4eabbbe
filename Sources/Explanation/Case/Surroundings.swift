public import AccountView
public import HeatModel
public import Store

/// What an explanation asks beyond the account view: the statistics of groups, who brought a record, what waits in quarantine, how
/// fresh the sources are. Of a store (``StoreSurroundings``), or of anything else that can answer.
public protocol Surroundings {
    func statistics(_ level: CohortLevel, of house: CohortHouse, kind: CohortKind) throws -> CohortStatistics?
    /// The run that brought the record, and when it began; nil where that is not known.
    func provenance(of record: AccountContext.Reference) throws -> (run: Int64, instant: Instant?)?
    /// How many records of this account's charges could not be taken over and wait.
    func waitingCharges(of account: String) throws -> Int
    /// When the last good run of each of these streams began.
    func lastSuccess(of streams: [String]) throws -> [String: Instant]
}

/// The present of a store, within one of its reads.
public struct StoreSurroundings: Surroundings {
    let store: any StoreReader
    let memory: SurroundingsMemory

    public init(_ store: any StoreReader, memory: SurroundingsMemory) {
        self.store = store
        self.memory = memory
    }

    public func statistics(_ level: CohortLevel, of house: CohortHouse, kind: CohortKind) throws -> CohortStatistics? {
        guard let place = house.place(level), let body = try store.cohort(level, place, kind: kind.number) else {
            return nil
        }
        return CohortStatistics(encoded: body)
    }

    public func provenance(of record: AccountContext.Reference) throws -> (run: Int64, instant: Instant?)? {
        guard let stream = try memory.stream(record.source, store) else { return nil }
        var key = record.key
        let run = try key.withUTF8 { try store.runOfRecord(stream: stream, key: UnsafeRawBufferPointer($0)) }
        guard let run else { return nil }
        return (run.number, try memory.start(of: run, store))
    }

    public func waitingCharges(of account: String) throws -> Int {
        try store.waitingRecords(of: .charge, naming: account)
    }

    public func lastSuccess(of streams: [String]) throws -> [String: Instant] {
        try memory.lastSuccess(store).filter { streams.contains($0.key) }
    }
}
