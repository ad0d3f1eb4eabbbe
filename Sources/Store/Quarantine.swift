public enum QuarantineState: String, Sendable, CaseIterable {
    /// Waiting for someone.
    case open
    /// Went through on a replay.
    case replayed
    /// A later pull brought a good version of the same key, or a complete snapshot no longer held the row.
    case resolved
    /// Put aside by a person.
    case discarded
}

/// A record that could not be taken over, with its raw text and why.
public struct QuarantinedRecord: Sendable {
    public var id: QuarantineID
    public var stream: String
    public var state: QuarantineState
    /// `record.badDecimal`, `match.unknownAccount` …
    public var code: String
    public var message: String
    /// Where it stands in the source.
    public var place: String
    public var column: String?
    public var key: [UInt8]?
    public var ordinal: Int64
    /// Account numbers that it could have meant.
    public var candidates: [String]
    /// Columns as pulled (see ``IncomingRecord/raw``), or, where `isSplit` is false, the record's bytes before splitting.
    public var raw: [UInt8]
    public var isSplit: Bool
    /// Names of the columns in `raw`.
    public var columns: [String]
    public var origin: OriginID
    /// Whether the origin is a table or a complete snapshot, in which two rows of one key contradict each other.
    public var hasUniqueKeys: Bool
    public var firstRun: RunID
    public var lastRun: RunID
    /// What a person said when it was discarded.
    public var note: String?
    /// As in ``IncomingQuarantine/position``.
    public var position: [UInt8]

    public init(
        id: QuarantineID, stream: String, state: QuarantineState, code: String, message: String, place: String,
        column: String?,
        key: [UInt8]?, ordinal: Int64, candidates: [String], raw: [UInt8], isSplit: Bool, columns: [String],
        origin: OriginID, firstRun: RunID, lastRun: RunID,
        note: String?, hasUniqueKeys: Bool = false, position: [UInt8] = []
    ) {
        self.id = id
        self.stream = stream
        self.state = state
        self.code = code
        self.message = message
        self.place = place
        self.column = column
        self.key = key
        self.ordinal = ordinal
        self.candidates = candidates
        self.raw = raw
        self.isSplit = isSplit
        self.columns = columns
        self.origin = origin
        self.firstRun = firstRun
        self.lastRun = lastRun
        self.note = note
        self.hasUniqueKeys = hasUniqueKeys
        self.position = position
    }
}

/// A rejection about to be stored.
public struct IncomingQuarantine {
    public var stream: StreamID
    public var run: RunID
    public var origin: OriginID
    public var code: String
    public var message: String
    public var place: String
    public var column: String?
    public var key: [UInt8]?
    public var ordinal: Int64
    public var candidates: [String]
    public var raw: [UInt8]
    public var isSplit: Bool
    /// What distinguishes the row from others of the same text: its key, where that names the row's place in its origin; else the how manieth
    /// of equal rows with money it is that were set aside, empty for the first.
    public var position: [UInt8]

    public init(
        stream: StreamID, run: RunID, origin: OriginID, code: String, message: String, place: String, column: String?,
        key: [UInt8]?, ordinal: Int64, candidates: [String], raw: [UInt8], isSplit: Bool, position: [UInt8] = []
    ) {
        self.stream = stream
        self.run = run
        self.origin = origin
        self.code = code
        self.message = message
        self.place = place
        self.column = column
        self.key = key
        self.ordinal = ordinal
        self.candidates = candidates
        self.raw = raw
        self.isSplit = isSplit
        self.position = position
    }
}

/// Rows that wait for a person, a better mapping or an account.
public protocol QuarantineReader {
    /// Entries with a number above `after`, in the order of their numbers, at most `limit`; nil asks for all of that kind.
    func quarantine(stream: StreamID?, state: QuarantineState?, code: String?, after: QuarantineID?, limit: Int) throws
        -> [QuarantinedRecord]
    /// One keyed read.
    func quarantined(_ id: QuarantineID) throws -> QuarantinedRecord?
    /// Open entries by stream and code, in that order. As long as the list of open entries is.
    func quarantineCounts() throws -> [(stream: String, code: String, count: Int64)]
    /// The stream's open entries in the order in which the source stated them last.
    func openQuarantineIDs(stream: StreamID) throws -> [QuarantineID]
    /// Why this raw row waits in quarantine, nil where it does not. One read of an index.
    func openQuarantineCode(stream: StreamID, raw: UnsafeRawBufferPointer) throws -> String?
    /// Keys of the stream's open entries, in no order; nil where there are more than `limit`.
    func openQuarantineKeys(stream: StreamID, limit: Int) throws -> Set<[UInt8]>?
}

public protocol QuarantineWriter: QuarantineReader {
    /// Stores a rejection, or, where the same raw record of the stream is already there, notes that it was seen again.
    func quarantine(_ record: IncomingQuarantine) throws
    /// Nothing happens where there is no such entry; `run` and `note` are left as they are where nil.
    func setQuarantineState(_ id: QuarantineID, _ state: QuarantineState, run: RunID?, note: String?) throws
    /// Marks open entries of this key as resolved, but for those that the source stated after the record `ordinal` of `origin`.
    func resolveQuarantine(
        stream: StreamID, key: UnsafeRawBufferPointer, run: RunID, through origin: OriginID, ordinal: Int64) throws
    /// Marks open entries that `origin`, a complete snapshot, did not state again.
    func resolveQuarantineUnseen(stream: StreamID, origin: OriginID, run: RunID) throws
}
