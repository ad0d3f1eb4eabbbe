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

    public var name: String {
        switch self {
        case .none: "none"
        case .accountNumber: "accountNumber"
        case .crosswalk: "crosswalk"
        case .place: "place"
        case .introduced: "introduced"
        }
    }
}

/// A version of a record about to be stored. The buffers live as long as the call that takes them.
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

    public init(
        stream: StreamID, key: UnsafeRawBufferPointer, account: AccountID?, rule: LinkRule, hash: ContentHash,
        body: UnsafeRawBufferPointer, raw: UnsafeRawBufferPointer, run: RunID, origin: OriginID, ordinal: Int64,
        isVoided: Bool
    ) {
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
    /// Its row no longer tells whose it is: it waits in quarantine, and no account shows it meanwhile.
    case unlinked
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
