package import HeatModel

/// Findings of one kind in numbers. Money in fen: above 0 too much is charged; `absolute` adds up whatever the sign.
package struct FindingCount: Sendable, Codable, Hashable {
    package var findings: Int64 = 0
    package var money: Fen = .zero
    package var absolute: Fen = .zero

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
package struct Summary: Sendable, Codable {
    package struct RuleCount: Sendable, Codable {
        package var rule: String
        package var severity: String
        package var blocks: Bool
        package var count: FindingCount
    }

    package struct Group: Sendable, Codable {
        package var name: String
        package var count: FindingCount
    }

    /// A finding as people are told of it.
    package struct Told: Sendable {
        package var account: String
        package var rule: String
        package var money: Fen
        package var zh: String
        package var en: String
        /// Records that show it, with their rows.
        package var evidence: String
    }

    /// The newest run that the result is of.
    package var asOfRun: Int64
    /// The last day that the systems know of.
    package var today: String?
    package var season: String?
    package var accounts: Int64
    package var all = FindingCount()
    package var blocking = FindingCount()
    /// Every rule, also those without findings, in the order of the file.
    package var rules: [RuleCount] = []
    package var severities: [Group] = []
    /// By name; an empty name for findings of no community.
    package var communities: [Group] = []
    /// SHA-256 of the manifest; not a part of `summary.json`.
    package var manifest: String?
    /// The finding that is worth most, the first of equals in the order of findings; nil where none is worth money. Not a part of
    /// `summary.json`.
    package var largest: Told?

    enum CodingKeys: String, CodingKey {
        case asOfRun = "as_of_run"
        case today, season, accounts, all, blocking, rules, severities, communities, manifest
    }
}
