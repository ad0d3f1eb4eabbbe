public import HeatModel

/// What is charged for a part of a season.
public struct ProrationRule: Sendable, Hashable {
    public enum Way: String, Sendable, CaseIterable {
        /// The full season's price whatever the days.
        case none
        /// By days of the season.
        case byDay
        /// By months of the season, a begun month in full.
        case byMonth
    }

    /// Where the network supplied later or shorter than the season.
    public var network: Way
    /// Where the account was connected for a part of the season only; nil where the rule does not say.
    public var account: Way?
    /// Whether the day on which the premises are taken off the network is charged.
    public var chargesLastDay = false
}

/// Supply suspended at the customer's wish (报停).
public struct SuspensionRule: Sendable, Hashable {
    public enum Deadline: Sendable, Hashable {
        case date(MonthDay)
        case daysBeforeSeason(Int)
    }

    public enum MinimumTerm: Sendable, Hashable {
        case season
        case days(Int)
    }

    public var deadline: Deadline?
    /// What the ratio is of where heat is measured.
    public enum MeasuredBase: String, Sendable, CaseIterable {
        /// The area price, as for everyone else.
        case area
        /// The base price of the two-part tariff; measured heat alone has none, and nothing stays due.
        case base
    }

    /// Share of the fee that stays due for the suspended area, 0…1.
    public var ratio: ExactDecimal
    /// Nil where the rule does not cover accounts whose heat is measured.
    public var measured: MeasuredBase?
    public var minimumTerm: MinimumTerm?
    /// What a request during the season gets: nothing, or a fee by days.
    public var insideSeason: ProrationRule.Way
    /// Keys of the documents to bring, before the season and in it. Their texts are templates.
    public var documentsOutside: [String]
    public var documentsInside: [String]
}

/// A surcharge for late payment (违约金).
public struct LateFeeRule: Sendable, Hashable {
    public enum Base: String, Sendable, CaseIterable {
        /// What is still owed on the day.
        case arrears
        /// The whole bill as long as any of it is owed.
        case bill
    }

    /// The first day that costs is so many days after the due date; at least 1.
    public var startsAfterDays: Int
    /// Share of the base a day.
    public var dailyRate: ExactDecimal
    public var base: Base
    /// At most so many percent of the arrears at the due date.
    public var capPercent: ExactDecimal?
    public var rounding: RoundingRule.Step
}

/// A discount for payment in full between two days.
public struct EarlyPaymentBand: Sendable, Hashable {
    public var from: MonthDay
    public var to: MonthDay
    public var percent: ExactDecimal
    public var methods: Set<AccountFacts.Method>?
}

/// Money back for cold rooms.
public struct RefundRule: Sendable, Hashable {
    public enum Scope: String, Sendable, CaseIterable {
        /// The whole charged area.
        case charged
        /// The bedrooms and living rooms that were too cold (``BillingCase/coldRoomsArea``).
        case coldRooms
    }

    /// A range of room temperatures and the share of the day's fee that is given back.
    public struct Band: Sendable, Hashable {
        public var range: TemperatureRange
        public var percent: ExactDecimal
        public var place: Place
    }

    /// What one day is worth.
    public enum Base: Sendable, Hashable {
        /// The day's share of the season's price.
        case fee
        /// The same less so many percent that are the base part.
        case feeLessPercent(ExactDecimal)
        /// The same less a base price, 元 a ㎡ and season.
        case feeLessPrice(ExactDecimal)
    }

    /// How long a reading counts.
    public enum Reach: Sendable, Hashable {
        /// The day on which it was taken.
        case day
        /// Every day until the next reading that counts, its own included, at most so many.
        case untilNext(mostDays: Int?)
    }

    /// Rooms colder than this are too cold, °C.
    public var threshold: TenthsOfDegree
    /// Coldest first.
    public var bands: [Band]
    public var base: Base
    public var scope: Scope
    /// Which readings count.
    public var evidence: Set<RoomTemperature.Method>
    public var reach = Reach.day
    public var rounding: RoundingRule.Step
}

/// A range of temperatures, each edge in it or not. No edge, no bound.
public struct TemperatureRange: Sendable, Hashable, CustomStringConvertible {
    public struct Edge: Sendable, Hashable {
        public var value: TenthsOfDegree
        public var isIncluded: Bool
    }

    public var lower: Edge?
    public var upper: Edge?

    public func contains(_ value: TenthsOfDegree) -> Bool {
        if let lower, value < lower.value || (value == lower.value && !lower.isIncluded) { return false }
        if let upper, value > upper.value || (value == upper.value && !upper.isIncluded) { return false }
        return true
    }

    /// `[14, 18)`
    public var description: String {
        "\(lower?.isIncluded == true ? "[" : "(")\(lower?.value.description ?? ""), "
            + "\(upper?.value.description ?? "")\(upper?.isIncluded == true ? "]" : ")")"
    }
}
