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
    public var isOfUniqueKeys: Bool
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
        note: String?, isOfUniqueKeys: Bool = false, position: [UInt8] = []
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
        self.isOfUniqueKeys = isOfUniqueKeys
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
    /// What tells the row from others of the same text: its key, where that names the row's place in its origin; else the how manieth
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
