package import HeatModel

/// Everything true about one heating account, derived from (seed, index) alone. The legacy systems then say it in their own
/// ways, and where a fault is planted they say something else.
///
/// Areas are in ㎡ and heights in m, both with 3 places.
package struct AccountFacts: Sendable, Equatable {
    /// How heat is charged.
    package enum Method: String, Sendable { case byArea, metered, twoPart }

    package let index: Int
    /// 户号: eight digits, the first always 0.
    package let number: String
    /// Billing's own id of the account (yhid).
    package let billingID: Int64
    /// A business (单位), not a household (居民).
    package let isUnit: Bool
    package let communityName: String
    package let district: String
    package let station: String
    package let networkNumber: String
    package let building: Int
    package let unit: Int
    package let floor: Int
    package let room: Int
    package let holderName: String
    package let phones: [String]
    package let idNumber: String
    package let isElderly: Bool
    package let isLowIncome: Bool
    package let isLocked: Bool
    package let isBlacklisted: Bool
    package let buildingArea: ExactDecimal
    package let innerArea: ExactDecimal
    package let usableArea: ExactDecimal
    package let ceilingHeight: ExactDecimal
    package let method: Method
    package let openedOn: CivilDate
    /// The day on which the premises were taken off the network (销户), if ever.
    package internal(set) var disconnectedOn: CivilDate?
    package let isRestorable: Bool
    /// Suspended supply by season: 0 the earlier, 1 the present.
    var suspensions: [SuspensionFact]
    /// When the premises left the network and came back to it, in order, beside ``disconnectedOn``.
    var network: [NetworkEvent] = []
    var meterExchange: MeterExchange?
    let splitsSharedArea: Bool
    let unitsOfBuilding: Int

    /// 公摊: building area less inner area.
    package var sharedArea: ExactDecimal { ExactDecimal(units: buildingArea.units - innerArea.units, places: 3) }

    static func number(_ index: Int) -> String { Digits.padded(1_000_003 + index * 7, 8) }
    /// A number of the same shape that no account has.
    static func strayNumber(_ index: Int) -> String { Digits.padded(1_000_003 + index * 7 + 4, 8) }
    static func billingID(_ index: Int) -> Int64 { Int64(200_001 + index) }

    init(index: Int, community: Community, options: EstateOptions, tariff: CityTariff) {
        self.index = index
        number = Self.number(index)
        billingID = Self.billingID(index)
        communityName = community.name
        district = community.district
        station = community.station
        networkNumber = community.networkNumber
        (building, unit, floor, room) = community.position(index % Community.accountsPerCommunity)
        unitsOfBuilding = community.units
        var random = SplitMix64(seed: options.seed, subject: .premises, index: index)
        isUnit = floor == 1 && random.chance(300)
        let person = Person(
            seed: options.seed, index: index, isBusiness: isUnit, community: community,
            year: options.startYear(ofSeason: 1))
        holderName = person.name
        phones = person.phones
        idNumber = person.idNumber
        isElderly = person.isElderly
        isLowIncome = !isUnit && random.chance(25)
        isLocked = random.chance(4)
        isBlacklisted = random.chance(3)

        // Areas: flats on one line of a building share a plan; shops are larger. Two published places, a third sometimes.
        let plan = Int64(room % 100) * 7_310
        var area = community.typicalArea + plan + Int64(random.within(-600...600)) * 10
        if isUnit { area = area * Int64(random.within(12...46)) / 10 / 10 * 10 }
        if random.chance(30) { area += Int64(random.within(1...9)) }
        let inner = area * Int64(random.within(780...860)) / 10_000 * 10
        buildingArea = ExactDecimal(units: area, places: 3)
        innerArea = ExactDecimal(units: inner, places: 3)
        usableArea = ExactDecimal(units: inner * Int64(random.within(880...930)) / 10_000 * 10, places: 3)
        let heights: [Int64] =
            isUnit ? [3_000, 3_300, 3_600, 3_900, 4_200, 4_500] : [2_700, 2_800, 2_800, 2_900, 3_000]
        let chosen = random.pick(heights)
        ceilingHeight = ExactDecimal(units: !isUnit && random.chance(8) ? 3_800 : chosen, places: 3)

        let isMetered = random.chance(850) && community.isMetered(building: building)
        if isMetered, tariff.twoPart(isUnit: isUnit) != nil {
            method = isUnit && random.chance(300) && tariff.meteredPrice != nil ? .metered : .twoPart
        } else {
            method = .byArea
        }
        splitsSharedArea =
            community.splitsSharedArea(building: building) && tariff.basis(isUnit: isUnit) == .building
            && method == .byArea

        let firstYear = options.startYear(ofSeason: 0)
        let opened = CivilDate(year: firstYear - 1 - random.below(15), month: 8, day: 1) ?? options.today
        openedOn = opened.adding(days: random.below(90))
        if random.chance(8) {
            disconnectedOn = CivilDate(year: firstYear + 1, month: 6, day: 1 + random.below(28))
            isRestorable = random.chance(400)
        } else {
            disconnectedOn = nil
            isRestorable = false
        }
        var suspensions: [SuspensionFact] = []
        for season in 0...1 {
            let isGone = season == 1 && disconnectedOn != nil
            if method == .byArea, !isGone, random.chance(45) {
                suspensions.append(SuspensionFact(season: season, area: area, options: options, random: &random))
            }
        }
        self.suspensions = suspensions
        if options.householdEvents != nil { meet(options: options, tariff: tariff) }
    }

    func suspension(season: Int) -> SuspensionFact? {
        suspensions.first { $0.season <= season && season <= $0.lastSeason }
    }

    /// The area that the tariff charges, before any suspension, in 0.001 ㎡.
    func chargedArea(_ tariff: CityTariff) -> Int64 {
        switch tariff.basis(isUnit: isUnit) {
        case .building: buildingArea.units
        case .inner: innerArea.units
        case .usable: usableArea.units
        }
    }
}

/// Supply suspended (报停), whole or in part: for a season, or for days.
struct SuspensionFact: Sendable, Equatable {
    let season: Int
    /// Another than `season` only where one record holds for both seasons.
    var lastSeason: Int
    /// Whether the record names its season; it always states its days.
    var statesSeason = true
    /// The days that the record states; nil for the season's first and last.
    var from: CivilDate?
    var to: CivilDate?
    /// When supply was taken up again before its end.
    var restoredOn: CivilDate?
    var isPartial: Bool
    /// Share of the charged area that is suspended, 10⁻⁴.
    var ratio: Int64
    let requestedOn: CivilDate
    let approvedOn: CivilDate
    let reason: String

    init(season: Int, area: Int64, options: EstateOptions, random: inout SplitMix64) {
        self.season = season
        lastSeason = season
        isPartial = random.chance(250)
        ratio = isPartial ? Int64(random.pick([2_500, 4_000, 5_000])) : 10_000
        let year = options.startYear(ofSeason: season)
        let september = CivilDate(year: year, month: 9, day: 1) ?? options.today
        requestedOn = september.adding(days: random.below(25))
        approvedOn = requestedOn.adding(days: 1 + random.below(4))
        reason = random.pick(["长期无人居住", "外地过冬", "房屋装修", "待售空置"])
    }

    /// How many days of a season supply is suspended.
    func stopped(season: Int, options: EstateOptions, tariff: CityTariff) -> Part {
        let days = options.days(ofSeason: season, tariff)
        let all = options.countOfDays(ofSeason: season, tariff)
        let first = max(days.lowerBound, from ?? days.lowerBound)
        var last = min(days.upperBound, to ?? days.upperBound)
        if let restoredOn { last = min(last, restoredOn.adding(days: -1)) }
        return Part(days: max(0, last.days(since: first) + 1), of: all)
    }
}
