import HeatModel
import Records

/// Numbers the rows of one origin after another, for keys that name where a row stands (`line`, `occurrence`).
///
/// One of these goes with a pull from its first batch to its last. The numbers depend on the origin's rows and their order alone: not on
/// how they are cut into batches, nor on what an earlier pull has read of the same file.
public struct RowPositions: Sendable {
    /// As the engine tells origins apart: a digest may be known on the last batch only.
    private var origin: Origin?
    private var counts: [UInt64: UInt32] = [:]

    /// At the beginning of a pull.
    public init() {}

    /// The positions of a batch's rows, which follow those of the batch before where that one did not end its origin.
    mutating func number(_ batch: borrowing RawBatch, _ plan: MappingPlan) -> KeyPositions {
        guard plan.isPositional else { return .none }
        let origin = Origin(kind: batch.origin.kind, name: batch.origin.name, isSnapshot: batch.origin.isSnapshot)
        if self.origin != origin { counts.removeAll() }
        self.origin = batch.endsOrigin ? nil : origin
        defer { if batch.endsOrigin { counts.removeAll() } }
        return KeyPositions(lead: Self.lead(batch.origin), occurrences: count(batch, plan))
    }

    /// The positions of a row of the store, after the rows that were numbered before it, whichever origin they came from.
    mutating func numberAgain(_ batch: borrowing RawBatch, _ plan: MappingPlan, readsSnapshot: Bool) -> KeyPositions {
        var origin = batch.origin
        origin.isSnapshot = readsSnapshot
        return KeyPositions(lead: Self.lead(origin), occurrences: count(batch, plan))
    }

    private mutating func count(_ batch: borrowing RawBatch, _ plan: MappingPlan) -> [UInt32] {
        guard plan.keyParts.contains(.occurrence) else { return [] }
        let columns = plan.keyColumns
        let width = batch.columns.count
        var occurrences: [UInt32] = []
        occurrences.reserveCapacity(batch.rowCount)
        for row in 0..<batch.rowCount {
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            func add(_ value: UInt64) {
                // The seed is fixed: the same rows are numbered alike in every process.
                hash = (hash ^ value) &* 0x9FB2_1C65_1E98_DF25
                hash ^= hash >> 32
            }
            for column in columns {
                let range = batch.fields[row * width + column]
                add(UInt64(bitPattern: Int64(range.length)))
                if range.length <= 0 { continue }
                var word: UInt64 = 0
                for index in 0..<Int(range.length) {
                    word = word << 8 | UInt64(batch.bytes[Int(range.offset) + index])
                    if index & 7 == 7 {
                        add(word)
                        word = 0
                    }
                }
                add(word)
            }
            // Two texts of one hash only share their count: their keys differ all the same.
            let before = counts[hash, default: 0]
            occurrences.append(before)
            counts[hash] = before + 1
        }
        return occurrences
    }

    /// What stands before a line: nothing in a complete snapshot, which has each line once.
    private static func lead(_ origin: Origin) -> [UInt8] {
        if origin.isSnapshot { return [] }
        return Array("\(origin.digest.map { String($0.prefix(12)) } ?? origin.name):".utf8)
    }
}

/// Where the rows of one batch stand.
struct KeyPositions {
    /// Written before a line.
    var lead: [UInt8] = []
    /// One for each row; none where the key does not ask.
    var occurrences: [UInt32] = []
    /// The parts of the key that the batch's single row has already.
    var kept: [[UInt8]]?

    static let none = KeyPositions()
}
