import Foundation
import HeatModel
package import Records

/// The first rows of a stream, with what its source says of the columns.
///
/// It holds customer data: nothing of it goes into a log, an error or a suggestion but counts, and the values of columns that are codes.
package struct StreamSample: Sendable {
    package private(set) var name: StreamName
    package let columns: [String]
    /// The source's own types, by column.
    let types: [String: String]
    /// What the source says of a column, by column.
    let comments: [String: String]
    /// The key that is declared or configured.
    let declaredKey: [String]
    /// IANA zone of local times.
    let zone: String
    let batches: [RawBatch]
    /// Records that could not be split.
    let defects: Int
    package var rowCount: Int { batches.reduce(0) { $0 + $1.rowCount } }

    /// Reads up to so many rows.
    ///
    /// - Parameter description: what `discover` said of the stream, where it said something.
    package init(
        _ name: StreamName, _ connector: any Connector, description: StreamDescription?, zone: String,
        rows: Int = 2_000,
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws {
        var batches: [RawBatch] = []
        var defects = 0
        let request = PullRequest(stream: name.stream, mode: .full, limit: rows, isCancelled: isCancelled)
        _ = try connector.pull(request) { batch in
            defects += batch.defects.count
            if batch.rowCount > 0 { batches.append(batch) }
        }
        self.name = name
        self.zone = zone
        columns = batches.first?.columns ?? description?.columns.map(\.name) ?? []
        types = Dictionary((description?.columns ?? []).map { ($0.name, $0.type) }, uniquingKeysWith: { $1 })
        comments = Dictionary(
            (description?.columns ?? []).compactMap { column in column.comment.map { (column.name, $0) } },
            uniquingKeysWith: { $1 })
        declaredKey = description?.key ?? []
        let width = columns
        // Another layout in the middle is another stream's business.
        self.batches = batches.filter { $0.columns == width }
        self.defects = defects
    }

    /// The same rows as those of a stream of another name.
    func named(_ name: StreamName) -> StreamSample {
        var renamed = self
        renamed.name = name
        return renamed
    }

    /// The texts of a column.
    func values(_ column: Int) -> [String?] {
        batches.flatMap { batch in (0..<batch.rowCount).map { batch.text(row: $0, column: column) } }
    }
}
