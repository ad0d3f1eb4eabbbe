package import Archive
package import HeatModel
import Records
package import Store

/// Lets go of old archived runs, never of what a rebuild of the store needs: a stream's runs go only once a later run of it, old
/// enough too, has read it whole.
package struct Retention {
    private let store: any Store
    private let archive: Archive?
    private let keptDays: Int?

    /// - Parameter keptDays: nil keeps runs for ever.
    package init(store: any Store, archive: Archive?, keptDays: Int?) {
        self.store = store
        self.archive = archive
        self.keptDays = keptDays
    }

    package func apply(at now: Instant) throws {
        guard let archive, let keptDays, let stamp = try store.read({ try ArchiveStamp.known($0) }) else { return }
        let horizon = now.microseconds - Int64(keptDays) * 86_400_000_000
        // The store knows when its runs were; a journal is opened only where it may go.
        let old = try store.read { store in
            try archive.journals(of: stamp).filter { journal in
                guard !journal.isOpen, let run = try store.run(RunID(journal.run)) else { return false }
                return (run.endedAt ?? run.startedAt).microseconds < horizon
            }
        }
        if old.isEmpty { return }
        var gone: Set<Int64> = []
        var streams: [String: [ArchivedRun]] = [:]
        for journal in old {
            let run = try ArchivedRun(journal)
            streams[run.begin.stream, default: []].append(run)
        }
        for runs in streams.values {
            guard let base = runs.lastIndex(where: \.readsAll) else { continue }
            gone.formUnion(runs[..<base].map(\.begin.id))
        }
        if gone.isEmpty { return }
        // First said, then done: a crash in between leaves journals that the next time lets go.
        try store.write { try AuditTrail.note(removed: gone.sorted(), reason: "retention", in: $0) }
        try archive.remove(gone, of: stamp)
    }
}

extension ArchivedRun {
    /// Whether the run read its whole stream, and the store took all of it: nothing before it is needed.
    var readsAll: Bool {
        guard end?.state == "success", begin.limit == nil, end?.batches == Int64(batches.count) else { return false }
        guard let last = pieces.last, last.whole != nil else { return false }
        return last.head.facts["snapshot"] == "1"
    }
}
