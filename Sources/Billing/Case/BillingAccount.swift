public import HeatModel

/// What the systems say of one account that its bills depend on, typed. A reader of the view fills it; ``season(_:billed:by:)`` is the
/// only judge of it.
public struct BillingAccount: Sendable {
    /// What holds in every season; a season's case begins as a copy of it. Its city is the one whose tariffs hold
    /// (``TariffBook/city(stated:code:home:)``).
    public var facts = BillingCase()
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
    /// The season's dates and what is charged for a part of it are the tariff's; which records count is the same everywhere:
    /// a suspension that was granted and not taken back, for the season that it names or, where it names none, whose days it
    /// meets, up to the day before supply was taken up again; a disconnection that has happened, until the premises were put on
    /// the network again; readings of the season.
    ///
    /// - Parameters:
    ///   - billed: the season's lines, without voided ones.
    ///   - book: the tariffs; where none holds, the case lacks what follows from a season's dates.
    public func season(_ season: HeatingSeason, billed: [BilledLine], by book: TariffBook) -> SeasonCase {
        let name = season.description
        var result = SeasonCase(season, facts(of: name, billed))
        result.tariff = try? book.tariff(for: result.subject)
        let span = result.tariff?.season.span(of: season)
        if !suspensions.isEmpty { fillSuspensions(&result, name, span) }
        if !disconnections.isEmpty, let span {
            fillConnection(&result, span, chargesLastDay: result.tariff?.proration.chargesLastDay ?? false)
        }
        if let method = facts.method, method != .byArea { fillHeat(&result, name, billed) }
        return result
    }

    private func facts(of season: String, _ billed: [BilledLine]) -> BillingCase {
        var subject = facts
        subject.season = season
        // In a house billed so, the bill says so.
        subject.splitsSharedArea = billed.contains { $0.item == .sharedArea }
        return subject
    }
}
