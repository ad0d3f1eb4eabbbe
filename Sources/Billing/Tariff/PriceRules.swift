public import HeatModel

/// Which area of the premises is charged.
public enum AreaBasis: String, Sendable, CaseIterable {
    /// 建筑面积
    case building
    /// 套内面积
    case inner
    /// 使用面积
    case usable
    /// 收费面积, as billing has it registered.
    case billing

    /// Whether shared area (公摊) is a part of it.
    public var containsShared: Bool { self == .building || self == .billing }
}

/// Premises that are charged by another area than the tariff says of all.
public struct AreaException: Sendable, Hashable {
    public var basis: AreaBasis
    /// Each that is stated must name the premises' own; nil names them all.
    public var stations: Set<String>?
    public var communities: Set<String>?
    public var buildings: Set<String>?

    /// Whether both name the same premises in the same way. Whether a station and a community overlap is unknown: there the
    /// first holds.
    func overlaps(_ other: AreaException) -> Bool {
        func meet(_ one: Set<String>?, _ other: Set<String>?, ofNone: Bool) -> Bool {
            guard let one, let other else { return one == nil && other == nil || ofNone }
            return !one.isDisjoint(with: other)
        }
        return meet(stations, other.stations, ofNone: false) && meet(communities, other.communities, ofNone: false)
            && meet(buildings, other.buildings, ofNone: true)
    }

    func covers(_ subject: BillingCase) -> Bool {
        func isNamed(_ name: String?, in names: Set<String>?) -> Bool {
            names.map { names in name.map { names.contains($0) } ?? false } ?? true
        }
        return isNamed(subject.station, in: stations) && isNamed(subject.community, in: communities)
            && isNamed(subject.building, in: buildings)
    }
}

/// Where shared area (公摊) stands in a bill.
public struct SharedAreaRule: Sendable, Hashable {
    public enum Standing: String, Sendable, CaseIterable {
        /// Within the charged area.
        case inside
        /// A line of its own, always.
        case ownLine
        /// A line of its own in the houses billed so (``BillingCase/splitsSharedArea``), else within the charged area.
        case ownLineWhereSplit
        /// Not charged: the charged area does not contain it.
        case absent
    }

    public var standing: Standing
    /// 元 a ㎡ and period of the area price where shared area has a price of its own. Without one it has the price of what it is a part
    /// of: the base price under a two-part tariff, else the area price.
    public var price: ExactDecimal?
    /// The ways of charging under which it is a line of its own; nil for all.
    public var methods: Set<AccountFacts.Method>?
    /// Whether the line stays due in full while supply is suspended; else a bill with a suspension has no such line.
    public var staysWhileSuspended = false
}

/// The price of heat by area.
public struct AreaPrice: Sendable, Hashable {
    public enum Period: String, Sendable, CaseIterable {
        case season
        case month
        case day
    }

    /// 元 a ㎡ and period.
    public var amount: ExactDecimal
    public var period: Period
    /// How many months a season's bill has, where the price is by month.
    public var months: ExactDecimal?
}

/// Prices of measured heat, each in the unit in which it is published.
public struct HeatPrices: Sendable, Hashable {
    /// A reading in a unit without a price, and the priced unit it may be stated in.
    public struct Factor: Sendable, Hashable {
        public var unit: Charge.Unit
        public var times: ExactDecimal
    }

    /// 元 for one unit.
    public var prices: [Charge.Unit: ExactDecimal]
    /// By the unit of the reading. Only what a tariff file states; nothing is ever converted otherwise.
    public var factors: [Charge.Unit: Factor]
    /// Multiplies the heat charge where the account has no factor of its own; nil where each account must have one.
    public var correction: ExactDecimal?
}

/// A charge by area and a charge for the heat used (两部制).
public struct TwoPartRule: Sendable, Hashable {
    /// 元 a ㎡ and season.
    public var base: ExactDecimal
    public var heat: HeatPrices
    /// Paid by area beforehand and settled at the end of the season.
    public var trueUp: TrueUpRule?
}

/// What becomes of the difference between the area fee paid beforehand and the measured bill (多退少补).
public struct TrueUpRule: Sendable, Hashable {
    /// Whether too much paid is given back.
    public var refunds: Bool
    /// Whether too little paid is collected.
    public var collects: Bool
}

/// A measured bill is at most so many percent of the area fee.
public struct CapRule: Sendable, Hashable {
    public var percent: ExactDecimal
    /// Whether it is settled only once the season is over; else the running bill is capped too.
    public var settlesAtSeasonEnd: Bool
}

/// So much more above a ceiling height.
public struct HeightBand: Sendable, Hashable {
    public enum Addition: Sendable, Hashable {
        /// Percent of the area price.
        case percent(ExactDecimal)
        /// 元 a ㎡ and period of the area price.
        case amount(ExactDecimal)
    }

    public enum Counting: String, Sendable, CaseIterable {
        /// Only a full step counts.
        case full
        /// A step that is only begun counts in full.
        case started
    }

    /// m
    public var threshold: ExactDecimal
    /// Whether the threshold itself is already in the band.
    public var includesThreshold: Bool
    /// m; nil where the addition is fixed.
    public var step: ExactDecimal?
    public var counting: Counting
    public var addition: Addition
    /// Nil for every class.
    public var classes: Set<AccountFacts.Class>?
    /// At most so many steps.
    public var mostSteps: Int?

    /// How often the addition is due for a ceiling height; 0 below the band.
    func steps(at height: ExactDecimal) throws(HearthError) -> Int {
        let order = height.compare(threshold)
        if order < 0 || (order == 0 && !includesThreshold) { return 0 }
        guard let step else { return 1 }
        let above = try Ratio(height) + -Ratio(threshold)
        guard let count = try above.divided(by: Ratio(step)) else { return 0 }
        let whole = ExactDecimal.divide(count.numerator, by: count.denominator, counting == .started ? .up : .truncate)
        guard let steps = Int(exactly: whole) else { throw Ratio.overflow }
        return min(steps, mostSteps ?? .max)
    }
}

/// So many percent of the area price more for a house of one storey.
public struct SingleStoreyRule: Sendable, Hashable {
    public var percent: ExactDecimal
    public var classes: Set<AccountFacts.Class>?
}

/// A lower price, or a part of the bill given up, for some households.
public struct Concession: Sendable, Hashable {
    public enum Condition: String, Sendable, CaseIterable {
        /// 低保
        case lowIncome
        /// 老人
        case elderly
        /// 残疾
        case disabled
        /// 优抚
        case veteran
    }

    public enum Scope: String, Sendable, CaseIterable {
        /// The first line of the bill.
        case firstLine
        /// The whole bill.
        case bill
    }

    public enum Benefit: Sendable, Hashable {
        /// 元 a ㎡ and period instead of the area price.
        case price(ExactDecimal)
        /// A sum for the season, at most the bill.
        case amount(Fen)
        case percent(ExactDecimal, of: Scope)
    }

    public var condition: Condition
    public var benefit: Benefit
}
