import Records
import Synchronization

/// Everything that one pull handed over.
struct PullRecording {
    var batches: [RawBatch] = []
    var summary = PullSummary()

    init(_ connector: any Connector, _ request: PullRequest) throws {
        var batches: [RawBatch] = []
        summary = try connector.pull(request) { batches.append($0) }
        self.batches = batches
    }

    var rows: [[String?]] { batches.flatMap(\.texts) }
    var recordCount: Int { batches.reduce(0) { $0 + $1.recordCount } }

    /// The batches of each origin, in the order in which the origins came. The last batch of an origin may know its digest
    /// and size where the earlier ones could not yet.
    var byOrigin: [[RawBatch]] {
        var groups: [[RawBatch]] = []
        for batch in batches {
            if let last = groups.last?.first, last.origin.kind == batch.origin.kind,
                last.origin.name == batch.origin.name
            {
                groups[groups.count - 1].append(batch)
            } else {
                groups.append([batch])
            }
        }
        return groups
    }
}

extension RawBatch {
    /// Rows and defects.
    var recordCount: Int { rowCount + defects.count }

    /// The rows as texts; none where ranges do not fit, which is a check of its own.
    var texts: [[String?]] {
        guard fields.count >= rowCount * columns.count, fitsBytes else { return [] }
        return (0..<rowCount).map { row in columns.indices.map { text(row: row, column: $0) } }
    }

    var isWellFormed: Bool { fields.count == rowCount * columns.count && fitsBytes }

    private var fitsBytes: Bool { fields.allSatisfy { $0.isNone || Int($0.offset) + Int($0.length) <= bytes.count } }
}

extension Sequence where Element: Hashable {
    /// How often each element comes.
    var tally: [Element: Int] { reduce(into: [:]) { $0[$1, default: 0] += 1 } }
}

/// A flag that a pull's `isCancelled` reads.
final class CancelFlag: Sendable {
    private let value: Mutex<Bool>
    init(_ value: Bool) { self.value = Mutex(value) }
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
}
