import HeatModel

/// Computes an account's bill of one season from the city's tariff, and what the customer did about it.
///
/// The area, the height and the readings are arguments, because a planted fault may make billing use wrong ones.
struct BillMaker {
    let options: EstateOptions
    let tariff: CityTariff

    func bill(
        _ account: AccountFacts, season: Int, chargedArea: Int64? = nil, height: ExactDecimal? = nil,
        areaPrice: Int64? = nil
    ) -> Bill {
        if season == 1, account.disconnectedOn != nil { return Bill(season: season, lines: [], payments: []) }
        var lines = charges(
            account, season: season, area: chargedArea ?? account.chargedArea(tariff),
            height: height ?? account.ceilingHeight, areaPrice: areaPrice ?? price(of: account))
        let payments = settle(account, season: season, lines: &lines)
        return Bill(season: season, lines: lines, payments: payments)
    }

    /// What a ㎡ costs this account, as 0.001 元.
    private func price(of account: AccountFacts) -> Int64 {
        if account.isElderly, let price = options.householdEvents?.elderlyPrice?.exactly(places: 3) {
            return price.units
        }
        return tariff.areaPrice(isUnit: account.isUnit)
    }

    private func charges(
        _ account: AccountFacts, season: Int, area: Int64, height: ExactDecimal, areaPrice: Int64
    ) -> [ChargeLine] {
        let year = options.startYear(ofSeason: season)
        let issued = LocalTime(
            CivilDate(year: year, month: 8, day: 20 + account.index % 8) ?? options.today,
            second: 28_800 + account.index % 28_000)
        let dueOn = CivilDate(year: year, month: tariff.due.month, day: tariff.due.day) ?? options.today
        var slot = BillKeys.firstSlot(season: season)
        var lines: [ChargeLine] = []
        func add(
            _ item: ChargeItem, _ quantity: Int64, _ unit: String, _ price: Int64, for part: Part? = nil,
            due: Int64? = nil, at time: LocalTime? = nil
        ) {
            let amount = due ?? CityTariff.amount(milli: quantity, price: price, for: part)
            lines.append(
                ChargeLine(
                    id: BillKeys.charge(account.index, slot: slot), season: season, item: item,
                    quantity: ExactDecimal(units: quantity, places: 3), unit: unit,
                    price: ExactDecimal(units: price, places: 3),
                    due: Fen(amount), received: .zero, discount: .zero,
                    reduction: .zero, penalty: .zero, dueOn: dueOn, issuedAt: time ?? issued, updatedAt: time ?? issued)
            )
            slot += 1
        }

        let part = account.chargedDays(season: season, options: options, tariff: tariff)
        if part.days == 0 { return [] }
        let suspension = account.suspension(season: season)
        let suspended = suspension.map { area * $0.ratio / 10_000 } ?? 0
        let heated = area - suspended
        let suspendedPrice = areaPrice * Int64(tariff.suspensionPermille) / 1000
        let heatReadings = MeterReading.all(account, season: season, options: options, tariff: tariff)

        switch account.method {
        case .byArea:
            let percent = tariff.heightPercent(height: height, isUnit: account.isUnit)
            func addHeight(_ area: Int64, _ part: Part) {
                if percent > 0 { add(.heightSurcharge, area, "m2", areaPrice * Int64(percent) / 100, for: part) }
            }
            if heated > 0 {
                if account.splitsSharedArea, suspended == 0 {
                    let shared = account.sharedArea.units
                    add(.heatByArea, area - shared, "m2", areaPrice, for: part)
                    add(.sharedArea, shared, "m2", areaPrice, for: part)
                } else {
                    add(.heatByArea, heated, "m2", areaPrice, for: part)
                }
                addHeight(heated, part)
            }
            if suspended > 0, let suspension {
                let cold = suspension.stopped(season: season, options: options, tariff: tariff)
                if cold.days == cold.of {
                    add(.suspension, suspended, "m2", suspendedPrice, for: part)
                } else {
                    // On the other days it costs what heat costs.
                    add(.heatByArea, suspended, "m2", areaPrice, for: cold.rest)
                    addHeight(suspended, cold.rest)
                    if cold.days > 0 { add(.suspension, suspended, "m2", suspendedPrice, for: cold) }
                }
            }
        case .twoPart:
            guard let parts = tariff.twoPart(isUnit: account.isUnit) else { break }
            if heated > 0 { add(.heatBase, heated, "m2", parts.base.units, for: part) }
            if suspended > 0 { add(.suspension, suspended, "m2", suspendedPrice, for: part) }
            guard let last = heatReadings.last else { break }
            for price in parts.prices {
                let used = heatReadings.filter { $0.unit == price.unit }
                if used.isEmpty { continue }
                let sum = used.reduce(0) { $0 + $1.endValue - $1.startValue }
                add(.heatMetered, sum, price.unit, price.heat.units, at: last.readAt)
            }
            // The cap holds for a season as a whole, so only a closed one is settled against it.
            if let percent = tariff.capPercent, season == 0 {
                let billed = lines.reduce(0) { $0 + ($1.item == .suspension ? 0 : $1.due.amount) }
                let cap = CityTariff.amount(milli: heated, price: areaPrice * Int64(percent) / 100, for: part)
                if billed > cap {
                    add(.adjustment, 1000, "each", (cap - billed) * 10, due: cap - billed, at: last.readAt)
                }
            }
        case .metered:
            guard let last = heatReadings.last, let price = tariff.meteredPrice else { break }
            let sum = heatReadings.reduce(0) { $0 + $1.endValue - $1.startValue }
            add(.heatMetered, sum, "kWh", price.units, at: last.readAt)
        }
        return lines
    }

    /// Discounts, reductions, payments and late fees.
    private func settle(_ account: AccountFacts, season: Int, lines: inout [ChargeLine]) -> [PaymentFact] {
        guard let first = lines.first else { return [] }
        var random = SplitMix64(seed: options.seed, subject: .bill, index: account.index * 2 + season)
        if account.isLowIncome, first.due > .zero {
            lines[0].reduction = Fen((first.due.amount + 5) / 10)
        }
        let year = options.startYear(ofSeason: season)
        let latestIssue = lines.map(\.issuedAt).max() ?? first.issuedAt
        let roll = random.below(1000)
        let (fully, partly) = season == 0 ? (900, 950) : (760, 850)
        if roll >= partly { return [] }

        // Early payers pay an area bill before the season; a metered bill is paid once it is complete.
        var month = 0
        var paidOn = CivilDate(year: year, month: 9, day: 1) ?? options.today
        if account.method == .byArea, roll < 250 {
            month = random.pick([9, 9, 9, 10])
            paidOn = CivilDate(year: year, month: month, day: 1 + random.below(28)) ?? options.today
        } else {
            paidOn = paidOn.adding(days: 35 + random.below(85))
        }
        let earliest = latestIssue.date.adding(days: 1)
        if paidOn < earliest { paidOn = earliest.adding(days: random.below(20)) }
        var isLate = false
        if season == 0, tariff.lateFeePermille > 0, account.method == .byArea, random.chance(30) {
            isLate = true
            paidOn = first.dueOn.adding(days: 1 + random.below(90))
        }
        if paidOn > options.today.adding(days: -2) { paidOn = options.today.adding(days: -2 - random.below(9)) }
        if LocalTime(paidOn) < latestIssue { return [] }

        let isFull = roll < fully
        if isFull, !isLate, !account.isUnit, account.method == .byArea, month == 9,
            let band = tariff.earlyPayment.first(where: { $0.month == month })
        {
            for index in lines.indices {
                let open = lines[index].due.amount - lines[index].reduction.amount
                lines[index].discount = Fen((open * Int64(band.permille) + 500) / 1000)
            }
        }
        let open = lines.reduce(Int64(0)) { $0 + $1.arrears.amount }
        if open <= 0 { return [] }
        let amount = isFull ? open : max(1, open * Int64(random.within(3...7)) / 10 / 100 * 100)
        let time = LocalTime(paidOn, second: random.within(28_800...72_000))
        var penalty: Int64 = 0
        if isLate {
            let days = Int64(paidOn.days(since: first.dueOn))
            penalty = (open * Int64(tariff.lateFeePermille) * days + 500) / 1000
            lines[0].penalty = Fen(penalty)
        }
        receive(amount, at: time, lines: &lines)

        func payment(_ slot: Int, _ amount: Int64, reversed: Bool = false) -> PaymentFact {
            let channel = random.pick(PaymentFact.Channel.allCases)
            return PaymentFact(
                serial: BillKeys.payment(account.index, slot: BillKeys.firstSlot(season: season) + slot),
                season: season,
                amount: Fen(amount), channel: channel, isReconciled: true, isReversed: reversed,
                invoice: reversed ? "" : "FP" + Digits.padded(account.index * 8 + season * 4 + slot, 10), paidAt: time,
                updatedAt: time.adding(seconds: channel == .bankFile ? 1800 : 5))
        }
        var payments: [PaymentFact] = []
        if amount > 100_000, random.chance(120) {
            payments = [payment(0, 100_000), payment(1, amount + penalty - 100_000)]
        } else {
            payments = [payment(0, amount + penalty)]
        }
        if random.chance(5) { payments.append(payment(2, payments[0].amount.amount, reversed: true)) }
        return payments
    }

    /// Spreads a sum over what the lines still owe, in their order; a credit line is taken in with the first sum that covers it.
    func receive(_ amount: Int64, at time: LocalTime, lines: inout [ChargeLine]) {
        var rest = amount
        for index in lines.indices where lines[index].arrears < .zero {
            rest -= lines[index].arrears.amount
            lines[index].received = lines[index].received + lines[index].arrears
            lines[index].updatedAt = max(lines[index].updatedAt, time)
        }
        for index in lines.indices {
            let part = min(rest, max(0, lines[index].arrears.amount))
            if part == 0 { continue }
            lines[index].received = lines[index].received + Fen(part)
            lines[index].updatedAt = max(lines[index].updatedAt, time)
            rest -= part
        }
    }
}
