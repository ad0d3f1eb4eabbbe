public import HeatModel
public import Records
public import Store

/// How a run went.
public struct RunReport: Sendable {
    public var stream: StreamName
    public var run: RunID
    /// `incremental`, `full`, `replay` or `remap`.
    public var mode: String
    public var state: RunState = .running
    public var counts = RunCounts()
    /// Where the mapping file had changed: the books of bringing the records held up to it, a run of its own before this one.
    public var remapped: RunCounts?
    public var totals: [RunTotal] = []
    public var error: HearthError?
    /// Of a planned run: how many more records would wait in quarantine than do now.
    public var newlyQuarantined: Int64 = 0
    /// Origins skipped because their content had been read before.
    public var knownOrigins: [String] = []
    public var pulledBytes: Int64 = 0
    /// What the pull said when it had ended: the proof that it was complete, and what it noticed.
    public var pull = PullEnd.empty
    /// Canonical bytes, raw text included.
    public var mappedBytes: Int64 = 0
    public var elapsed: Duration = .zero

    init(stream: StreamName, run: RunID, mode: String) {
        self.stream = stream
        self.run = run
        self.mode = mode
    }

    mutating func take(_ end: PullSummary, limit: Int?) {
        knownOrigins = end.knownOrigins
        pulledBytes = end.bytes
        pull = PullEnd(end, limit: limit)
    }

    mutating func take(_ books: RunBooks) {
        counts = books.counts
        totals = books.totals
    }
}

/// The progress of a run, reported after each batch.
public struct SyncProgress: Sendable {
    public var stream: StreamName
    public var counts: RunCounts
    /// How many rows there may be in all, where anything is known.
    public var expectedRows: Int64?
    public var elapsed: Duration
}
