import HeatModel
import Records
import SQLConnector

/// A connector that is wrong in one way, to show that the suite sees it.
struct BrokenPull: Connector {
    enum Way: String, CaseIterable, Sendable {
        /// The last row of a pull is not handed over.
        case dropsLastRow
        /// A batch that is not full is taken for the last one.
        case trustsShortBatch
        /// Every batch has the cursor of the last one.
        case cursorRunsAhead
        /// Keys that were read before are not read again.
        case forgetsChanges
        /// A pull that was cut by its limit says that it is complete, with the cursor of a whole one.
        case cutIsWhole
        /// A pull that follows leaves out the rows whose value moves no cursor.
        case skipsStrays
    }

    let connector: SQLConnector
    let way: Way
    private let keys = Keys()

    private final class Keys: @unchecked Sendable {
        // Used by the test's thread alone.
        var seen: Set<String> = []
    }

    init(connector: SQLConnector, way: Way) {
        self.connector = connector
        self.way = way
    }

    var source: String { connector.source }
    func check() -> [CheckFinding] { connector.check() }
    func accountKey(of stream: String) -> AccountKey? { nil }
    func discover() throws -> [StreamDescription] { try connector.discover() }

    func pull(_ request: PullRequest, deliver: (consuming RawBatch) throws -> Void) throws -> PullSummary {
        var asked = request
        if way == .cutIsWhole || way == .cursorRunsAhead { asked.limit = nil }
        var batches: [RawBatch] = []
        var summary = try connector.pull(asked) { batches.append($0) }
        switch way {
        case .dropsLastRow:
            if let last = batches.lastIndex(where: { $0.rowCount > 0 }) { batches[last].keepRows { $0 < $1 - 1 } }
        case .trustsShortBatch:
            if let short = batches.firstIndex(where: { $0.rowCount < 4 }) {
                let last = batches.last?.cursor
                batches = Array(batches[...short])
                batches[short].cursor = last
            }
            summary.completeness = Completeness(.snapshotEnd, "a short batch")
        case .cursorRunsAhead:
            for index in batches.indices { batches[index].cursor = batches.last?.cursor }
        case .forgetsChanges:
            for index in batches.indices {
                let names = (0..<batches[index].rowCount).map { batches[index].text(row: $0, column: 0) ?? "" }
                batches[index].keepRows { row, _ in keys.seen.insert(names[row]).inserted }
            }
        case .cutIsWhole:
            if request.limit != nil {
                for index in batches.indices.dropFirst() { batches[index].keepRows { _, _ in false } }
            }
            summary.completeness = Completeness(.snapshotEnd, "a limit")
        case .skipsStrays:
            guard request.cursor?.text.contains("follow") == true else { break }
            for index in batches.indices where batches[index].columns.count > 2 {
                let values = (0..<batches[index].rowCount).map { batches[index].text(row: $0, column: 2) }
                batches[index].keepRows { row, _ in
                    values[row].flatMap { Int($0) }.map { $0 > 0 && $0 < 99_999 } ?? false
                }
            }
        }
        for batch in batches { try deliver(batch) }
        return summary
    }
}

extension RawBatch {
    /// Keeps the rows that `isKept` says, by their number and the number of all.
    fileprivate mutating func keepRows(_ isKept: (Int, Int) -> Bool) {
        let count = rowCount
        let kept = (0..<count).filter { isKept($0, count) }
        fields = kept.flatMap { fields[$0 * columns.count..<($0 + 1) * columns.count] }
        ordinals = kept.map { ordinals[$0] }
    }
}
