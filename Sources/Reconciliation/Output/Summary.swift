public import HeatModel

/// Findings of one kind in numbers. Money in fen: above 0 too much is charged; `absolute` adds up whatever the sign.
public struct FindingCount: Sendable, Codable, Hashable {
    public var findings: Int64 = 0
    public var money: Fen = .zero
    public var absolute: Fen = .zero

    enum CodingKeys: String, CodingKey {
        case findings
        case money = "money_fen"
        case absolute = "money_absolute_fen"
    }

    mutating func add(_ money: Int64) {
        findings += 1
        self.money = self.money + Fen(money)
        absolute = absolute + Fen(abs(money))
    }
}

/// What a reconciliation came to: the contents of `summary.json`.
public struct Summary: Sendable, Codable {
    public struct RuleCount: Sendable, Codable {
        public var rule: String
        public var severity: String
        public var blocks: Bool
        public var count: FindingCount
    }

    public struct Group: Sendable, Codable {
        public var name: String
        public var count: FindingCount
    }

    /// The newest run that the result is of.
    public var asOfRun: Int64
    /// The last day that the systems know of.
    public var today: String?
    public var season: String?
    public var accounts: Int64
    public var all = FindingCount()
    public var blocking = FindingCount()
    /// Every rule, also those without findings, in the order of the file.
    public var rules: [RuleCount] = []
    public var severities: [Group] = []
    /// By name; an empty name for findings of no community.
    public var communities: [Group] = []
    /// SHA-256 of the manifest; not a part of `summary.json`.
    public var manifest: String?

    enum CodingKeys: String, CodingKey {
        case asOfRun = "as_of_run"
        case today, season, accounts, all, blocking, rules, severities, communities, manifest
    }
}
