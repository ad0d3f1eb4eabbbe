import HeatModel

extension BillingAccount {
    /// The heat used: as the readings say it, or, where there is none, as the bill itself does.
    func fillHeat(_ result: inout SeasonCase, _ name: String, _ billed: [BilledLine]) {
        result.readings = readings.indices.filter { readings[$0].season == name && readings[$0].voided != true }
        if result.readings.isEmpty {
            let heat = billed.filter { $0.item == .heatMetered }
            if heat.isEmpty {
                result.subject.consumption = listsReadings ? [] : nil
                result.lacksReadings = !listsReadings
                return
            }
            result.lacksReadings = true
            result.usesBilledHeat = true
            result.subject.consumption = heat.compactMap { line in
                guard let quantity = line.quantity, let unit = line.unit else { return nil }
                return .init(quantity, unit)
            }
            return
        }
        result.contradictoryReadings = contradictions(among: result.readings)
        if !result.contradictoryReadings.isEmpty { return }
        let prices = facts.method == .metered ? result.tariff?.metered : result.tariff?.twoPart?.heat
        var consumption: [BillingCase.Consumption] = []
        for index in result.readings {
            let reading = readings[index]
            guard let unit = reading.unit.flatMap({ Charge.Unit(rawValue: $0.rawValue) }) else { continue }
            guard let used = reading.consumption ?? Self.difference(reading) else {
                result.lacksReadings = true
                continue
            }
            consumption.append(Self.priced(used, unit, prices))
        }
        result.subject.consumption = consumption
    }

    /// In the unit that is priced, where the tariff states the factor.
    private static func priced(
        _ quantity: ExactDecimal, _ unit: Charge.Unit, _ prices: HeatPrices?
    ) -> BillingCase.Consumption {
        guard let prices, prices.prices[unit] == nil, let factor = prices.factors[unit],
            let product = try? Ratio(quantity) * Ratio(factor.times), let exact = product.decimal(atLeast: 3)
        else { return .init(quantity, unit) }
        return .init(exact, factor.unit)
    }

    private static func difference(_ reading: MeterReading) -> ExactDecimal? {
        guard let start = reading.startValue, let end = reading.endValue, let used = try? Ratio(end) + -Ratio(start)
        else { return nil }
        return used.decimal(atLeast: 3)
    }

    /// Readings that run backwards, that state another use than their own difference, or that overlap with the one before.
    private func contradictions(among season: [Int]) -> [Int] {
        var found: [Int] = []
        var last: [String: ExactDecimal] = [:]
        func moment(_ index: Int) -> Int64 { readings[index].readAt?.microseconds ?? 0 }
        for index in season.sorted(by: { (moment($0), $0) < (moment($1), $1) }) {
            let reading = readings[index]
            let meter = reading.meter ?? ""
            var isWrong = false
            if let start = reading.startValue, let end = reading.endValue {
                if end.compare(start) < 0 { isWrong = true }
                if let used = reading.consumption, let own = Self.difference(reading), own.compare(used) != 0 {
                    isWrong = true
                }
                if let before = last[meter], start.compare(before) < 0 { isWrong = true }
                last[meter] = end
            } else if let used = reading.consumption, used.units < 0 {
                isWrong = true
            }
            if isWrong { found.append(index) }
        }
        return found
    }
}
