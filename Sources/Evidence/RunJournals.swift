package import Archive
import HeatModel
package import Store

/// How runs are written down: their journals in the archive, their lines in the store's chain.
package struct RunJournals: Sendable {
    private let store: any Store
    private let archive: Archive?
    private let replayed: Archive?

    /// - Parameters:
    ///   - archive: where runs are kept; nil where they are not.
    ///   - replayed: where the runs are made again of, in a rebuild.
    package init(store: any Store, archive: Archive?, replayed: Archive? = nil) {
        self.store = store
        self.archive = archive
        self.replayed = replayed
    }

    /// Begins a run's journal; nil where runs are not kept.
    ///
    /// - Parameter line: what the journal begins with, made of the store's stamp and of the run's record.
    package func begin(_ run: RunID, _ line: (_ stamp: String, _ run: Run?) -> JournalLine.Begin) throws -> RunTape? {
        guard let archive else { return nil }
        let (stamp, begun) = try store.write { (try ArchiveStamp.of($0), try $0.run(run)) }
        return try archive.begin(line(stamp, begun))
    }

    /// A run has ended in the store: so it does in its journal, and in the chain.
    package func end(_ tape: RunTape?, _ run: RunID) throws {
        if let archive, let tape, let ended = try store.read({ try $0.run(run) }),
            let stamp = try store.read({ try ArchiveStamp.known($0) })
        {
            try archive.end(tape, run: run.number, of: stamp, JournalLine.End(ended))
        }
        try noteRuns()
    }

    /// Ends the journals of runs whose processes have died, and chains what was not chained. To be called before a run begins.
    package func mend() throws {
        if let archive, let stamp = try store.read({ try ArchiveStamp.known($0) }) {
            for id in try store.read({ try $0.unchainedRuns() }) where archive.isOpen(id.number, stamp) {
                let run = try store.read { try $0.run(id) }
                if let run { try archive.end(run: id.number, of: stamp, JournalLine.End(run)) }
            }
        }
        let isWhole = try store.read { try $0.unchainedRuns().isEmpty }
        if !isWhole { try noteRuns() }
    }

    private func noteRuns() throws {
        try store.write {
            try AuditTrail.noteRuns($0, archive: archive ?? replayed, isRebuilt: replayed != nil)
        }
    }
}

extension JournalLine.End {
    init(_ run: Run) {
        self.init(
            state: run.state.rawValue, batches: run.batches, endedAt: run.endedAt?.description,
            errorCode: run.errorCode, errorMessage: run.errorMessage)
    }
}
