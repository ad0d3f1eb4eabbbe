import Archive
import HeatModel
import Mapping
import Records
import Store

/// Tries quarantined records again: after a mapping was mended, or accounts have come that were not there.
struct QuarantineReplay {
    let stream: SyncStream

    /// Entries in a transaction.
    private static let chunk = 2048

    /// Tries the entries of these numbers that are wanted, a chunk at a time.
    ///
    /// - Parameter transaction: Runs one chunk's work on a writer.
    /// - Parameter progress: Called after each chunk with the books so far.
    func run(
        _ ids: [QuarantineID], of opening: SyncEngine.Opening, committer: inout BatchCommitter,
        where isWanted: (QuarantinedRecord) -> Bool,
        transaction: @escaping ((any StoreWriter) throws -> ReplayResult) throws -> ReplayResult,
        progress: (RunBooks) throws -> Void
    ) throws -> ReplayResult {
        var result = ReplayResult()
        for start in stride(from: 0, to: ids.count, by: Self.chunk) {
            result += try transaction { store in
                let chunk = try ids[start..<min(start + Self.chunk, ids.count)].compactMap { try store.quarantined($0) }
                let tried = chunk.filter(isWanted)
                try opening.tape?.note(tried: tried.map(\.rawHash))
                return try run(tried, run: opening.run, committer: &committer, store: store)
            }
            try progress(committer.books)
        }
        return result
    }

    /// Tries the entries, all of this stream, and marks those that went through.
    private func run(
        _ entries: [QuarantinedRecord], run: RunID, committer: inout BatchCommitter, store: any StoreWriter
    ) throws
        -> ReplayResult
    {
        committer.beginTransaction()
        var result = ReplayResult()
        var plans = StoredRowPlans(stream.mapping, zone: stream.zone)
        var positions = RowPositions()
        for entry in entries {
            // Of entries of one key from two readings the later is the newer state: they do not contradict each other.
            let origin = Origin(kind: .envelope, name: entry.place, isSnapshot: false)
            guard entry.isSplit, let plan = try plans.plan(columns: entry.columns),
                let batch = RawRecord.batch(entry.raw, columns: entry.columns, origin: origin, ordinal: entry.ordinal),
                let mapped = try map(entry, batch, plan, &positions, committer.stream, store)
            else {
                result.unreadable += 1
                continue
            }
            let isContested = try contradicts(entry, mapped, committer.stream, store)
            if try committer.retake(MappedBatch(mapped, of: batch), entry, isContested: isContested, to: store) {
                result.refused += 1
            } else {
                try store.setQuarantineState(entry.id, .replayed, run: run, note: nil)
                result.replayed += 1
            }
        }
        return result
    }

    /// An equal row, of which the key came to name where it stands since it was set aside, gets the next key that is free.
    private func map(
        _ entry: QuarantinedRecord, _ batch: RawBatch, _ plan: MappingPlan, _ positions: inout RowPositions,
        _ id: StreamID, _ store: any StoreReader
    ) throws -> CanonicalBatch? {
        if let mapped = plan.mapAgain(batch, key: entry.key) { return mapped }
        guard entry.code == BatchCommitter.equalRow, let key = entry.key else { return nil }
        // A line of a file of changes stands after the file's digest, which only the source can give.
        let readsSnapshots = try store.lastSnapshot(stream: id) != nil
        if !readsSnapshots, stream.mapping.keyColumns.contains("line") { return nil }
        return try plan.mapAgain(
            batch, key: key, readsSnapshot: readsSnapshots, positions: &positions,
            isTaken: { try store.current(stream: id, key: $0) != nil })
    }

    /// Whether another row of the entry's key was taken from the same reading: which of them is right, or whether both are, only the
    /// source can tell.
    private func contradicts(
        _ entry: QuarantinedRecord, _ mapped: borrowing CanonicalBatch, _ id: StreamID, _ store: any StoreReader
    ) throws -> Bool {
        let key = mapped.records.first.map { KeyBlanks.removed(from: mapped.bytes($0.key)) } ?? entry.key
        guard let current = try key?.withUnsafeBytes({ try store.record(stream: id, key: $0) }) else { return false }
        if entry.code == BatchCommitter.equalRow { return true }
        if current.raw == entry.raw { return current.origin == entry.origin }
        return entry.code == BatchCommitter.contradiction || entry.hasUniqueKeys && current.origin == entry.origin
    }
}

/// What became of the entries of a replay.
package struct ReplayResult: Sendable, Hashable {
    package var replayed: Int64 = 0
    /// Refused again, with the reason of now.
    package var refused: Int64 = 0
    /// Rows that were never split into columns, or lack a column that the mapping needs: only the source can send them again.
    package var unreadable: Int64 = 0

    package init() {}

    package static func += (left: inout ReplayResult, right: ReplayResult) {
        left.replayed += right.replayed
        left.refused += right.refused
        left.unreadable += right.unreadable
    }
}
