import HeatModel
import Mapping
import Records
import Store

/// Brings the records of a stream up to a changed mapping file, from their raw text and without asking the source.
struct Remap {
    struct Result {
        var counts: RunCounts
        /// Records whose raw text lacks a column that the new mapping needs: they stay as they are until the source is read again.
        var unreachable: Int64
        /// Why, of the first of them: `config.unknownColumn`. Nil where the raw text does not even fit its own columns.
        var reason: HearthError?

        var notice: PullNotice? {
            if unreachable == 0 { return nil }
            return PullNotice(
                "run.unreachable",
                "\(unreachable) records wait for a full reading of the source: \(reason?.message ?? "their raw text is incomplete")",
                at: reason?.place.map { "\($0)" })
        }
    }

    let stream: SyncStream
    let id: StreamID
    /// Records in a transaction.
    private static let chunk = 2048

    init(stream: SyncStream, id: StreamID) {
        self.stream = stream
        self.id = id
    }

    /// `transaction` runs one chunk's work on a writer; the last one returns true.
    ///
    /// - Throws: what is wrong with the mapping file beside columns that old records lack.
    func run(
        committer: inout BatchCommitter, isCancelled: () -> Bool,
        transaction: ((any StoreWriter) throws -> Bool) throws -> Bool
    ) throws -> Result {
        var plans = StoredRowPlans(stream.mapping, zone: stream.zone)
        var positions = RowPositions()
        var after: RecordID?
        var unreachable: Int64 = 0
        committer.comparesBodies = true
        defer { committer.comparesBodies = false }
        while !isCancelled() {
            let done = try transaction { store in
                committer.beginTransaction()
                let readsSnapshots = try store.lastSnapshot(stream: id) != nil
                let records = try store.records(in: id, after: after, limit: Self.chunk)
                for record in records {
                    after = record.id
                    guard let plan = try plans.plan(columns: record.columns), let batch = record.rawBatch else {
                        unreachable += 1
                        continue
                    }
                    let canonical = try plan.mapAgain(
                        batch, key: record.key, readsSnapshot: readsSnapshots, positions: &positions,
                        isTaken: { try store.current(stream: id, key: $0) != nil })
                    let mapped = MappedBatch(canonical, of: batch)
                    let isSameKey =
                        mapped.canonical.records.first.map {
                            KeyBlanks.removed(from: mapped.canonical.bytes($0.key)) == record.key
                        } ?? true
                    if !isSameKey { try committer.end(record, store) }
                    try committer.retake(mapped, of: record, to: store)
                }
                return records.count < Self.chunk
            }
            if done { break }
        }
        return Result(counts: committer.books.counts, unreachable: unreachable, reason: plans.lack)
    }
}

extension StoredRecord {
    /// The row as pulled, ready to be mapped again; nil where the raw text does not fit its columns.
    var rawBatch: RawBatch? {
        RawRecord.batch(
            raw, columns: columns,
            origin: Origin(
                kind: .table, name: provenance.origin, digest: provenance.originDigest, isSnapshot: false),
            ordinal: provenance.ordinal)
    }
}
