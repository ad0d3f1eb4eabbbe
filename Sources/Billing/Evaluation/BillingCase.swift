public import HeatModel

/// Everything about one account and season that a tariff may ask for. What is not known stays nil: a rule that needs it says so.
public struct BillingCase: Sendable, Hashable {
    /// Heat used, in the unit of the reading.
    public struct Consumption: Sendable, Hashable {
        public var quantity: ExactDecimal
        public var unit: Charge.Unit

        public init(_ quantity: ExactDecimal, _ unit: Charge.Unit) {
            self.quantity = quantity
            self.unit = unit
        }
    }

    /// An approved suspension.
    public struct Suspension: Sendable, Hashable {
        /// Share of the charged area that is suspended, 0…1; 1 is all of it. Nil where a part is and no system says how much.
        public var share: ExactDecimal?
        /// Nil for the whole season.
        public var span: DaySpan?
        /// Share of the fee that stays due, where it was approved otherwise than the rule says.
        public var feeRatio: ExactDecimal?

        public init(share: ExactDecimal?, span: DaySpan? = nil, feeRatio: ExactDecimal? = nil) {
            self.share = share
            self.span = span
            self.feeRatio = feeRatio
        }
    }

    public var city: String?
    public var company: String?
    public var heatSource: String?
    /// Where the premises are, for what a tariff says of some places only.
    public var station: String?
    public var community: String?
    public var building: String?
    /// `2025-2026`
    public var season: String?
    public var `class`: AccountFacts.Class?
    public var method: AccountFacts.Method?
    /// ㎡, and the ceiling height in m.
    public var areas = AccountFacts.Areas()
    /// The area that this account is charged by, where a system says so; else the tariff does.
    public var areaBasis: AreaBasis?
    /// Area in ㎡ of the bedrooms and living rooms that were too cold.
    public var coldRoomsArea: ExactDecimal?
    public var isSingleStorey: Bool?
    /// Whether the house is billed with shared area as a line of its own.
    public var splitsSharedArea = false
    /// Nil where it is not known; empty where nothing was used or read yet.
    public var consumption: [Consumption]?
    /// The account's factor of the heat charge.
    public var correction: ExactDecimal?
    public var suspensions: [Suspension] = []
    /// First and last day of the season where the company published others than the rule.
    public var seasonDates: DaySpan?
    /// When the network in fact supplied heat.
    public var networkSupply: DaySpan?
    /// When the account was connected, where not all the time.
    public var connected: DaySpan?
    /// Whether the account was off the network in the middle of the season and on it again: no rule covers that.
    public var isInterrupted = false
    /// What gives the household a right to a concession; what is not known is not there.
    public var entitlements: Set<Concession.Condition> = []
    public var isLowIncome: Bool? {
        get { entitlements.contains(.lowIncome) }
        set { if newValue == true { entitlements.insert(.lowIncome) } else { entitlements.remove(.lowIncome) } }
    }
    /// The day as of which the bill stands; nil once the season is settled.
    public var asOf: CivilDate?

    public init() {}

    /// The season as such.
    ///
    /// - Throws: `billing.missingInput`, `billing.invalidInput`.
    public func heatingSeason() throws(HearthError) -> HeatingSeason {
        guard let season else { throw BillingProblem.missing("season") }
        guard let parsed = HeatingSeason(season) else {
            throw BillingProblem.invalid("season", "is not written like 2025-2026")
        }
        return parsed
    }

    /// The area of a kind; nil where it is not known.
    public func area(_ basis: AreaBasis) -> ExactDecimal? {
        switch basis {
        case .building: areas.building
        case .inner: areas.inner
        case .usable: areas.usable
        case .billing: areas.billing
        }
    }
}
