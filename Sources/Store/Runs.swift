public import HeatModel
public import Records

/// A stream as the store knows it.
public struct StoredStream: Sendable, Hashable {
    public var id: StreamID
    /// `billing.charges`.
    public var name: String
    public var entity: EntityKind

    public init(id: StreamID, name: String, entity: EntityKind) {
        self.id = id
        self.name = name
        self.entity = entity
    }
}

/// A file, envelope or table about to be read.
public struct IncomingOrigin: Sendable {
    public var stream: StreamID
    public var run: RunID
    public var kind: String
    public var name: String
    public var digest: String?
    public var byteCount: Int64?
    public var isSnapshot: Bool
    /// Names of the raw columns.
    public var columns: [String]

    public init(
        stream: StreamID, run: RunID, kind: String, name: String, digest: String?, byteCount: Int64?, isSnapshot: Bool,
        columns: [String]
    ) {
        self.stream = stream
        self.run = run
        self.kind = kind
        self.name = name
        self.digest = digest
        self.byteCount = byteCount
        self.isSnapshot = isSnapshot
        self.columns = columns
    }
}

/// The books of a run. `read = new + changed + unchanged + duplicate + quarantined`, or the run fails.
public struct RunCounts: Hashable, Sendable, Codable {
    public var read: Int64 = 0
    public var new: Int64 = 0
    public var changed: Int64 = 0
    public var unchanged: Int64 = 0
    public var duplicate: Int64 = 0
    public var quarantined: Int64 = 0
    /// Records that a complete snapshot no longer held; they are not part of what was read.
    public var vanished: Int64 = 0

    public init() {}

    public var isBalanced: Bool { read == new + changed + unchanged + duplicate + quarantined }

    public static func + (left: RunCounts, right: RunCounts) -> RunCounts {
        var sum = left
        sum += right
        return sum
    }

    public static func += (left: inout RunCounts, right: RunCounts) {
        left.read += right.read
        left.new += right.new
        left.changed += right.changed
        left.unchanged += right.unchanged
        left.duplicate += right.duplicate
        left.quarantined += right.quarantined
        left.vanished += right.vanished
    }
}

/// Count and sum of one money field at one end of the pipe.
public struct RunTotal: Hashable, Sendable, Codable {
    public enum Side: String, Sendable, Codable {
        /// As mapped from what was pulled.
        case pulled
        /// As the store holds the whole stream at the end of the run.
        case stored
        /// In rows that were pulled and set aside, since an equal row of their key had come before: they are not stored a second time.
        case duplicate
    }

    public var side: Side
    /// JSON key of the field: `due_fen`.
    public var measure: String
    public var count: Int64
    public var sum: Fen

    public init(side: Side, measure: String, count: Int64, sum: Fen) {
        self.side = side
        self.measure = measure
        self.count = count
        self.sum = sum
    }
}

public enum RunState: String, Sendable, Codable {
    case running
    case success
    case failed
    /// Stopped on request at a batch boundary.
    case cancelled
    /// The process ended without reporting; what it had committed stands.
    case interrupted
}

public struct Run: Sendable {
    public var id: RunID
    public var stream: String
    public var mode: String
    public var state: RunState
    public var startedAt: Instant
    public var endedAt: Instant?
    public var mappingVersion: String
    public var counts: RunCounts
    public var totals: [RunTotal]
    public var errorCode: String?
    public var errorMessage: String?
    public var cursorBefore: String?
    public var cursorAfter: String?
    /// How often its books were written: for a pull, the batches that are committed.
    public var batches: Int64
    /// From when on what it committed counts as there, in every look at an earlier moment; nil while it is at work.
    public var settled: Moment?
    /// What its pull said when it had ended.
    public var pull: PullEnd
    /// What proves that the pull was complete.
    public var completeness: Completeness? { pull.completeness }

    public init(
        id: RunID, stream: String, mode: String, state: RunState, startedAt: Instant, endedAt: Instant?,
        mappingVersion: String,
        counts: RunCounts, totals: [RunTotal], errorCode: String?, errorMessage: String?, cursorBefore: String?,
        cursorAfter: String?, batches: Int64 = 0, settled: Moment? = nil, pull: PullEnd = .empty
    ) {
        self.pull = pull
        self.settled = settled
        self.batches = batches
        self.id = id
        self.stream = stream
        self.mode = mode
        self.state = state
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.mappingVersion = mappingVersion
        self.counts = counts
        self.totals = totals
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.cursorBefore = cursorBefore
        self.cursorAfter = cursorAfter
    }
}

/// What is kept of a stream from run to run.
public struct SyncState: Sendable {
    public var stream: String
    public var cursor: String?
    public var run: RunID?
    /// When the last successful run of the stream ended.
    public var succeededAt: Instant?
    /// The newest instant that the source itself stated of its data, in the last successful run that knew one.
    public var newestData: Instant?
    public var records: Int64
    public var totals: [RunTotal]

    public init(
        stream: String, cursor: String?, run: RunID?, succeededAt: Instant?, records: Int64, totals: [RunTotal],
        newestData: Instant? = nil
    ) {
        self.newestData = newestData
        self.stream = stream
        self.cursor = cursor
        self.run = run
        self.succeededAt = succeededAt
        self.records = records
        self.totals = totals
    }
}

/// How a stream was read for the first time.
public struct FirstPull: Sendable, Hashable {
    /// When its first run began.
    public var begunAt: Instant
    /// The first run that read it to its end; nil where none has yet.
    public var whole: RunID?

    public init(begunAt: Instant, whole: RunID?) {
        self.begunAt = begunAt
        self.whole = whole
    }
}

/// Streams, their runs and what is kept from run to run.
public protocol RunReader {
    /// By name. As many as are configured or ever were.
    func streams() throws -> [StoredStream]
    /// The newest first, at most `limit`. It costs what is returned, however many other runs there are.
    ///
    /// - Throws: `store.corrupt` where a run's record is not one that Hearth writes.
    func runs(_ which: RunChoice, limit: Int) throws -> [Run]
    /// One keyed read.
    ///
    /// - Throws: `store.corrupt`.
    func run(_ id: RunID) throws -> Run?
    /// What the run wrote down of itself; nil where nothing is kept, as of runs long ago. One keyed read.
    ///
    /// - Throws: `store.corrupt`.
    func log(of run: RunID) throws -> RunLog?
    /// - Throws: `store.failed` where there is no such stream.
    func state(stream: StreamID) throws -> SyncState
    /// How each stream was read first; streams that no run has asked are left out.
    ///
    /// - Throws: `store.corrupt` where a run's record is not one that Hearth writes.
    func firstPulls() throws -> [StreamID: FirstPull]
}

public protocol RunWriter: RunReader {
    /// The stream's number; made on first sight.
    func stream(named name: String, entity: EntityKind) throws -> StreamID
    /// A run at work, with a number above all before it.
    func beginRun(stream: StreamID, mode: String, mappingVersion: String, at: Instant) throws -> RunID
    /// Replaces the run's books, and counts that they were written. `cursorAfter` is left as it is where nil.
    func noteCounts(run: RunID, _ counts: RunCounts, cursorAfter: String?) throws
    /// Keeps what a run's pull said when it had ended.
    func notePull(run: RunID, _ end: PullEnd) throws
    /// Keeps what a run has written down of itself so far, in place of what was kept of it. That of a run which began
    /// ``RunLog/mostRuns`` before it is let go.
    func noteLog(run: RunID, _ log: RunLog) throws
    /// Ends the run: from now on what it committed belongs to the past.
    func endRun(_ run: RunID, state: RunState, at: Instant, error: HearthError?, totals: [RunTotal]) throws
    /// Sets the cursor of the stream, and with it where the run leaves it; what a run that has ended says stays.
    func setCursor(stream: StreamID, run: RunID, cursor: String?) throws
    /// Adds to the stream's running count of records and sums of money.
    func addTotals(stream: StreamID, records: Int64, sums: [(measure: String, count: Int64, sum: Int64)]) throws
}

/// What records were read from: files, envelopes, tables.
public protocol OriginReader {
    /// Whether an origin with this digest was read to its end; one that states changes, where a run is named, by that or a later run.
    /// A snapshot needs no second reading: a full pull begins with the last one.
    func isKnownOrigin(stream: StreamID, digest: String, since: RunID?) throws -> Bool
    /// The snapshot with a content of its own that was begun last; nil where there is none.
    func lastSnapshot(stream: StreamID) throws -> SnapshotMark?
    /// How far the last reading of an origin with this digest was committed, where that reading did not reach the end.
    func unfinishedOrigin(stream: StreamID, digest: String) throws -> Int64?
}

public protocol OriginWriter: OriginReader {
    /// Notes what records are read from; `columns` say how their raw text is to be split again.
    func beginOrigin(_ origin: IncomingOrigin) throws -> OriginID
    /// Everything up to this record of the origin is committed.
    func noteProgress(of origin: OriginID, ordinal: Int64) throws
    /// The origin was read to its end; a digest or size that is nil stays as it was.
    func endOrigin(_ origin: OriginID, digest: String?, byteCount: Int64?) throws
}
