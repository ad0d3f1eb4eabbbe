public import HeatModel

/// One version of a city's heating tariff: what holds for a class of accounts (of one company, or of all) in a range of seasons.
///
/// Versions are read from files (``TariffBook``); what a version does not state, its city's `common` section may. Its
/// ``TariffTerms`` are read as its own: `tariff.price`. They are held once, however many bills and evaluations name the version.
@dynamicMemberLookup
public struct Tariff: Sendable {
    @usableFromInline
    final class Held: Sendable {
        @usableFromInline let terms: TariffTerms

        init(_ terms: TariffTerms) { self.terms = terms }
    }

    @usableFromInline var held: Held

    init(_ terms: TariffTerms) { held = Held(terms) }

    @inlinable
    public subscript<Value>(dynamicMember path: KeyPath<TariffTerms, Value>) -> Value { held.terms[keyPath: path] }

    /// A change makes other terms for this value alone.
    subscript<Value>(dynamicMember path: WritableKeyPath<TariffTerms, Value>) -> Value {
        get { held.terms[keyPath: path] }
        set {
            var terms = held.terms
            terms[keyPath: path] = newValue
            held = Held(terms)
        }
    }

    /// The rule of a key, as a line of a bill names it.
    public func rule(_ key: String) -> RuleReference { held.terms.rules[key] }

    /// Whether a bill of measured heat may change once the season is over.
    public var settlesAtSeasonEnd: Bool { self.cap?.settlesAtSeasonEnd == true || self.twoPart?.trueUp != nil }

    /// The area that a household is charged by: as a system says of it, else as this version says of its place.
    func basis(for subject: BillingCase) -> AreaBasis {
        if let stated = subject.areaBasis { return stated }
        if held.terms.areaExceptions.isEmpty { return self.area }
        return held.terms.areaExceptions.first { $0.covers(subject) }?.basis ?? self.area
    }

    /// This version where another area is charged.
    func charging(_ basis: AreaBasis) -> Tariff {
        if basis == self.area { return self }
        var terms = held.terms
        terms.area = basis
        // What a version does not say of shared area follows from the area that is charged.
        if !terms.statesShared || terms.shared.standing == .inside || terms.shared.standing == .absent {
            terms.shared.standing = basis.containsShared ? .inside : .absent
        }
        return Tariff(terms)
    }

    /// Versions of a higher rank come first: company, then heat source, then class.
    var rank: Int {
        (self.company == nil ? 0 : 4) + (self.heatSource == nil ? 0 : 2) + (self.accountClass == nil ? 0 : 1)
    }

    func covers(_ subject: BillingCase, _ season: HeatingSeason) -> Bool {
        self.seasons.contains(season) && (self.company == nil || self.company == subject.company)
            && (self.heatSource == nil || self.heatSource == subject.heatSource)
            && (self.accountClass == nil || self.accountClass == subject.class)
    }
}

/// What a version of a tariff says.
public struct TariffTerms: Sendable {
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
    /// Where each rule stands.
    public var rules: RuleReferences

    public var season: SeasonRule
    public var area: AreaBasis
    /// Premises that are charged by another area; the first that covers a household holds.
    public var areaExceptions: [AreaException]
    public var shared: SharedAreaRule
    /// Whether the file says where shared area stands.
    var statesShared: Bool
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
}

/// Which rule of which version a figure comes from, and where it stands.
public final class RuleReference: Sendable, Hashable, CustomStringConvertible {
    public let city: String
    public let version: String
    public let key: String
    public let place: Place
    /// `天津市/resident.price (tianjin.yaml:12:5)`: the file's name without its folder, so that an answer is the same wherever the
    /// configuration stands.
    public let description: String

    public init(city: String, version: String, key: String, place: Place) {
        self.city = city
        self.version = version
        self.key = key
        self.place = place
        var place = place.description
        if let slash = place.lastIndex(of: "/") { place = String(place[place.index(after: slash)...]) }
        description = "\(city)/\(version).\(key) (\(place))"
    }

    public static func == (left: RuleReference, right: RuleReference) -> Bool {
        left === right
            || left.place == right.place && left.key == right.key && left.version == right.version
                && left.city == right.city
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(place)
        hasher.combine(key)
    }
}

/// The references to the rules of a version, each made once: every line of every bill names one.
public struct RuleReferences: Sendable {
    private let byKey: [String: RuleReference]
    private let make: @Sendable (String) -> RuleReference

    /// - Parameter places: where each rule stands, by its key in the file; what has no place of its own stands where the version does.
    init(city: String, version: String, place: Place, places: [String: Place]) {
        byKey = Dictionary(
            uniqueKeysWithValues: places.map { key, place in
                (key, RuleReference(city: city, version: version, key: key, place: place))
            })
        make = { RuleReference(city: city, version: version, key: $0, place: place) }
    }

    subscript(_ key: String) -> RuleReference { byKey[key] ?? make(key) }
}
