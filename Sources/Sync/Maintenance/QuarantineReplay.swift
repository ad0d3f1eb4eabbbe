import HeatModel
import Mapping
import Records
import Store

/// Tries quarantined records again: after a mapping was mended, or accounts have come that were not there.
struct QuarantineReplay {
    let stream: SyncStream

    /// Tries the entries, all of this stream, and marks those that went through.
    func run(_ entries: [QuarantinedRecord], run: RunID, committer: inout BatchCommitter, store: any StoreWriter) throws
        -> ReplayResult
    {
        var result = ReplayResult()
        var plans: [[String]: MappingPlan?] = [:]
        for entry in entries {
            // Of entries of one key from two readings the later is the newer state: they do not contradict each other.
            let origin = Origin(kind: .envelope, name: entry.place, isSnapshot: false)
            if plans[entry.columns] == nil {
                plans[entry.columns] = .some(
                    try? MappingPlan(stream.mapping, columns: entry.columns, zone: stream.zone))
            }
            guard entry.isSplit, let plan = plans[entry.columns] ?? nil,
                let batch = RawRecord.batch(entry.raw, columns: entry.columns, origin: origin, ordinal: entry.ordinal)
            else {
                result.unreadable += 1
                continue
            }
            let isContested = try contradicts(entry, store)
            if try committer.retake(
                MappedBatch(mapping: batch, with: plan), origin: entry.origin, place: entry.place,
                isContested: isContested, to: store)
            {
                result.refused += 1
            } else {
                try store.setQuarantineState(entry.id, .replayed, run: run, note: nil)
                result.replayed += 1
            }
        }
        return result
    }

    /// Whether another row of the entry's key was taken from the same reading: which of them is right, only the source can tell.
    private func contradicts(_ entry: QuarantinedRecord, _ store: any StoreReader) throws -> Bool {
        guard let key = entry.key, let id = try store.streams().first(where: { $0.name == entry.stream })?.id else {
            return false
        }
        let current = try key.withUnsafeBytes { try store.record(stream: id, key: $0) }
        guard let current, current.raw != entry.raw else { return false }
        return entry.code == BatchCommitter.contradiction || entry.isOfUniqueKeys && current.origin == entry.origin
    }
}

/// What became of the entries of a replay.
public struct ReplayResult: Sendable, Hashable {
    public var replayed: Int64 = 0
    /// Refused again, with the reason of now.
    public var refused: Int64 = 0
    /// Rows that were never split into columns, or lack a column that the mapping needs: only the source can send them anew.
    public var unreadable: Int64 = 0

    public init() {}

    public static func += (left: inout ReplayResult, right: ReplayResult) {
        left.replayed += right.replayed
        left.refused += right.refused
        left.unreadable += right.unreadable
    }
}
