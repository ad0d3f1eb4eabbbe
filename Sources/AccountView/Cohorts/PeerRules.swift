public import Store

/// Who an account may be compared with: the groups, from the narrowest, and what keeps any household from showing through.
public struct PeerRules: Sendable, Hashable {
    /// Tried in this order; the first that is large enough counts.
    public var levels: [CohortLevel]
    /// Fewer are no group.
    public var leastHouseholds: Int
    /// No household may have more than this share of the group's total, in thousandths.
    public var largestShare: Int64

    /// The 15/15 rule.
    public init(
        levels: [CohortLevel] = [.building, .community, .station], leastHouseholds: Int = 15, largestShare: Int64 = 150
    ) {
        self.levels = levels
        self.leastHouseholds = leastHouseholds
        self.largestShare = largestShare
    }

    /// Whether a group of so many households with such bills may be spoken of.
    public func allow(households: Int, total: Int64, largest: Int64) -> Bool {
        households >= leastHouseholds && total > 0
            && Int128(largest) * 1000 <= Int128(total) * Int128(largestShare)
    }

    /// The rules as a text that differs where they do.
    public var version: String { "\(levels.map(\.name).joined(separator: ",")) \(leastHouseholds) \(largestShare)" }
}
