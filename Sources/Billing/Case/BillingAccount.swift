public import HeatModel

/// What the systems say of one account that its bills depend on, typed: made by whoever reads its view, and judged in one way
/// (``season(_:billed:by:)``).
public struct BillingAccount: Sendable {
    /// The city whose tariffs hold (``TariffBook/city(stated:code:home:)``).
    public var city: String?
    public var company: String?
    public var heatSource: String?
    public var station: String?
    public var community: String?
    public var building: String?
    public var `class`: AccountFacts.Class?
    public var method: AccountFacts.Method?
    /// ㎡, and the ceiling height in m.
    public var areas = AccountFacts.Areas()
    /// The area that the account is charged by, where a system says so.
    public var areaBasis: AreaBasis?
    /// ㎡ of the bedrooms and living rooms that were too cold, where the caller knows it.
    public var coldRoomsArea: ExactDecimal?
    public var entitlements: Set<Concession.Condition> = []
    /// Of every season, as the view lists them.
    public var suspensions: [Suspension] = []
    public var disconnections: [Disconnection] = []
    public var readings: [MeterReading] = []
    /// Whether meter readings are taken over at all: then an account without any has used nothing that is known.
    public var listsReadings = false

    public init() {}
}

/// One account and season as the tariff sees it, and which of the account's records made it so.
public struct SeasonCase: Sendable {
    public var season: HeatingSeason
    public var subject: BillingCase
    /// The version that holds; nil where none does, and evaluation says why.
    public var tariff: Tariff?
    /// Places in ``BillingAccount/suspensions`` and the other lists.
    public var suspensions: [Int] = []
    public var disconnections: [Int] = []
    public var readings: [Int] = []
    /// Readings that cannot all be true; the heat used is then not known.
    public var contradictoryReadings: [Int] = []
    /// The heat used is the bill's own statement, because no reading is there.
    public var usesBilledHeat = false
    /// A reading is not there, or does not say what was used.
    public var lacksReadings = false

    init(_ season: HeatingSeason, _ subject: BillingCase) {
        self.season = season
        self.subject = subject
    }

    /// Whether the account was off the network all the season.
    public var isDisconnected: Bool {
        !subject.isInterrupted && subject.connected.map { $0.days == 0 } ?? false
    }
}

extension BillingAccount {
    /// The case of one season.
    ///
    /// The season's dates and what is charged for a part of it are the tariff's; which records count is the same for everybody:
    /// a suspension that was granted and not taken back, for the season that it names or, where it names none, whose days it
    /// meets, up to the day before supply was taken up again; a disconnection that has happened, until the premises were put on
    /// the network again; readings of the season.
    ///
    /// - Parameters:
    ///   - billed: the season's lines, without voided ones.
    ///   - book: the tariffs; where none holds, the case lacks what only a season's dates tell.
    public func season(_ season: HeatingSeason, billed: [BilledLine], by book: TariffBook) -> SeasonCase {
        let name = season.description
        var result = SeasonCase(season, facts(of: name, billed))
        result.tariff = try? book.tariff(for: result.subject)
        let span = result.tariff?.season.span(of: season)
        if !suspensions.isEmpty { fillSuspensions(&result, name, span) }
        if !disconnections.isEmpty, let span {
            fillConnection(&result, span, chargesLastDay: result.tariff?.proration.chargesLastDay ?? false)
        }
        if let method, method != .byArea { fillHeat(&result, name, billed) }
        return result
    }

    private func facts(of season: String, _ billed: [BilledLine]) -> BillingCase {
        var subject = BillingCase()
        subject.city = city
        subject.company = company
        subject.heatSource = heatSource
        subject.station = station
        subject.community = community
        subject.building = building
        subject.season = season
        subject.class = `class`
        subject.method = method
        subject.areas = areas
        subject.areaBasis = areaBasis
        subject.coldRoomsArea = coldRoomsArea
        // In a house billed so, the bill says so.
        subject.splitsSharedArea = billed.contains { $0.item == .sharedArea }
        subject.entitlements = entitlements
        return subject
    }
}
