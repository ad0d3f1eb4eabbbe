import Billing
import HeatModel
import Store

/// What every account is checked against: made once, read by all threads.
struct CheckPlan: Sendable {
    /// A record that only its place led to the account.
    struct PlacedRecord: Sendable {
        var stream: Int
        var key: [UInt8]
        /// Digits of the telephone that it states.
        var phone: String
    }

    let rules: RuleSet
    let book: TariffBook
    let streams: [StoredStream]
    /// The rule of each check that names nothing further.
    private let byCheck: [Rule.Check: Int]
    /// Those of them that every account is asked about: a check's hash is that of its name.
    let ofEveryAccount: (unstated: Int?, lineArrears: Int?, balance: Int?, notFollowedUp: Int?)
    private let byField: [String: Int]
    private let byCause: [String: Int]
    /// Present and lacking stream of each rule of a missing account.
    let missing: [(rule: Int, present: Int, lacks: Int)]
    /// `number U+001F season` of bills that are not whole, because a record of theirs waits in quarantine; the season `*` for all.
    let incomplete: Set<String>
    let placed: [AccountID: [PlacedRecord]]
    /// Whether any stream states accounts: where none does, charges and the like bring them in.
    let statesAccounts: Bool
    let hasPayments: Bool
    let hasSuspensions: Bool
    let hasReadings: Bool
    /// Which texts any tariff asks for.
    let asked: (company: Bool, heatSource: Bool, places: Bool)
    /// Only findings of this season, or of none.
    let season: String?

    init(
        rules: RuleSet, book: TariffBook, streams: [StoredStream], incomplete: Set<String>,
        placed: [AccountID: [PlacedRecord]], season: String?
    ) {
        self.rules = rules
        self.book = book
        self.streams = streams
        self.incomplete = incomplete
        self.placed = placed
        self.season = season
        byCheck = Dictionary(
            uniqueKeysWithValues: Rule.Check.allCases.compactMap { check in rules.index(of: check).map { (check, $0) } }
        )
        ofEveryAccount = (
            byCheck[.accountUnstated], byCheck[.lineArrears], byCheck[.balance], byCheck[.notFollowedUp]
        )
        byField = Dictionary(
            uniqueKeysWithValues: EntityKind.account.fields.compactMap { field in
                rules.index(of: .disagreement, for: field.jsonKey).map { (field.jsonKey, $0) }
            })
        byCause = Dictionary(
            uniqueKeysWithValues: Alternative.kinds.compactMap { kind in
                rules.index(of: .tariff, for: kind).map { (kind, $0) }
            })
        missing = rules.rules.enumerated().compactMap { index, rule in
            guard rule.check == .accountMissing, let present = streams.firstIndex(where: { $0.name == rule.present }),
                let lacks = streams.firstIndex(where: { $0.name == rule.lacks })
            else { return nil }
            return (index, present, lacks)
        }
        statesAccounts = streams.contains { $0.entity == .account || $0.entity == .premises }
        hasPayments = streams.contains { $0.entity == .payment }
        hasSuspensions = streams.contains { $0.entity == .suspension }
        hasReadings = streams.contains { $0.entity == .meterReading }
        let tariffs = book.cityNames.flatMap { book.tariffs(of: $0) }
        asked = (
            tariffs.contains { $0.company != nil }, tariffs.contains { $0.heatSource != nil },
            tariffs.contains { !$0.areaExceptions.isEmpty }
        )
    }

    func rule(_ check: Rule.Check) -> Int? { byCheck[check] }
    func rule(field: String) -> Int? { byField[field] }
    func rule(cause: String) -> Int? { byCause[cause] ?? rules.index(of: .tariff, for: "*") }

    func isWanted(season: String) -> Bool { self.season == nil || season.isEmpty || season == self.season }

    /// Its texts are asked for only where any bill is incomplete.
    func isIncomplete(_ number: @autoclosure () -> String, _ season: @autoclosure () -> String) -> Bool {
        if incomplete.isEmpty { return false }
        let (number, season) = (number(), season())
        return incomplete.contains("\(number)\u{1F}\(season)") || incomplete.contains("\(number)\u{1F}*")
    }

    /// Digits alone, as telephones are compared.
    static func digits(_ phone: String) -> String { phone.filter { $0.isASCII && $0.isNumber } }
}
