public import AccountView
public import Billing
public import HeatModel
public import Store

/// Why a season's bill is what it is: the answer as one structure, every figure with where it comes from.
///
/// Where there is a comparison, the parts sum to mine − reference, to the fen. What could not be computed is named
/// (``status``, ``problem``, ``gaps``), never a zero.
public struct Explanation: Sendable {
    public enum Versus: String, Sendable, CaseIterable {
        /// The account's peers: the median bill of the narrowest group that is large enough.
        case peers
        /// The account's own season before.
        case previous
        /// What the rules give.
        case tariff
    }

    public enum Status: String, Sendable, CaseIterable {
        case explained
        case noBill = "no_bill"
        case tariffNotCovered = "tariff_not_covered"
        case missingInput = "missing_input"
        case contradictoryReadings = "contradictory_readings"
        case noPreviousBill = "no_previous_bill"
        case tooFewPeers = "too_few_peers"
        case notComparable = "not_comparable"

        /// Whether peers were looked at, where they are what the bill is compared with.
        var isOfPeers: Bool { [.explained, .tooFewPeers, .notComparable].contains(self) }
    }

    /// Where a figure comes from.
    public struct Evidence: Sendable, Hashable {
        public var source: String
        public var key: String
        /// The run that brought this version of the record, and when it began to read; nil where that is not known.
        public var run: Int64?
        public var instant: Instant?
    }

    public struct Quantity: Sendable, Hashable {
        public var value: String
        /// `㎡`, `kWh/㎡`, `元/㎡`, `m`, `天`, or empty.
        public var unit: String
    }

    /// What one thing contributes to the difference.
    public struct Part: Sendable {
        /// A ``Factor``'s name, or `basis_difference` (典型户口径差), `billing_difference` (系统账单与规则不符), `previous_billing_difference`,
        /// `incomplete_bill`, `rounding`.
        public var kind: String
        public var fen: Fen
        public var mine: Quantity?
        public var reference: Quantity?
        /// Mine − reference, where both are numbers of one unit.
        public var change: Quantity?
        public var formula: String
        public var rule: RuleReference?
        public var evidence: [Evidence]
        /// The item of the bill, where the part is about one.
        public var item: Charge.Item?
    }

    public struct Line: Sendable {
        public var item: Charge.Item?
        public var quantity: ExactDecimal?
        public var unit: Charge.Unit?
        public var unitPrice: ExactDecimal?
        public var due: Fen
        public var evidence: Evidence
    }

    public struct Bill: Sendable {
        public var due: Fen
        public var discount: Fen
        public var reduction: Fen
        public var received: Fen
        public var penalty: Fen
        /// As billing has it.
        public var arrears: Fen
        public var dueOn: CivilDate?
        public var lines: [Line]
    }

    /// What mine is compared with.
    public struct Reference: Sendable {
        public var fen: Fen
        /// Of peers: the group and how its median bill is published.
        public var level: CohortLevel?
        public var households: Int?
        public var publication: CohortStatistics.Publication?
        /// What the tariff gives for the typical household.
        public var typical: Fen?
        public var season: HeatingSeason?
        /// The lines of the typical household, of the season before, or that the rules give.
        public var lines: [EvaluatedLine]
    }

    /// The bill beside the rules.
    public struct Check: Sendable {
        public var agrees: Bool
        public var right: Fen
        /// Billed − right.
        public var difference: Fen
        public var comparisons: [Recomputation.Comparison]
        /// The likeliest first.
        public var causes: [Recomputation.Cause]
        public var lines: [EvaluatedLine]
        public var tariff: RuleReference
        public var seasonDays: Int
        public var chargedDays: Int
    }

    public struct Area: Sendable {
        public var areas: AccountFacts.Areas
        /// Which of them is charged; nil where no tariff holds.
        public var basis: AreaBasis?
        public var charged: ExactDecimal?
        /// Where shared area stands: inside, ownLine or absent.
        public var shared: SharedAreaRule.Standing?
        public var disagreements: [AccountContext.Disagreement]
        public var evidence: [Evidence]
    }

    public struct Temperature: Sendable {
        public struct Reading: Sendable {
            public var celsius: TenthsOfDegree
            public var at: Instant
            public var method: RoomTemperature.Method?
            public var evidence: Evidence
        }

        /// Of the season, the latest first; at most ten.
        public var readings: [Reading]
        public var count: Int
        public var supply: AccountFacts.Supply
        /// °C below which a room is too cold, where the tariff says.
        public var standard: TenthsOfDegree?
        /// Whether the heat used is billed, so that warmth has a price; an area bill is the same whatever the temperature.
        public var isMetered: Bool
        public var evidence: [Evidence]
    }

    public struct Refund: Sendable {
        public enum Standing: String, Sendable {
            /// Money is due.
            case due
            /// Readings are there, and none is cold enough.
            case none
            /// No reading counts.
            case noReadings = "no_readings"
            /// Cold, but the area of the cold rooms is not known.
            case roomAreasMissing = "room_areas_missing"
            /// The tariff has no rule.
            case noRule = "no_rule"
        }

        public var standing: Standing
        public var amount: Fen
        public var lines: [ColdRoomRefund.Line]
        public var coldDays: Int
        public var contradictoryDays: [CivilDate]
        public var readingsLeftOut: Int
    }

    /// What a month of a season's bill comes to (上个月的热费).
    public struct Month: Sendable {
        public var year: Int
        public var month: Int
        public var days: Int
        public var seasonDays: Int
        public var share: Fen
        public var formula: String
    }

    public struct Freshness: Sendable {
        public var source: String
        /// When the last good run of the stream began; nil where there was none.
        public var at: Instant?
        public var isStale: Bool
    }

    public struct Problem: Sendable {
        public var code: String
        public var message: String
    }

    public var account: String
    public var season: HeatingSeason?
    public var versus: Versus
    public var asOf: CivilDate
    /// The peers are those of the present, though the account is as of an earlier moment.
    public var peersAreOfPresent = false
    public var status: Status
    public var problem: Problem?
    public var method: AccountFacts.Method?
    public var accountClass: AccountFacts.Class?
    public var bill: Bill?
    public var reference: Reference?
    /// Mine − reference; nil where there is no comparison.
    public var difference: Fen?
    /// In their fixed order.
    public var parts: [Part] = []
    public var check: Check?
    public var area: Area?
    public var temperature: Temperature?
    public var refund: Refund?
    public var month: Month?
    /// 未取到
    public var gaps: [String] = []
    public var freshness: [Freshness] = []
    /// The season's heat is not all measured yet: the bill stands as of the latest reading.
    public var isRunning = false
    /// A person should look at this.
    public var needsHandOff = false
    /// Seasons of which there are bills.
    public var seasons: [HeatingSeason] = []
}
