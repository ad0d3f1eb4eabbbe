package import HeatModel
package import Records
package import Store

/// How a run went.
package struct RunReport: Sendable {
    package var stream: StreamName
    package var run: RunID
    /// `incremental`, `full`, `replay` or `remap`.
    package var mode: String
    package var state: RunState = .running
    package var counts = RunCounts()
    /// Where the mapping file had changed: the books of bringing the records held up to it, a run of its own before this one.
    package var remapped: RunCounts?
    package var totals: [RunTotal] = []
    package var error: HearthError?
    /// Of a planned run: how many more records would wait in quarantine than do now.
    package var newlyQuarantined: Int64 = 0
    /// Origins skipped because their content had been read before.
    package var knownOrigins: [String] = []
    package var pulledBytes: Int64 = 0
    /// What the pull said when it had ended: the proof that it was complete, and what it noticed.
    package var pull = PullEnd.empty
    /// Canonical bytes, raw text included.
    package var mappedBytes: Int64 = 0
    package var elapsed: Duration = .zero

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
package struct SyncProgress: Sendable {
    package var stream: StreamName
    package var counts: RunCounts
    /// How many rows there may be in all, where anything is known.
    package var expectedRows: Int64?
    package var elapsed: Duration
}
