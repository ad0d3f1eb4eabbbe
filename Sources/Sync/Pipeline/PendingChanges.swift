import Mapping
import Store

/// Changes of records that are decided and not yet applied: a store takes many of them at once.
struct PendingChanges {
    /// What the books need of a change once it is applied, beside the change.
    struct Note {
        var record: CanonicalRecord
        /// The version that it replaces; nil for a new record.
        var current: CurrentRecord?
    }

    private var changes: [RecordChange] = []
    private var notes: [Note] = []
    /// Memory of changes that were applied.
    private var spare: (changes: [RecordChange], notes: [Note]) = ([], [])
    /// Hashes of the keys that the window has met. Two keys of one hash only cost a question to the store.
    private var keys: Set<UInt64> = []

    var isEmpty: Bool { changes.isEmpty }

    mutating func beginWindow() { keys.removeAll(keepingCapacity: true) }

    /// False where the window has met the key.
    mutating func note(_ key: UnsafeRawBufferPointer) -> Bool {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in key { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return keys.insert(hash).inserted
    }

    mutating func append(_ change: RecordChange, _ note: Note) {
        changes.append(change)
        notes.append(note)
    }

    /// To be given back when they are applied.
    mutating func take() -> ([RecordChange], [Note]) {
        let taken = (changes, notes)
        (changes, notes) = spare
        spare = ([], [])
        return taken
    }

    mutating func giveBack(_ changes: inout [RecordChange], _ notes: inout [Note]) {
        changes.removeAll(keepingCapacity: true)
        notes.removeAll(keepingCapacity: true)
        swap(&spare.changes, &changes)
        swap(&spare.notes, &notes)
    }
}
