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
    /// What the run writes down of itself.
    package var log = RunLog()
    private let began = ContinuousClock.now
    private var batches = 0

    init(stream: StreamName, run: RunID, mode: String) {
        self.stream = stream
        self.run = run
        self.mode = mode
    }

    mutating func note(_ level: RunLog.Level, _ text: String) {
        let elapsed: Duration = .now - began
        log.add(.init(after: Int64(elapsed / .milliseconds(1)), level, text))
    }

    /// Writes down a batch that is about to be committed: the first ten, then fewer and fewer. Returns whether it did.
    mutating func noteBatch(of origin: String, _ counts: RunCounts) -> Bool {
        batches += 1
        guard batches <= 10 || batches & (batches - 1) == 0 else { return false }
        note(.info, "batch \(batches), \(origin): so far \(counts.logText)")
        return true
    }

    /// Writes down how the run ended, with what its pull noticed.
    mutating func noteEnd() {
        for notice in pull.notices { note(.warning, notice.text) }
        if pull.noticesLeftOut > 0 { note(.warning, "\(pull.noticesLeftOut) more notices of the kind") }
        if let proof = pull.statement { note(.info, "nothing is missing: \(proof.text)") }
        if let error { note(.error, "\(error.code.name): \(error.message)\(error.place.map { " (\($0.logText))" } ?? "")") }
        note(error == nil ? .info : .error, "ends: \(state.rawValue), \(batches) batches, \(counts.logText)")
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

extension RunCounts {
    fileprivate var logText: String {
        let all = [
            ("read", read), ("new", new), ("changed", changed), ("unchanged", unchanged), ("duplicate", duplicate),
            ("quarantined", quarantined), ("vanished", vanished),
        ]
        return all.filter { $0.0 == "read" || $0.1 != 0 }.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
    }
}

extension Place {
    /// Without the folders of the machine and the keys of records.
    fileprivate var logText: String {
        switch self {
        case .file(let path, let line, let column):
            "\(Place.file(path.split(separator: "/").last.map(String.init) ?? path, line: line, column: column))"
        case .table(let name, _): name
        default: description
        }
    }
}
