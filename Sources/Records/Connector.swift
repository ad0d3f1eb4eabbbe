public import HeatModel

/// Reads one legacy system and never writes to it.
///
/// Every call blocks its thread: call it on a thread of its own, never on the cooperative pool. Errors are
/// ``HearthError``s with area `source` (unreachable, refused, timed out, broken data) or `config`.
/// A bad *record* is never an error: it arrives as a ``RecordDefect`` in a batch.
public protocol Connector: Sendable {
    /// Configured name of the system: `billing`.
    var source: String { get }

    /// Is it reachable, do the credentials hold, may we read what is configured? One finding a question, worst news included;
    /// does not throw for what it can report.
    func check() -> [CheckFinding]

    /// The streams that can be pulled, with their columns: those configured and, where the system can tell, those that could be.
    func discover() throws -> [StreamDescription]

    /// Reads a stream from a cursor to its present end, handing over one batch after another in order.
    ///
    /// What `deliver` throws ends the pull at once and is rethrown unchanged. `request.isCancelled` is checked at least once a
    /// second, also while waiting for the system; when true the pull throws `run.cancelled`.
    func pull(_ request: PullRequest, deliver: (consuming RawBatch) throws -> Void) throws -> PullSummary

    /// How the rows of one account alone are asked for (``PullRequest/Mode/account``); nil where a stream cannot be asked so.
    func accountKey(of stream: String) throws -> AccountKey?

    /// Makes the batches of an earlier pull again from what its tape took down, without asking the system: the same rows and
    /// defects at the same ordinals, in the same batches where the request has the same bounds. Cursors are left out.
    ///
    /// A piece that was broken off gives the batches that it gave then; what is left of it may be handed over too.
    func replay(
        _ request: PullRequest, from pieces: any PulledPieces, deliver: (consuming RawBatch) throws -> Void) throws
}

/// What tells the rows of one account from others in a stream.
public struct AccountKey: Sendable, Hashable {
    /// A stream of the same source whose records of the account state the value, and the column that it stands in. Nil where the
    /// value is the account's number.
    public var from: (stream: String, column: String)? { stated.map { ($0.stream, $0.column) } }
    private struct Stated: Hashable { var stream: String, column: String }
    private var stated: Stated?

    /// - Parameter from: nil for the account's number.
    public init(from: (stream: String, column: String)? = nil) {
        stated = from.map { Stated(stream: $0.stream, column: $0.column) }
    }

    /// What a pull of one account's rows fails with where nothing says how they are asked for.
    public static func missing(_ stream: String) -> HearthError {
        HearthError(
            .configNotFresh, "nothing says how the rows of one account are asked for", at: .address(stream),
            advice: "add fresh: to the stream in hearth.yaml")
    }
}

public struct PullRequest: Sendable {
    public enum Mode: String, Sendable {
        /// From the cursor on, where the stream has one; else everything.
        case incremental
        /// Everything, as a snapshot where the system can give one.
        case full
        /// The rows of one account alone, as they are now. It moves no cursor and is no snapshot: what does not come has not
        /// vanished.
        case account
    }

    public var stream: String
    public var mode: Mode
    /// Nil on a first pull. Of one account's rows it tells no position, only what answers look like.
    public var cursor: Cursor?
    /// Of one account's rows, what tells them from others: see ``AccountKey``.
    public var accountKeys: [String] = []
    /// Most rows and most bytes in a batch; a single larger record still makes a batch of its own.
    public var batchRows: Int
    public var batchBytes: Int
    /// Stop after so many rows; the origin then counts as unfinished (no `endsOrigin`).
    public var limit: Int?
    /// Whether an origin with this digest was already read to its end in an earlier run.
    public var isKnownOrigin: @Sendable (_ digest: String) -> Bool
    /// The snapshot of the stream that earlier runs began last, nil where there is none.
    public var lastSnapshot: @Sendable () -> SnapshotMark?
    public var isCancelled: @Sendable () -> Bool
    /// Takes the pulled bytes down, where they are to be kept.
    public var tape: (any PullTape)?

    public init(
        stream: String, mode: Mode = .incremental, cursor: Cursor? = nil, batchRows: Int = 16_384,
        batchBytes: Int = 4 << 20,
        limit: Int? = nil, isKnownOrigin: @escaping @Sendable (String) -> Bool = { _ in false },
        lastSnapshot: @escaping @Sendable () -> SnapshotMark? = { nil },
        isCancelled: @escaping @Sendable () -> Bool = { false }, tape: (any PullTape)? = nil
    ) {
        self.tape = tape
        self.stream = stream
        self.mode = mode
        self.cursor = cursor
        self.batchRows = batchRows
        self.batchBytes = batchBytes
        self.limit = limit
        self.isKnownOrigin = isKnownOrigin
        self.lastSnapshot = lastSnapshot
        self.isCancelled = isCancelled
    }
}

/// What a pull says of itself at its end.
public struct PullSummary: Sendable {
    /// Rows handed over, defects included.
    public var rows: Int64
    /// Bytes read from the system before any decoding.
    public var bytes: Int64
    /// The number of rows that the system itself says it holds or sent (manifest, trailer, COUNT(*)), where it says so.
    public var statedRows: Int64?
    /// Origins that were skipped because their content was known (re-dropped files), by name.
    public var knownOrigins: [String]
    /// Why the pull ended, as a proof that nothing of the stream is missing. Nil where nothing proves it, and where
    /// `PullRequest.limit` cut the pull before its end.
    public var completeness: Completeness?
    /// What it noticed beside the records: see ``notice(_:_:at:)``.
    public internal(set) var notices: [PullNotice] = []
    /// How many more notices there were than are kept.
    public var noticesLeftOut: Int64 = 0
    /// The newest instant that the source itself states of what was read: the time of a file, of a cursor column. Nil where it
    /// states none. Tells how old the data are, whatever the time of the run.
    public var newestData: Instant?

    public init(
        rows: Int64 = 0, bytes: Int64 = 0, statedRows: Int64? = nil, knownOrigins: [String] = [],
        completeness: Completeness? = nil
    ) {
        self.rows = rows
        self.bytes = bytes
        self.statedRows = statedRows
        self.knownOrigins = knownOrigins
        self.completeness = completeness
    }
}

public struct CheckFinding: Sendable {
    public enum Verdict: String, Sendable { case ok, warning, failed }
    /// What was asked: `connect`, `read only`, `table public.bill`.
    public var subject: String
    public var verdict: Verdict
    public var detail: String
    public var advice: Advice?

    public init(_ subject: String, _ verdict: Verdict, _ detail: String, advice: Advice? = nil) {
        self.subject = subject
        self.verdict = verdict
        self.detail = detail
        self.advice = advice
    }

    /// The same with an advice that is plain text.
    public init(_ subject: String, _ verdict: Verdict, _ detail: String, advice: String?) {
        self.init(subject, verdict, detail, advice: advice.map { Advice($0) })
    }
}

public struct StreamDescription: Sendable {
    public struct Column: Sendable {
        public var name: String
        /// The system's own name of the type: `numeric(14,2)`, `xs:string`, `text`.
        public var type: String
        public var isNullable: Bool
        /// What the system itself says of the column, where it says something.
        public var comment: String?
        public init(name: String, type: String, isNullable: Bool, comment: String? = nil) {
            self.name = name
            self.type = type
            self.isNullable = isNullable
            self.comment = comment
        }
    }

    public var name: String
    public var columns: [Column]
    /// Key columns, where the system declares them or the configuration does.
    public var key: [String]
    /// The system's own estimate.
    public var estimatedRows: Int64?
    public var isConfigured: Bool
    /// Why it cannot be read, where it cannot: a view of a table that is gone. It has no columns then.
    public var trouble: HearthError?

    public init(
        name: String, columns: [Column], key: [String] = [], estimatedRows: Int64? = nil, isConfigured: Bool,
        trouble: HearthError? = nil
    ) {
        self.trouble = trouble
        self.name = name
        self.columns = columns
        self.key = key
        self.estimatedRows = estimatedRows
        self.isConfigured = isConfigured
    }
}
