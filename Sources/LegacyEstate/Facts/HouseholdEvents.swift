package import HeatModel

/// What happens to households beyond the ordinary year, and how billing charges for it: premises that leave the network in the middle
/// of a season and come back to it, supply suspended for days of its own or without a season, and heat meters that are exchanged for
/// ones of another unit.
package struct HouseholdEvents: Sendable {
    /// Whether the day on which premises leave the network is charged.
    package var chargesDisconnectionDay: Bool
    /// What a ㎡ and season costs an elderly household, 元 with 3 places; nil where it pays what all do.
    package var elderlyPrice: ExactDecimal?

    package init(chargesDisconnectionDay: Bool = false, elderlyPrice: ExactDecimal? = nil) {
        self.chargesDisconnectionDay = chargesDisconnectionDay
        self.elderlyPrice = elderlyPrice
    }
}

/// Premises taken off the network, or put on it again.
struct NetworkEvent: Sendable, Equatable {
    let day: CivilDate
    let isOn: Bool
}

/// A heat meter that is exchanged for one of another unit, before a reading of a season.
struct MeterExchange: Sendable, Equatable {
    let season: Int
    /// The first reading of the new meter, counted from 0.
    let reading: Int

    func isBefore(_ season: Int, _ reading: Int) -> Bool { (self.season, self.reading) <= (season, reading) }
}

extension AccountFacts {
    /// Draws what happens to this household, from a stream of chance that nothing else uses.
    mutating func meet(options: EstateOptions, tariff: CityTariff) {
        var random = SplitMix64(seed: options.seed, subject: .event, index: index)
        if method != .byArea, random.chance(400) {
            meterExchange = MeterExchange(season: random.below(2), reading: random.within(1...2))
        }
        if disconnectedOn != nil { return }
        /// A day of a season, now and then its first or its last; of the present season none that is still to come.
        func day(_ season: Int) -> CivilDate {
            let days = options.days(ofSeason: season, tariff)
            let last = min(days.upperBound, options.today.adding(days: -3))
            if random.chance(80) { return days.lowerBound }
            if random.chance(80), season == 0 { return last }
            return days.lowerBound.adding(days: 1 + random.below(last.days(since: days.lowerBound) - 1))
        }
        switch random.below(1000) {
        case 0..<130:
            let season = random.below(2)
            network = [NetworkEvent(day: day(season), isOn: false)]
            suspensions.removeAll { $0.lastSeason > season }
        case 130..<200:
            let summer = options.days(ofSeason: 0, tariff).upperBound.adding(days: 40)
            network = [
                NetworkEvent(day: random.chance(500) ? summer : day(0), isOn: false),
                NetworkEvent(day: day(1), isOn: true),
            ]
            suspensions = []
        case 200..<225:
            let first = options.days(ofSeason: 0, tariff).lowerBound
            network = [
                NetworkEvent(day: first.adding(days: 20 + random.below(20)), isOn: false),
                NetworkEvent(day: first.adding(days: 60 + random.below(20)), isOn: true),
            ]
            suspensions = []
        case 225..<290 where method != .metered:
            let (first, last) = random.pick([(0, 0), (1, 1), (0, 1)])
            var stop = SuspensionFact(season: first, area: 0, options: options, random: &random)
            stop.statesSeason = false
            stop.lastSeason = last
            stop.from = options.days(ofSeason: first, tariff).lowerBound.adding(days: -random.below(15))
            stop.to = options.days(ofSeason: last, tariff).upperBound.adding(days: random.below(15))
            suspensions = [stop]
        case 290..<360 where method == .byArea:
            let season = random.below(2)
            var stop = SuspensionFact(season: season, area: 0, options: options, random: &random)
            stop.statesSeason = random.chance(500)
            let from = day(season)
            let end = options.days(ofSeason: season, tariff).upperBound
            (stop.from, stop.to) = (from, max(from, end.adding(days: -random.below(30))))
            suspensions = [stop]
        case 360..<430 where method == .byArea:
            let season = random.below(2)
            var stop = SuspensionFact(season: season, area: 0, options: options, random: &random)
            stop.statesSeason = random.chance(500)
            let restored = day(season)
            stop.restoredOn = max(restored, options.days(ofSeason: season, tariff).lowerBound.adding(days: 1))
            suspensions = [stop]
        default: break
        }
    }

    /// Off the network for good, as far as is known.
    var isGone: Bool { disconnectedOn != nil || network.last?.isOn == false }

    /// Whether the premises are off the network on a day.
    func isOff(on day: CivilDate) -> Bool { network.last { $0.day <= day }.map { !$0.isOn } ?? false }

    /// Days of a season that are charged, counted one by one: those on the network, and the day of leaving it where that is charged.
    func chargedDays(season: Int, options: EstateOptions, tariff: CityTariff) -> Part {
        if network.isEmpty { return Part.all }
        let first = options.days(ofSeason: season, tariff).lowerBound
        let all = options.countOfDays(ofSeason: season, tariff)
        let chargesLeaving = options.householdEvents?.chargesDisconnectionDay ?? false
        let charged = (0..<all).count { number in
            let day = first.adding(days: number)
            let leaves = network.contains { $0.day == day && !$0.isOn }
            return !isOff(on: day) || (chargesLeaving && leaves)
        }
        return Part(days: charged, of: all)
    }
}

/// So many days of a season's days.
struct Part: Sendable, Equatable {
    var days: Int
    var of: Int
    static let all = Part(days: 1, of: 1)
    var rest: Part { Part(days: of - days, of: of) }
}

extension EstateOptions {
    /// First and last day of a season.
    func days(ofSeason season: Int, _ tariff: CityTariff) -> ClosedRange<CivilDate> {
        let year = startYear(ofSeason: season)
        let first = CivilDate(year: year, month: tariff.start.month, day: tariff.start.day) ?? today
        let last = CivilDate(year: year + 1, month: tariff.end.month, day: tariff.end.day) ?? first
        return first...max(first, last)
    }

    func countOfDays(ofSeason season: Int, _ tariff: CityTariff) -> Int {
        let days = days(ofSeason: season, tariff)
        return days.upperBound.days(since: days.lowerBound) + 1
    }
}
