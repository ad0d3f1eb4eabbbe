import Records
import Store

/// What a run's books show that is no error, and that a person would want to know.
extension RunReport {
    mutating func noticeBooks(_ books: RunBooks, _ stream: StreamID, _ policy: VanishPolicy, _ store: any StoreReader)
        throws
    {
        if let loss = try Self.slowLoss(books.counts, stream, policy, store) { pull.add(loss) }
    }

    /// Runs that are looked back on.
    private static let span = 10

    /// Each run may have lost no more than the fuse allows, and all of them together most of the stream.
    private static func slowLoss(
        _ counts: RunCounts, _ stream: StreamID, _ policy: VanishPolicy, _ store: any StoreReader
    ) throws -> PullNotice? {
        if counts.vanished == 0 { return nil }
        let runs = try store.runs(stream: stream, limit: span)
        // How many there were before each of them, back from now.
        var held = try store.state(stream: stream).records
        let now = held
        var most = held
        for run in runs {
            held += run.counts.vanished - run.counts.new
            most = max(most, held)
        }
        let losses = runs.filter { $0.counts.vanished > 0 }.count
        guard losses > 1, most - now > policy.atLeast, most - now > most / 2 else { return nil }
        return PullNotice(
            "run.slowLoss",
            "of \(most) records \(now) are left after the last \(runs.count) runs, each of which lost some: look whether the source still shows all that it has"
        )
    }
}
