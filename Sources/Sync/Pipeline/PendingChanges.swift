import Mapping
import Store

/// Changes of records that are decided and not yet applied: a store takes many of them at once.
struct PendingChanges {
    /// What the books need of a change once it is applied.
    struct Note {
        var record: CanonicalRecord
        /// The version that it replaces; nil for a new record.
        var current: CurrentRecord?
    }

    private(set) var changes: [RecordChange] = []
    /// One for each change, in the same order.
    private(set) var notes: [Note] = []

    var isEmpty: Bool { changes.isEmpty }

    mutating func append(_ incoming: IncomingRecord, _ record: CanonicalRecord, over current: CurrentRecord?) {
        changes.append(current.map { .supersede($0.id, with: incoming) } ?? .insert(incoming))
        notes.append(Note(record: record, current: current))
    }

    /// Keeps the memory of what it held for the next ones.
    mutating func removeAll() {
        changes.removeAll(keepingCapacity: true)
        notes.removeAll(keepingCapacity: true)
    }
}
