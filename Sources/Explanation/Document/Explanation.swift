package import AccountView
package import Billing
package import HeatModel
package import Store

/// Why a season's bill is what it is: the answer as one structure, every figure with where it comes from.
///
/// Where there is a comparison, the parts sum to mine − reference, to the fen. What could not be computed is named
/// (``status``, ``problem``, ``gaps``), never a zero.
package struct Explanation: Sendable {
    package enum Versus: String, Sendable, CaseIterable {
        /// The account's peers: the median bill of the narrowest group that is large enough.
        case peers
        /// The account's own season before.
        case previous
        /// What the rules give.
        case tariff
    }

    package enum Status: String, Sendable, CaseIterable {
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
    package struct Evidence: Sendable, Hashable {
        package var source: String
        package var key: String
        /// The run that brought this version of the record, and when it began to read; nil where that is not known.
        package var run: Int64?
        package var instant: Instant?
    }

    package struct Quantity: Sendable, Hashable {
        package var value: String
        /// `㎡`, `kWh/㎡`, `元/㎡`, `m`, `天`, or empty.
        package var unit: String
    }

    /// A ``Factor``'s name, or what the reference and the bill differ by: `basis_difference` (典型户口径差), `billing_difference`
    /// (系统账单与规则不符).
    package static let partKinds =
        Factor.allCases.map(\.name) + [
            "basis_difference", "billing_difference", "previous_billing_difference", "incomplete_bill", "rounding",
        ]

    /// What one thing contributes to the difference.
    package struct Part: Sendable {
        /// One of ``partKinds``.
        package var kind: String
        package var fen: Fen
        package var mine: Quantity?
        package var reference: Quantity?
        /// Mine − reference, where both are numbers of one unit.
        package var change: Quantity?
        package var formula: String
        package var rule: RuleReference?
        package var evidence: [Evidence]
        /// The item of the bill, where the part is about one.
        package var item: Charge.Item?
    }

    package struct Line: Sendable {
        package var item: Charge.Item?
        package var quantity: ExactDecimal?
        package var unit: Charge.Unit?
        package var unitPrice: ExactDecimal?
        package var due: Fen
        package var evidence: Evidence
    }

    package struct Bill: Sendable {
        package var due: Fen
        package var discount: Fen
        package var reduction: Fen
        package var received: Fen
        package var penalty: Fen
        /// As billing has it.
        package var arrears: Fen
        package var dueOn: CivilDate?
        package var lines: [Line]
    }

    /// What mine is compared with.
    package struct Reference: Sendable {
        package var fen: Fen
        /// Of peers: the group and how its median bill is published.
        package var level: CohortLevel?
        package var households: Int?
        package var publication: CohortStatistics.Publication?
        /// What the tariff gives for the typical household.
        package var typical: Fen?
        package var season: HeatingSeason?
        /// The lines of the typical household, of the season before, or that the rules give.
        package var lines: [EvaluatedLine]
    }

    /// The bill beside the rules.
    package struct Check: Sendable {
        package var agrees: Bool
        package var right: Fen
        /// Billed − right.
        package var difference: Fen
        package var comparisons: [Recomputation.Comparison]
        /// The likeliest first.
        package var causes: [Recomputation.Cause]
        package var lines: [EvaluatedLine]
        package var tariff: RuleReference
        package var seasonDays: Int
        package var chargedDays: Int
    }

    package struct Area: Sendable {
        package var areas: AccountFacts.Areas
        /// Which of them is charged; nil where no tariff holds.
        package var basis: AreaBasis?
        package var charged: ExactDecimal?
        /// Where shared area stands: inside, ownLine or absent.
        package var shared: SharedAreaRule.Standing?
        package var disagreements: [AccountContext.Disagreement]
        package var evidence: [Evidence]
    }

    package struct Temperature: Sendable {
        package struct Reading: Sendable {
            package var celsius: TenthsOfDegree
            package var at: Instant
            package var method: RoomTemperature.Method?
            package var evidence: Evidence
        }

        /// Of the season, the latest first; at most ten.
        package var readings: [Reading]
        package var count: Int
        package var supply: AccountFacts.Supply
        /// °C below which a room is too cold, where the tariff says.
        package var standard: TenthsOfDegree?
        /// Whether the heat used is billed, so that warmth has a price; an area bill is the same whatever the temperature.
        package var isMetered: Bool
        package var evidence: [Evidence]
    }

    package struct Refund: Sendable {
        package enum Standing: String, Sendable {
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

        package var standing: Standing
        package var amount: Fen
        package var lines: [ColdRoomRefund.Line]
        package var coldDays: Int
        package var contradictoryDays: [CivilDate]
        package var readingsLeftOut: Int
    }

    /// What a month of a season's bill comes to (上个月的热费).
    package struct Month: Sendable {
        package var year: Int
        package var month: Int
        package var days: Int
        package var seasonDays: Int
        package var share: Fen
        package var formula: String
    }

    package struct Freshness: Sendable {
        package var source: String
        /// When the last good run of the stream began; nil where there was none.
        package var at: Instant?
        package var isStale: Bool

        package init(source: String, at: Instant?, isStale: Bool) {
            self.source = source
            self.at = at
            self.isStale = isStale
        }
    }

    package struct Problem: Sendable {
        package var code: String
        package var message: String
    }

    package var account: String
    package var season: HeatingSeason?
    package var versus: Versus
    package var asOf: CivilDate
    /// The peers are those of the present, though the account is as of an earlier moment.
    package var peersAreOfPresent = false
    package var status: Status
    package var problem: Problem?
    package var method: AccountFacts.Method?
    package var accountClass: AccountFacts.Class?
    package var bill: Bill?
    package var reference: Reference?
    /// Mine − reference; nil where there is no comparison.
    package var difference: Fen?
    /// In their fixed order.
    package var parts: [Part] = []
    package var check: Check?
    package var area: Area?
    package var temperature: Temperature?
    package var refund: Refund?
    package var month: Month?
    /// 未取到
    package var gaps: [String] = []
    package var freshness: [Freshness] = []
    /// The season's heat is not all measured yet: the bill stands as of the latest reading.
    package var isRunning = false
    /// A person should look at this.
    package var needsHandOff = false
    /// Seasons of which there are bills.
    package var seasons: [HeatingSeason] = []
}
