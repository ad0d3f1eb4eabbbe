import HeatModel
import Mapping
import Records
import Store

/// Takes one run's batches into the store, a transaction each: match, compare, write, count.
struct BatchCommitter {
    let stream: StreamID
    let streamName: StreamName
    let run: RunID
    let entity: EntityKind
    let policy: VanishPolicy
    /// Everything is read again, also what an earlier run has committed of a file.
    let rereads: Bool
    let clock: @Sendable () -> Instant
    /// Whether what becomes true is told: of runs made again it has been.
    let tells: Bool

    var books: RunBooks

    /// Whether only the key distinguishes rows of one text.
    let namesPositions: Bool
    var matcher: Matcher
    var seen = SeenRecords()
    /// Records of which the origin has a row that was refused.
    var broken = SeenRecords()
    var origin: (id: OriginID, key: Origin)?
    /// Of a file that an earlier run did not reach the end of: what it has committed.
    var skipsThrough: Int64?
    /// Where the row being taken again from quarantine stands, as it was noted when it was first met.
    var knownPlace: String?
    /// Whether the row being taken again contradicts one that was taken from the same reading.
    var isContested = false
    /// What distinguishes the row being taken again from others of the same text in quarantine.
    var knownPosition: [UInt8]?
    /// The record that is being mapped again.
    var held: RecordID?
    /// How many rows of one text, all with money, the origin has brought that were set aside: each of them is an entry of its own.
    var setAside: [ContentHash: Int] = [:]
    var defectsOfOrigin: [[UInt8]] = []
    /// Whether the origin has a row that may be that of any record.
    var hidesKeys = false
    /// Records that the origin has brought.
    var newOfOrigin: Int64 = 0
    static let contradiction = "record.duplicateKey"
    static let equalRow = "record.equalRow"
    /// Keys with an open quarantine entry; nil where there are so many that each record is looked up in the store.
    var quarantinedKeys: Set<[UInt8]>?
    var expectsNew = true
    /// What was pulled is the same and the mapping is not: only the canonical bodies tell whether anything changed.
    var comparesBodies = false
    /// Accounts whose records this transaction changes, and how.
    var touched: [Int64: RecordChangeKinds] = [:]
    private var lastTouched: (account: Int64, kinds: RecordChangeKinds)?
    /// Changes of records that wait to be applied together.
    var pending = PendingChanges()
    /// Empty, with the memory of a batch that was applied.
    var spare = PendingChanges()
    /// Keys that the window being taken has met.
    var keysOfWindow = KeyHashes()
    /// Whether this run has noted that accounts came in: once is enough.
    var accountsChanged = false
    /// Called for each change while a run is only planned.
    var onChange: ((PlannedChange) -> Void)?

    init(
        stream: StreamID, name: StreamName, run: RunID, file: MappingFile, policy: VanishPolicy, rereads: Bool = false,
        quarantinedKeys: Set<[UInt8]>?, clock: @escaping @Sendable () -> Instant, tells: Bool
    ) {
        self.clock = clock
        self.tells = tells
        self.stream = stream
        self.streamName = name
        self.run = run
        self.entity = file.entity
        self.policy = policy
        self.rereads = rereads
        self.namesPositions = file.keyNamesPosition
        self.matcher = Matcher(file)
        self.quarantinedKeys = quarantinedKeys
        books = RunBooks(entity: file.entity)
    }

    /// One transaction's work. Where it throws, the transaction must be rolled back and the committer dropped.
    mutating func commit(_ batch: consuming MappedBatch, to store: some StoreWriter) throws {
        beginTransaction()
        try begin(batch, store)
        guard let origin else { return }
        books.notePulled(batch.canonical.totals)
        if let skipsThrough { try skip(&batch, through: skipsThrough, store) }
        books.counts.read += Int64(batch.readRows)

        try batch.canonical.bytes.withUnsafeBytes { bytes in
            // In the order of the source: what is stated of a key later is its later state.
            var rejects = batch.canonical.rejects[...]
            try take(batch.canonical.records, in: bytes, origin: origin.id, store) { committer, record in
                while let reject = rejects.first, reject.ordinal < record.ordinal {
                    try committer.refuse(reject, of: batch.origin, in: bytes, origin: origin.id, store)
                    rejects.removeFirst()
                }
            }
            for reject in rejects { try refuse(reject, of: batch.origin, in: bytes, origin: origin.id, store) }
        }
        for defect in batch.defects { try refuse(defect, origin: origin.id, store) }

        if let last = batch.lastOrdinal { try store.noteProgress(of: origin.id, ordinal: last) }
        if batch.endsOrigin { try end(batch, store) }
        try touchAccounts(store)
        try books.flush(stream: stream, to: store)
        if let cursor = batch.cursor { try store.setCursor(stream: stream, run: run, cursor: cursor.text) }
        try store.noteCounts(run: run, books.counts, cursorAfter: batch.cursor?.text)
    }

    /// To be called where a transaction begins that takes rows by ``retake(_:of:origin:to:)`` or ``retake(_:_:isContested:to:)``.
    mutating func beginTransaction() { matcher.forgetStatements() }

    /// Takes a row of the quarantine again. Returns whether it was refused.
    mutating func retake(
        _ batch: consuming MappedBatch, _ entry: QuarantinedRecord, isContested: Bool, to store: some StoreWriter
    ) throws -> Bool {
        knownPlace = entry.place
        knownPosition = entry.position
        self.isContested = isContested
        defer {
            knownPlace = nil
            knownPosition = nil
            self.isContested = false
        }
        return try retake(batch, origin: entry.origin, to: store)
    }

    /// Takes a record of the store again, mapped in another way than before.
    mutating func retake(
        _ batch: consuming MappedBatch, of record: StoredRecord, to store: some StoreWriter
    ) throws {
        held = record.id
        defer { held = nil }
        _ = try retake(batch, origin: record.origin, to: store)
    }

    /// Takes rows that are in the store already: their origin stays what it was. Returns whether anything of the batch was refused.
    private mutating func retake(
        _ batch: consuming MappedBatch, origin id: OriginID, to store: some StoreWriter
    ) throws -> Bool {
        let refusedBefore = books.counts.quarantined
        origin = (id, batch.origin)
        books.notePulled(batch.canonical.totals)
        books.counts.read += Int64(batch.readRows)
        try batch.canonical.bytes.withUnsafeBytes { bytes in
            try take(batch.canonical.records, in: bytes, origin: id, store)
            for reject in batch.canonical.rejects { try refuse(reject, of: batch.origin, in: bytes, origin: id, store) }
        }
        try finish(store)
        origin = nil
        return books.counts.quarantined > refusedBefore
    }

    /// Ends a transaction that read nothing from the source.
    mutating func finish(_ store: some StoreWriter) throws {
        try touchAccounts(store)
        try books.flush(stream: stream, to: store)
        try store.noteCounts(run: run, books.counts, cursorAfter: nil)
    }

    /// Notes what becomes of a record of the account.
    mutating func note(_ account: AccountID, _ kinds: RecordChangeKinds) {
        // Rows of one account tend to come together.
        if let lastTouched, lastTouched == (account.number, kinds) { return }
        lastTouched = (account.number, kinds)
        touched[account.number, default: []].formUnion(kinds)
    }

    private mutating func touchAccounts(_ store: some StoreWriter) throws {
        let accounts = touched.map { TouchedRecords(account: AccountID($0.key), kinds: $0.value) }
        try store.touch(accounts.sorted { $0.account < $1.account }, entity: entity, run: run)
        touched.removeAll(keepingCapacity: true)
        lastTouched = nil
    }
}
