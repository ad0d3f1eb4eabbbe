import HeatModel
public import Records

/// A line of a run's journal; exactly one member is there.
public struct JournalLine: Codable, Sendable {
    /// How the run began.
    public struct Begin: Codable, Sendable {
        public var id: Int64
        public var stream: String
        /// `incremental`, `full`, `replay` or `remap`.
        public var mode: String
        /// Which store it is a run of; runs of a store that is gone do not make up another.
        public var store: String
        public var startedAt: String
        public var mappingVersion: String
        public var cursor: String?
        public var limit: Int?
        public var batchRows: Int
        public var batchBytes: Int

        public init(
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
    public struct Chunk: Codable, Sendable {
        public var sha256: String
        public var bytes: Int
    }

    /// A batch that was made of the bytes so far.
    public struct Batch: Codable, Sendable {
        public var rows: Int
        public var defects: Int
        public var cursor: String?
        public var ends: Bool
    }

    /// A piece came to its end.
    public struct Whole: Codable, Sendable {
        public var sha256: String
        public var bytes: Int64
    }

    /// The pull came to its end.
    public struct Pulled: Codable, Sendable {
        public var rows: Int64
        public var bytes: Int64
        public var statedRows: Int64?
        /// As ``Records/PullSummary`` has them; not in journals of before 2026-12.
        public var completeness: Completeness?
        public var notices: [PullNotice]?
        public var noticesLeftOut: Int64?
        public var newestData: String?

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
    public struct End: Codable, Sendable {
        public var state: String
        /// How many batches the store took, those among them that it refused.
        public var batches: Int64
        public var endedAt: String?
        public var errorCode: String?
        public var errorMessage: String?

        public init(state: String, batches: Int64, endedAt: String?, errorCode: String?, errorMessage: String?) {
            self.state = state
            self.batches = batches
            self.endedAt = endedAt
            self.errorCode = errorCode
            self.errorMessage = errorMessage
        }
    }

    public var run: Begin?
    public var piece: PulledPiece?
    public var chunk: Chunk?
    public var batch: Batch?
    public var whole: Whole?
    /// The number of a batch, from 1, that the store refused, and after which the run went on.
    public var refused: Int?
    /// Of a replay: entries that it tried, by SHA-256 of their raw text.
    public var tried: [String]?
    public var pulled: Pulled?
    public var ended: End?
}
