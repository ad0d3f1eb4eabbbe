import Archive
import Audit
import Crypto
import Evidence
import HeatModel
import Mapping
import Records
import Store

extension SyncEngine {
    var journals: RunJournals { RunJournals(store: store, archive: archive, replayed: replayed) }

    func beginJournal(
        _ run: RunID, _ stream: SyncStream, mode: String, cursor: String?, _ options: Options
    ) throws -> RunTape? {
        try journals.begin(run) { stamp, begun in
            JournalLine.Begin(
                id: run.number, stream: stream.name.description, mode: mode, store: stamp,
                startedAt: (begun?.startedAt ?? clock()).description, mappingVersion: stream.mapping.version,
                cursor: cursor, limit: options.limit, batchRows: options.batchRows(from: cursor),
                batchBytes: PullRequest(stream: "").batchBytes)
        }
    }
}

extension QuarantinedRecord {
    /// SHA-256 of its raw text: what it is known by outside of its store.
    var rawHash: String { SHA256.hash(data: raw).hex }
}
