public import HeatModel
public import Records

/// What a pull said of itself when it had ended, as it is kept with its run. Empty for a run that pulls nothing, such as a replay,
/// and for one of before this was kept.
public struct PullEnd: Hashable, Sendable {
    /// What proves that nothing of the stream is missing.
    public var completeness: Completeness?
    /// Rows after which the pull was to stop (`--limit`). Where it did, there is no proof.
    public var limit: Int64?
    /// What was noticed beside the records; at most ``PullNotice/most``.
    public var notices: [PullNotice]
    /// How many more there were.
    public var noticesLeftOut: Int64
    /// The newest instant that the source itself states of what was read.
    public var newestData: Instant?

    public init(
        completeness: Completeness? = nil, limit: Int64? = nil, notices: [PullNotice] = [], noticesLeftOut: Int64 = 0,
        newestData: Instant? = nil
    ) {
        self.completeness = completeness
        self.limit = limit
        self.notices = notices
        self.noticesLeftOut = noticesLeftOut
        self.newestData = newestData
    }

    public init(_ summary: PullSummary, limit: Int?) {
        self.init(
            completeness: summary.completeness, limit: limit.map { Int64($0) }, notices: summary.notices,
            noticesLeftOut: summary.noticesLeftOut, newestData: summary.newestData)
    }

    public static let empty = PullEnd()

    /// The notices for a person, a line each; the last one counts those that were left out.
    public var noticeLines: [String] {
        notices.map(\.text) + (noticesLeftOut > 0 ? ["\(noticesLeftOut) more notices of the kind"] : [])
    }

    /// Beyond ``PullNotice/most`` notices are only counted.
    public mutating func add(_ notice: PullNotice) {
        if notices.count < PullNotice.most { notices.append(notice) } else { noticesLeftOut += 1 }
    }

    /// What documents say of why the pull ended.
    public struct Statement: Sendable {
        /// `counted_total`; `cut_by_limit` where `--limit` ended it.
        public var proof: String
        /// `12 pages`, `--limit 100`.
        public var detail: String

        public init(proof: String, detail: String) {
            self.proof = proof
            self.detail = detail
        }

        init(limit: Int64) { self.init(proof: Self.cut, detail: "--limit \(limit)") }

        private static let cut = "cut_by_limit"

        /// For a person: `counted_total: 12 pages`, `cut by --limit 100`.
        public var text: String { proof == Self.cut ? "cut by \(detail)" : "\(proof): \(detail)" }
    }

    /// Nil where there is nothing to say.
    public var statement: Statement? {
        completeness.map { Statement(proof: $0.proof.rawValue, detail: $0.detail) }
            ?? limit.map { Statement(limit: $0) }
    }
}
