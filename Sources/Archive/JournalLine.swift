import HeatModel
package import Records

/// A line of a run's journal; exactly one member is there.
package struct JournalLine: Codable, Sendable {
    /// How the run began.
    package struct Begin: Codable, Sendable {
        package var id: Int64
        package var stream: String
        /// `incremental`, `full`, `account`, `replay` or `remap`.
        package var mode: String
        /// Which store it is a run of; runs of a store that is gone do not make up another.
        package var store: String
        package var startedAt: String
        package var mappingVersion: String
        package var cursor: String?
        package var limit: Int?
        package var batchRows: Int
        package var batchBytes: Int

        package init(
            id: Int64, stream: String, mode: String, store: String, startedAt: String, mappingVersion: String,
            cursor: String?, limit: Int?, batchRows: Int, batchBytes: Int
        ) {
            self.id = id
            self.stream = stream
            self.mode = mode
            self.store = store
            self.startedAt = startedAt
            self.mappingVersion = mappingVersion
            self.cursor = cursor
            self.limit = limit
            self.batchRows = batchRows
            self.batchBytes = batchBytes
        }
    }

    /// Some bytes of the piece, kept as an object of their own.
    package struct Chunk: Codable, Sendable {
        package var sha256: String
        package var bytes: Int
    }

    /// A batch that was made of the bytes so far.
    package struct Batch: Codable, Sendable {
        package var rows: Int
        package var defects: Int
        package var cursor: String?
        package var ends: Bool
    }

    /// A piece came to its end.
    package struct Whole: Codable, Sendable {
        package var sha256: String
        package var bytes: Int64
    }

    /// The pull came to its end.
    package struct Pulled: Codable, Sendable {
        package var rows: Int64
        package var bytes: Int64
        package var statedRows: Int64?
        /// As ``Records/PullSummary`` has them; not in journals of before 2026-12.
        package var completeness: Completeness?
        package var notices: [PullNotice]?
        package var noticesLeftOut: Int64?
        package var newestData: String?

        init(_ summary: PullSummary) {
            rows = summary.rows
            bytes = summary.bytes
            statedRows = summary.statedRows
            completeness = summary.completeness
            notices = summary.notices.isEmpty ? nil : summary.notices
            noticesLeftOut = summary.noticesLeftOut == 0 ? nil : summary.noticesLeftOut
            newestData = summary.newestData?.description
        }
    }

    /// How the run ended.
    package struct End: Codable, Sendable {
        package var state: String
        /// How many batches the store took, those among them that it refused.
        package var batches: Int64
        package var endedAt: String?
        package var errorCode: String?
        package var errorMessage: String?

        package init(state: String, batches: Int64, endedAt: String?, errorCode: String?, errorMessage: String?) {
            self.state = state
            self.batches = batches
            self.endedAt = endedAt
            self.errorCode = errorCode
            self.errorMessage = errorMessage
        }
    }

    package var run: Begin?
    package var piece: PulledPiece?
    package var chunk: Chunk?
    package var batch: Batch?
    package var whole: Whole?
    /// The number of a batch, from 1, that the store refused, and after which the run went on.
    package var refused: Int?
    /// Of a replay: entries that it tried, by SHA-256 of their raw text.
    package var tried: [String]?
    package var pulled: Pulled?
    package var ended: End?
}
