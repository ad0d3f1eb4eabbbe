package import HeatModel

/// The cities whose tariffs the estate knows.
package enum City: String, Sendable, CaseIterable, Codable {
    case beijing
    case tianjin
    case jinan
    case harbin
    case shenyang
}

/// What kind of heating company to make. Equal options give equal bytes on every machine.
package struct EstateOptions: Sendable {
    /// Number of heating accounts, 1…10,000,000.
    package var accounts: Int
    package var seed: UInt64
    package var city: City
    /// Whether the faults of ``Estate/planted`` stand in the outputs.
    package var plantFaults: Bool
    /// Whether rows are planted that only reconciliation shows to be wrong, beside or without the other faults.
    package var plantDiscrepancies: Bool
    /// What happens to households in the middle of a season; nil for nothing of it.
    package var householdEvents: HouseholdEvents?
    /// The earlier heating season, closed by now: `2024-2025`.
    package var firstSeason: String
    /// The present heating season: `2025-2026`.
    package var secondSeason: String
    /// The day on which the legacy systems are seen; no clock is ever read.
    package var today: CivilDate

    package init(
        accounts: Int = 2000, seed: UInt64 = 1, city: City = .tianjin, plantFaults: Bool = true,
        plantDiscrepancies: Bool = false, householdEvents: HouseholdEvents? = nil,
        firstSeason: String = "2024-2025", secondSeason: String = "2025-2026",
        today: CivilDate = CivilDate(dayNumber: 20_473)
    ) {
        self.accounts = min(max(accounts, 1), 10_000_000)
        self.seed = seed
        self.city = city
        self.plantFaults = plantFaults
        self.plantDiscrepancies = plantDiscrepancies
        self.householdEvents = householdEvents
        self.firstSeason = firstSeason
        self.secondSeason = secondSeason
        self.today = today
    }

    /// The year in which a season starts: 0 is the earlier, 1 the present season.
    func startYear(ofSeason season: Int) -> Int {
        Int((season == 0 ? firstSeason : secondSeason).prefix(4)) ?? (season == 0 ? 2024 : 2025)
    }

    func name(ofSeason season: Int) -> String { season == 0 ? firstSeason : secondSeason }
}
