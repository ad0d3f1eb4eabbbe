public import HeatModel

/// One version of a city's heating tariff: what holds for a class of accounts (of one company, or of all) in a range of seasons.
///
/// Versions are read from files (``TariffBook``); what a version does not state, its city's `common` section may.
public struct Tariff: Sendable {
    /// Unique within the city: `resident`.
    public var id: String
    public var city: String
    /// Nil for every company.
    public var company: String?
    /// Where the city prices heat from its network and from boilers apart; nil for any.
    public var heatSource: String?
    /// Nil for every class.
    public var accountClass: AccountFacts.Class?
    public var seasons: SeasonRange
    /// The notice that the figures are from.
    public var source: String
    public var place: Place
    /// Where each rule stands, by its key in the file.
    public var places: [String: Place]

    public var season: SeasonRule
    public var area: AreaBasis
    public var shared: SharedAreaRule
    public var price: AreaPrice
    public var twoPart: TwoPartRule?
    public var metered: HeatPrices?
    public var cap: CapRule?
    public var heights: [HeightBand]
    public var singleStorey: SingleStoreyRule?
    public var proration: ProrationRule
    public var suspension: SuspensionRule?
    /// Day by which a season must be paid.
    public var due: MonthDay?
    public var lateFee: LateFeeRule?
    public var earlyPayment: [EarlyPaymentBand]
    public var refund: RefundRule?
    public var concessions: [Concession]
    public var rounding: RoundingRule

    /// The rule of a key, as a line of a bill names it.
    public func rule(_ key: String) -> RuleReference {
        RuleReference(city: city, version: id, key: key, place: places[key] ?? place)
    }

    /// Versions of a higher rank are asked first: company, then heat source, then class.
    var rank: Int {
        (company == nil ? 0 : 4) + (heatSource == nil ? 0 : 2) + (accountClass == nil ? 0 : 1)
    }

    func covers(_ subject: BillingCase, _ season: HeatingSeason) -> Bool {
        seasons.contains(season) && (company == nil || company == subject.company)
            && (heatSource == nil || heatSource == subject.heatSource)
            && (accountClass == nil || accountClass == subject.class)
    }
}

/// Which rule of which version a figure comes from, and where it stands.
public struct RuleReference: Sendable, Hashable, CustomStringConvertible {
    public var city: String
    public var version: String
    public var key: String
    public var place: Place

    /// `天津市/resident.price (Config/tariffs/tianjin.yaml:12:5)`
    public var description: String { "\(city)/\(version).\(key) (\(place))" }
}
