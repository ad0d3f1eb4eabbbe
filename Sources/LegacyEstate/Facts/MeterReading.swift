import HeatModel

/// A month's reading of an account's heat meter, in the unit of its tariff with 3 places.
struct MeterReading: Sendable {
    let id: Int64
    let meter: String
    let season: Int
    let readAt: LocalTime
    let startValue: Int64
    let endValue: Int64
    /// `kWh` or `GJ`, the unit that is billed.
    let unit: String
    /// The unit that the meter itself shows, perhaps MWh or MJ; billing keeps what it shows.
    let shownUnit: String
    let flow: Int64
    let supplyTenths: Int
    let returnTenths: Int

    static let slots = 12

    /// The readings of a season up to today, oldest first; none for an account billed by area.
    static func all(_ account: AccountFacts, season: Int, options: EstateOptions, tariff: CityTariff) -> [MeterReading]
    {
        if account.method == .byArea || (season == 1 && account.disconnectedOn != nil) { return [] }
        let unit = account.method == .metered ? "kWh" : tariff.twoPart(isUnit: account.isUnit)?.unit ?? "kWh"
        var random = SplitMix64(seed: options.seed, subject: .reading, index: account.index)
        // 40…95 kWh or 0.14…0.34 GJ a ㎡ and season; the flats of one house differ, a house keeps its habit over the years.
        let perArea = Int64(unit == "kWh" ? random.within(40_000...95_000) : random.within(140...340))
        let exchange = account.meterExchange
        let shownUnit = unit == "kWh" && random.chance(60) ? "MWh" : unit
        let second = secondMeter(account, first: shownUnit, billed: unit, tariff)
        let area = account.chargedArea(tariff)
        var value = Int64(random.within(1_000...90_000)) * (unit == "kWh" ? 1_000 : 10)
        var meter = "RB" + Digits.padded(4_000_000 + account.index, 8)
        var readings: [MeterReading] = []
        let months = [(12, 15, 190), (1, 15, 270), (2, 15, 260), (3, 15, 200), (4, 10, 80)]
        for past in 0...season {
            let year = options.startYear(ofSeason: past)
            for (number, entry) in months.enumerated() {
                let (month, day, share) = entry
                let date = CivilDate(year: month > 6 ? year : year + 1, month: month, day: day) ?? options.today
                let swing = Int64(random.within(850...1_150))
                let flow = Int64(random.within(80_000...240_000))
                let supply = random.within(420...520)
                let back = random.within(300...380)
                if date >= options.today || account.isOff(on: date) { continue }
                let isSecond = exchange?.isBefore(past, number) ?? false
                if isSecond, meter != second.number {
                    meter = second.number
                    value = 0
                }
                var used = area * perArea / 1_000 * Int64(share) / 1_000 * swing / 1_000
                // Whole kWh, so that a meter in MWh states the same amount in its 3 places.
                if unit == "kWh" { used = used / 1_000 * 1_000 }
                // A GJ is about 278 kWh; the second meter counts for itself.
                if isSecond, unit == "GJ", second.billed == "kWh" { used *= 278 }
                if past == season {
                    readings.append(
                        MeterReading(
                            id: 50_000_000 + Int64(account.index * slots + past * 5 + number), meter: meter,
                            season: season,
                            readAt: LocalTime(date, second: 32_400 + account.index % 20_000), startValue: value,
                            endValue: value + used, unit: isSecond ? second.billed : unit,
                            shownUnit: isSecond ? second.shown : shownUnit, flow: flow,
                            supplyTenths: supply, returnTenths: back))
                }
                value += used
            }
        }
        return readings
    }

    /// The meter that stands in the place of the first once it is exchanged, and its units.
    private static func secondMeter(
        _ account: AccountFacts, first shown: String, billed unit: String, _ tariff: CityTariff
    ) -> (number: String, shown: String, billed: String) {
        let number = "RC" + Digits.padded(4_000_000 + account.index, 8)
        if unit == "kWh" { return (number, shown == "kWh" ? "MWh" : "kWh", "kWh") }
        let byKilowattHour = tariff.twoPart(isUnit: account.isUnit)?.heatByKilowattHour != nil
        return byKilowattHour && account.index.isMultiple(of: 2) ? (number, "kWh", "kWh") : (number, "MJ", "GJ")
    }

    /// A value as the meter shows it.
    func shown(_ units: Int64) -> ExactDecimal {
        switch shownUnit {
        case "MWh":
            let value = ExactDecimal(units: units, places: 6)
            return value.exactly(places: 3) ?? value
        case "MJ": return ExactDecimal(units: units * 1000, places: 3)
        default: return ExactDecimal(units: units, places: 3)
        }
    }
}
