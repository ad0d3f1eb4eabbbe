public import HeatModel

/// The first 16 bytes of the SHA-256 of a record as pulled.
@frozen
public struct ContentHash: Hashable, Sendable {
    public var high: UInt64
    public var low: UInt64

    @inlinable
    public init(_ high: UInt64, _ low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// How a record was linked to its account; the order is the order in which the rules are tried.
public enum LinkRule: Int, Sendable, CaseIterable {
    /// The record is of no account (a heating season).
    case none = 0
    case accountNumber = 1
    case crosswalk = 2
    case place = 3
    /// The record is of a stream that brings accounts in: its number is the account.
    case introduced = 4
    /// A person has said so, of accounts that the rules left open.
    case decided = 5

    public var name: String {
        switch self {
        case .none: "none"
        case .accountNumber: "accountNumber"
        case .crosswalk: "crosswalk"
        case .place: "place"
        case .introduced: "introduced"
        case .decided: "decided"
        }
    }
}

/// A version of a record about to be stored. The buffers live as long as the call that takes them.
@frozen
public struct IncomingRecord {
    public var stream: StreamID
    public var key: UnsafeRawBufferPointer
    public var account: AccountID?
    public var rule: LinkRule
    public var hash: ContentHash
    /// Canonical JSON.
    public var body: UnsafeRawBufferPointer
    /// The columns as pulled.
    public var raw: UnsafeRawBufferPointer
    public var run: RunID
    public var origin: OriginID
    public var ordinal: Int64
    public var isVoided: Bool
    /// What the version says of its account beside its facts, in place of what the version before said; nil leaves that as it is.
    public var statement: IncomingStatement?

    @inlinable
    public init(
        stream: StreamID, key: UnsafeRawBufferPointer, account: AccountID?, rule: LinkRule, hash: ContentHash,
        body: UnsafeRawBufferPointer, raw: UnsafeRawBufferPointer, run: RunID, origin: OriginID, ordinal: Int64,
        isVoided: Bool, statement: IncomingStatement? = nil
    ) {
        self.statement = statement
        self.stream = stream
        self.key = key
        self.account = account
        self.rule = rule
        self.hash = hash
        self.body = body
        self.raw = raw
        self.run = run
        self.origin = origin
        self.ordinal = ordinal
        self.isVoided = isVoided
    }
}

/// What is known of a record before its next version is decided on.
public struct CurrentRecord: Sendable {
    public var id: RecordID
    public var hash: ContentHash
    public var account: AccountID?
    /// The run that committed this version.
    public var run: RunID

    public init(id: RecordID, hash: ContentHash, account: AccountID?, run: RunID) {
        self.id = id
        self.hash = hash
        self.account = account
        self.run = run
    }
}

/// Why a version ended.
public enum EndReason: String, Sendable {
    case changed
    /// The key is no longer in a complete snapshot of its stream.
    case vanished
    /// Its row no longer says whose it is: it waits in quarantine, and no account shows it meanwhile.
    case unlinked
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

/// What a version about to be stored says of its account. The buffer lives as long as the call that takes it.
///
/// An object, because few records have one: a record without it stays a plain piece of memory.
public final class IncomingStatement {
    /// Nil for none.
    public let place: PlaceKey?
    /// Another system's id of the account; nil for none.
    public let foreignID: UnsafeRawBufferPointer?
    /// Whose id it is.
    public let system: String

    public init(place: PlaceKey?, foreignID: UnsafeRawBufferPointer?, system: String) {
        self.place = place
        self.foreignID = foreignID
        self.system = system
    }
}

/// A change of the current records, about to be applied.
public enum RecordChange {
    /// Stores a record unless its key is taken.
    case insert(IncomingRecord)
    /// Replaces a version, which goes to history with the run that ended it.
    case supersede(RecordID, with: IncomingRecord)
    /// Moves a version to history, and takes back what it states (``StatementWriter``).
    case end(RecordID, run: RunID, EndReason)

    /// The version that it brings.
    public var incoming: IncomingRecord? {
        switch self {
        case .insert(let record), .supersede(_, let record): record
        case .end: nil
        }
    }
}

/// What became of a ``RecordChange``.
public enum AppliedChange {
    case inserted(RecordID)
    /// Nothing changed: another record has the key.
    case keyTaken
    /// With the body that was replaced.
    case superseded(before: [UInt8])
    /// With the account and the body of the version that ended.
    case ended(account: AccountID?, body: [UInt8])
}

/// One version of one record, with where it came from.
public struct StoredRecord: Sendable {
    public var id: RecordID
    public var stream: String
    public var entity: EntityKind
    public var key: [UInt8]
    public var account: AccountID?
    public var rule: LinkRule
    public var isVoided: Bool
    public var body: [UInt8]
    public var raw: [UInt8]
    /// Names of the columns in `raw`.
    public var columns: [String]
    public var origin: OriginID
    public var provenance: Provenance
    /// The run that ended this version and why; nil while it is current.
    public var ended: (run: RunID, reason: EndReason)?

    public init(
        id: RecordID, stream: String, entity: EntityKind, key: [UInt8], account: AccountID?, rule: LinkRule,
        isVoided: Bool,
        body: [UInt8], raw: [UInt8], columns: [String], origin: OriginID, provenance: Provenance,
        ended: (run: RunID, reason: EndReason)?
    ) {
        self.id = id
        self.stream = stream
        self.entity = entity
        self.key = key
        self.account = account
        self.rule = rule
        self.isVoided = isVoided
        self.body = body
        self.raw = raw
        self.columns = columns
        self.origin = origin
        self.provenance = provenance
        self.ended = ended
    }
}

/// Records and their history.
public protocol RecordReader {
    /// What is known of the current records of these keys, in the same order; nil for a key that is free. One round trip for all.
    func lookUp(stream: StreamID, keys: [UnsafeRawBufferPointer]) throws -> [CurrentRecord?]
    /// One keyed read.
    func record(_ id: RecordID) throws -> StoredRecord?
    /// One keyed read.
    func record(stream: StreamID, key: UnsafeRawBufferPointer) throws -> StoredRecord?
    /// Current records of an account, by stream and key.
    func records(of account: AccountID) throws -> [StoredRecord]
    /// Current records of a stream with a number above `after`, in the order of their numbers, at most `limit`.
    func records(in stream: StreamID, after: RecordID?, limit: Int) throws -> [StoredRecord]
    /// Earlier versions of a record, newest first.
    func history(stream: StreamID, key: UnsafeRawBufferPointer) throws -> [StoredRecord]
    /// Current, not voided records of accounts, account by account in the order that is given, each one's by stream and key, without
    /// copying. One round trip for all of them.
    ///
    /// - Parameter body: is told the account's place in `accounts`. It must not use the store.
    func forEachRecord(of accounts: [AccountID], _ body: (_ account: Int, RecordSlice) -> Void) throws
    /// Every current record of a stream with its key, in the order of the keys. The buffer lives as long as the callback.
    func forEachRecord(in stream: StreamID, _ body: (RecordID, _ key: UnsafeRawBufferPointer) throws -> Void) throws
}

public protocol RecordWriter: RecordReader {
    /// Applies changes in their order, and returns what became of each, in the same order. A store may send them all at once: no
    /// round trip for each.
    ///
    /// - Throws: `store.failed` where a version that is to be replaced or ended is not there.
    func apply(_ changes: [RecordChange]) throws -> [AppliedChange]
}

extension RecordReader {
    /// Current, not voided records of an account by stream and key, without copying.
    public func forEachRecord(of account: AccountID, _ body: (RecordSlice) -> Void) throws {
        try forEachRecord(of: [account]) { body($1) }
    }

    /// What is known of one key's current record.
    public func current(stream: StreamID, key: UnsafeRawBufferPointer) throws -> CurrentRecord? {
        try lookUp(stream: stream, keys: [key])[0]
    }
}

extension RecordWriter {
    /// Stores one record unless its key is taken: nil then, and nothing changed.
    public func insert(_ record: IncomingRecord) throws -> RecordID? {
        guard case .inserted(let id) = try apply([.insert(record)])[0] else { return nil }
        return id
    }

    /// Replaces one version. Returns the body that it replaced.
    @discardableResult
    public func supersede(_ id: RecordID, with record: IncomingRecord) throws -> [UInt8] {
        guard case .superseded(let before) = try apply([.supersede(id, with: record)])[0] else { return [] }
        return before
    }

    /// Ends one version. Returns its account and body.
    public func end(_ id: RecordID, run: RunID, reason: EndReason) throws -> (account: AccountID?, body: [UInt8]) {
        guard case .ended(let account, let body) = try apply([.end(id, run: run, reason)])[0] else { return (nil, []) }
        return (account, body)
    }
}
