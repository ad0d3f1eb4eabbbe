import Archive
import Audit
import Crypto
import HeatModel
import Mapping
import Records
import Store

/// How runs are written down: their journals in the archive, their lines in the store's chain.
extension SyncEngine {
    func beginJournal(
        _ run: RunID, _ stream: SyncStream, mode: String, cursor: String?, _ options: Options
    ) throws -> RunTape? {
        guard let archive else { return nil }
        let (stamp, begun) = try store.write { (try ArchiveStamp.of($0), try $0.run(run)) }
        return try archive.begin(
            JournalLine.Begin(
                id: run.number, stream: stream.name.description, mode: mode, store: stamp,
                startedAt: (begun?.startedAt ?? clock()).description, mappingVersion: stream.mapping.version,
                cursor: cursor, limit: options.limit, batchRows: options.batchRows(from: cursor),
                batchBytes: PullRequest(stream: "").batchBytes))
    }

    /// A run has ended in the store: so it does in its journal, and in the chain.
    func endJournal(_ tape: RunTape?, _ run: RunID) throws {
        if let archive, let tape, let ended = try store.read({ try $0.run(run) }),
            let stamp = try store.read({ try ArchiveStamp.known($0) })
        {
            try archive.end(tape, run: run.number, of: stamp, JournalLine.End(ended))
        }
        try noteRuns()
    }

    private func noteRuns() throws {
        try store.write {
            try AuditTrail.noteRuns($0, archive: archive ?? replayed, isRebuilt: replayed != nil)
        }
    }

    /// Ends the journals of runs whose processes have died, and chains what was not chained. To be called before a run begins.
    func mendJournals() throws {
        if let archive, let stamp = try store.read({ try ArchiveStamp.known($0) }) {
            let unchained = Set(try store.read { try $0.unchainedRuns() })
            for journal in try archive.journals(of: stamp)
            where journal.isOpen && unchained.contains(RunID(journal.run)) {
                let run = try store.read { try $0.run(RunID(journal.run)) }
                if let run { try archive.end(run: journal.run, of: stamp, JournalLine.End(run)) }
            }
        }
        let isWhole = try store.read { try $0.unchainedRuns().isEmpty }
        if !isWhole { try noteRuns() }
    }
}

extension JournalLine.End {
    init(_ run: Run) {
        self.init(
            state: run.state.rawValue, batches: run.batches, endedAt: run.endedAt?.description,
            errorCode: run.errorCode,
            errorMessage: run.errorMessage)
    }
}

extension QuarantinedRecord {
    /// SHA-256 of its raw text: what it is known by outside of its store.
    var rawHash: String { SHA256.hash(data: raw).hex }
}
