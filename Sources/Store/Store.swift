public import HeatModel

/// Where canonical records, their history and the account views live. Every call blocks its thread.
///
/// What a `write` does is one transaction: all of it is there afterwards, or, where the closure throws or the process dies,
/// none of it. Reads see the last committed state and are never held up by a write.
public protocol Store: Sendable {
    /// Runs `body` in one transaction.
    func write<Result>(_ body: (any StoreWriter) throws -> Result) throws -> Result

    /// Runs `body` on one consistent snapshot.
    func read<Result>(_ body: (any StoreReader) throws -> Result) throws -> Result

    /// Bytes on disk, in all.
    func size() throws -> Int64
}

/// The account view as it is served: JSON, UTF-8.
public struct StoredView: Sendable {
    public var account: AccountID
    public var body: [UInt8]

    public init(account: AccountID, body: [UInt8]) {
        self.account = account
        self.body = body
    }
}

/// A stored view in place: its buffers live as long as the call that hands it out.
public struct ViewSlice {
    public var body: UnsafeRawBufferPointer
    /// The ``RecordRuns`` of the records that it is made of; nil where the store does not keep them beside it.
    public var runs: UnsafeRawBufferPointer?

    public init(body: UnsafeRawBufferPointer, runs: UnsafeRawBufferPointer?) {
        self.body = body
        self.runs = runs
    }
}

/// An account whose view is no longer true.
public struct TouchedAccount: Sendable {
    public var account: AccountID
    /// Another one at each touch.
    public var touch: Int64

    public init(account: AccountID, touch: Int64) {
        self.account = account
        self.touch = touch
    }
}

/// A record as the view builder reads it. The buffers live as long as the callback.
public struct RecordSlice {
    public var stream: StreamID
    public var key: UnsafeRawBufferPointer
    public var body: UnsafeRawBufferPointer
    /// That brought this version, where records of an account are read as they are now; else nil.
    public var run: RunID?

    public init(
        stream: StreamID, key: UnsafeRawBufferPointer, body: UnsafeRawBufferPointer, run: RunID? = nil
    ) {
        self.run = run
        self.stream = stream
        self.key = key
        self.body = body
    }
}

/// A place within a community; what a source does not say is an empty text.
public struct PlaceKey: Hashable, Sendable {
    public var community: String
    public var building: String
    public var unit: String
    public var room: String

    public init(community: String, building: String, unit: String, room: String) {
        self.community = community
        self.building = building
        self.unit = unit
        self.room = room
    }
}

public protocol StoreReader: PastReader, ChainReader, ReconciliationReader, CohortReader, EvidenceReader,
    StatementReader
{
    func streams() throws -> [StoredStream]

    // Accounts
    func account(number: UnsafeRawBufferPointer) throws -> AccountID?
    func accountNumber(_ account: AccountID) throws -> String?
    func accountCount() throws -> Int64
    /// Accounts that current records know by another system's id, each once, in the order of their numbers. At most `limit`.
    func accounts(system: String, externalID: UnsafeRawBufferPointer, limit: Int) throws -> [AccountID]
    /// Accounts at a place, each once, in the order of their numbers; an empty unit matches any unit. At most `limit`.
    func accounts(at place: PlaceKey, limit: Int) throws -> [AccountID]
    /// Names of all communities that hold an account, in byte order.
    func communities() throws -> [String]
    func view(number: UnsafeRawBufferPointer) throws -> StoredView?

    // Records
    func current(stream: StreamID, key: UnsafeRawBufferPointer) throws -> CurrentRecord?
    func record(_ id: RecordID) throws -> StoredRecord?
    func record(stream: StreamID, key: UnsafeRawBufferPointer) throws -> StoredRecord?
    /// Current records of an account, by stream and key.
    func records(of account: AccountID) throws -> [StoredRecord]
    /// Current records of a stream with a number above `after`, in the order of their numbers, at most `limit`.
    func records(in stream: StreamID, after: RecordID?, limit: Int) throws -> [StoredRecord]
    /// Earlier versions of a record, newest first.
    func history(stream: StreamID, key: UnsafeRawBufferPointer) throws -> [StoredRecord]
    /// Current, not voided records of an account by stream and key, without copying.
    func forEachRecord(of account: AccountID, _ body: (RecordSlice) -> Void) throws
    /// Every current record of a stream with its key, in the order of the keys. The buffer lives as long as the callback.
    func forEachRecord(in stream: StreamID, _ body: (RecordID, _ key: UnsafeRawBufferPointer) throws -> Void) throws

    // Views to build
    func touchedAccounts(after: AccountID?, limit: Int) throws -> [TouchedAccount]
    func touchedCount() throws -> Int64

    // Runs and state
    func runs(stream: StreamID?, limit: Int) throws -> [Run]
    func run(_ id: RunID) throws -> Run?
    func state(stream: StreamID) throws -> SyncState
    /// Whether an origin with this digest was read to its end; one that states changes, where a run is named, by that or a later run.
    /// A snapshot needs no second reading: a full pull begins with the last one.
    func isKnownOrigin(stream: StreamID, digest: String, since: RunID?) throws -> Bool
    /// The snapshot with a content of its own that was begun last; nil where there is none.
    func lastSnapshot(stream: StreamID) throws -> SnapshotMark?
    /// How far the last reading of an origin with this digest was committed, where that reading did not reach the end.
    func unfinishedOrigin(stream: StreamID, digest: String) throws -> Int64?

    // Quarantine
    func quarantine(stream: StreamID?, state: QuarantineState?, code: String?, after: QuarantineID?, limit: Int) throws
        -> [QuarantinedRecord]
    func quarantined(_ id: QuarantineID) throws -> QuarantinedRecord?
    /// Open entries by stream and code, in that order.
    func quarantineCounts() throws -> [(stream: String, code: String, count: Int64)]
    /// The stream's open entries in the order in which the source stated them last.
    func openQuarantineIDs(stream: StreamID) throws -> [QuarantineID]
    /// Why this raw row waits in quarantine, nil where it does not.
    func openQuarantineCode(stream: StreamID, raw: UnsafeRawBufferPointer) throws -> String?
    /// Keys of the stream's open entries, in no order; nil where there are more than `limit`.
    func openQuarantineKeys(stream: StreamID, limit: Int) throws -> Set<[UInt8]>?

    /// A value kept under a name (which mappings the views were built with, …).
    func setting(_ name: String) throws -> String?
}

public protocol StoreWriter: StoreReader, PastWriter, CohortWriter, ChainWriter, StatementWriter {
    /// Runs `body` as a transaction within this one: where it throws, what it did is taken back, and what was done before stays.
    func nested<Result>(_ body: () throws -> Result) throws -> Result

    /// The stream's number; made on first sight.
    func stream(named name: String, entity: EntityKind) throws -> StreamID

    // Runs
    /// Takes the stream for its owner or throws `run.locked` where another living owner holds it. A run that its owner left
    /// without an end is marked interrupted.
    func takeLease(stream: StreamID, owner: LeaseOwner, isAlive: (LeaseOwner) -> Bool) throws
    func dropLease(stream: StreamID, owner: LeaseOwner) throws
    func beginRun(stream: StreamID, mode: String, mappingVersion: String, at: Instant) throws -> RunID
    func noteCounts(run: RunID, _ counts: RunCounts, cursorAfter: String?) throws
    /// Keeps what a run's pull said when it had ended.
    func notePull(run: RunID, _ end: PullEnd) throws
    func endRun(_ run: RunID, state: RunState, at: Instant, error: HearthError?, totals: [RunTotal]) throws
    /// Sets the cursor of the stream, and with it where the run leaves it.
    func setCursor(stream: StreamID, run: RunID, cursor: String?) throws
    /// Notes what records are read from; `columns` say how their raw text is to be split again.
    func beginOrigin(_ origin: IncomingOrigin) throws -> OriginID
    /// Everything up to this record of the origin is committed.
    func noteProgress(of origin: OriginID, ordinal: Int64) throws
    func endOrigin(_ origin: OriginID, digest: String?, byteCount: Int64?) throws
    /// Adds to the stream's running count of records and sums of money.
    func addTotals(stream: StreamID, records: Int64, sums: [(measure: String, count: Int64, sum: Int64)]) throws

    // Accounts
    func introduceAccount(number: UnsafeRawBufferPointer, run: RunID) throws -> AccountID

    // Records
    /// Stores a record unless its key is taken: nil then, and nothing changed.
    func insert(_ record: IncomingRecord) throws -> RecordID?
    /// Replaces a version, which goes to history with the run that ended it. Returns the body that it replaced.
    func supersede(_ id: RecordID, with record: IncomingRecord) throws -> [UInt8]
    /// Moves a version to history, and takes back what it states (``StatementWriter``). Returns its account and body.
    func end(_ id: RecordID, run: RunID, reason: EndReason) throws -> (account: AccountID?, body: [UInt8])
    func touch(_ account: AccountID) throws

    // Views
    /// - Parameter runs: which run brought each record that the view is made of (``RecordRuns``); nil where that is not known.
    func putView(_ account: AccountID, body: UnsafeRawBufferPointer, runs: UnsafeRawBufferPointer?) throws
    /// False, and nothing is done, where the account has been touched again or its view has been built already.
    func untouch(_ account: TouchedAccount) throws -> Bool
    func touchAllAccounts() throws

    // Quarantine
    /// Stores a rejection, or, where the same raw record of the stream is already there, notes that it was seen again.
    func quarantine(_ record: IncomingQuarantine) throws
    func setQuarantineState(_ id: QuarantineID, _ state: QuarantineState, run: RunID?, note: String?) throws
    /// Marks open entries of this key as resolved, but for those that the source stated after the record `ordinal` of `origin`.
    func resolveQuarantine(
        stream: StreamID, key: UnsafeRawBufferPointer, run: RunID, through origin: OriginID, ordinal: Int64) throws
    /// Marks open entries that `origin`, a complete snapshot, did not state again.
    func resolveQuarantineUnseen(stream: StreamID, origin: OriginID, run: RunID) throws

    func setSetting(_ name: String, _ value: String) throws
}
