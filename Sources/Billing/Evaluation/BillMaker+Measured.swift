import HeatModel

/// Measured heat, in two parts or alone, with its cap.
extension BillMaker {
    mutating func chargeTwoParts() throws(HearthError) {
        guard let rule = tariff.twoPart else {
            throw BillingProblem.notCovered("version \(tariff.id) has no two-part price", rule: tariff.rule("twoPart"))
        }
        if let trueUp = rule.trueUp { return try settle(trueUp, rule) }
        try chargeParts(rule)
    }

    mutating func chargeParts(_ rule: TwoPartRule) throws(HearthError) {
        let own = try ownShared()
        let (heated, parts) = try suspended(of: own?.rest ?? area)
        let price = try suspendedPrice(parts, base: rule.base)
        let reference = tariff.rule("twoPart")
        // What heat by area would cost, for the cap.
        var basis: [(area: ExactDecimal, factors: [EvaluatedLine.Factor])] = []
        if heated.units > 0 || parts.isEmpty {
            try add(.heatBase, heated, .m2, at: rule.base, times: seasonFactors(), by: reference)
            basis.append((heated, try periodFactors(charged, partSeason)))
        }
        for part in parts {
            try chargeSuspended(part.area, part.suspension, price, partSeason) {
                (maker, area, factors) throws(HearthError) in
                try maker.add(.heatBase, area, .m2, at: rule.base, times: factors, by: maker.tariff.rule("twoPart"))
                basis.append((area, factors))
            }
        }
        if let own {
            let factors = try periodFactors(charged, partSeason)
            if tariff.shared.price == nil { basis.append((own.shared, factors)) }
            try chargeShared(own, rule.base, reference, tariff.shared.price == nil ? seasonFactors() : factors)
        }
        try chargeConsumption(rule.heat, reference)
        try cap(basis)
    }

    /// The price of which a share stays due for a suspended area where heat is measured; nil where nothing does.
    func suspendedPrice(_ parts: [SuspendedPart], base: ExactDecimal?) throws(HearthError) -> ExactDecimal? {
        if parts.isEmpty { return nil }
        switch tariff.suspension?.measured {
        case .area: return areaPrice
        case .base: return base
        case nil:
            throw BillingProblem.notCovered(
                "version \(tariff.id) has no rule of suspension for measured heat", rule: tariff.rule("suspension"))
        }
    }

    /// Paid by area first; what the measured bill is more or less is posted at the season's end.
    mutating func settle(_ trueUp: TrueUpRule, _ rule: TwoPartRule) throws(HearthError) {
        let own = try ownShared()
        let (heated, parts) = try suspended(of: own?.rest ?? area)
        let price = try suspendedPrice(parts, base: rule.base)
        if heated.units > 0 || parts.isEmpty {
            try add(
                .heatByArea, heated, .m2, at: areaPrice, times: try periodFactors(charged, partSeason),
                by: areaPriceRule)
        }
        for part in parts {
            try chargeSuspended(part.area, part.suspension, price, partSeason) {
                (maker, area, factors) throws(HearthError) in
                try maker.add(.heatByArea, area, .m2, at: maker.areaPrice, times: factors, by: maker.areaPriceRule)
            }
        }
        if let own { try chargeShared(own, areaPrice, areaPriceRule, try periodFactors(charged, partSeason)) }
        if !isSettled { return }
        let prepaid = lines
        let paid = prepaid.sum
        lines = []
        try chargeParts(rule)
        let difference = lines.sum - paid
        lines = prepaid
        if (difference < .zero && trueUp.refunds) || (difference > .zero && trueUp.collects) {
            post(difference, tariff.rule("trueUp"))
        }
    }

    mutating func chargeMetered() throws(HearthError) {
        guard let prices = tariff.metered else {
            throw BillingProblem.notCovered(
                "version \(tariff.id) has no price of measured heat alone", rule: tariff.rule("metered"))
        }
        let own = try ownShared()
        let parts = try suspended(of: own?.rest ?? area).parts
        let price = try suspendedPrice(parts, base: nil)
        for part in parts {
            try chargeSuspended(part.area, part.suspension, price, partSeason) { (_, _, _) throws(HearthError) in }
        }
        if let own { try chargeShared(own, areaPrice, areaPriceRule, try periodFactors(charged, partSeason)) }
        try chargeConsumption(prices, tariff.rule("metered"))
    }

    mutating func chargeConsumption(_ prices: HeatPrices, _ rule: RuleReference) throws(HearthError) {
        guard let consumption = subject.consumption else { throw BillingProblem.missing("consumption", rule: rule) }
        if consumption.isEmpty { return }
        var factors: [EvaluatedLine.Factor] = []
        if let own = subject.correction {
            guard own.units >= 0 else { throw BillingProblem.invalid("correction", "is negative", rule: rule) }
            factors = [.correction(own)]
        } else if let common = prices.correction {
            if common.compare(ExactDecimal(units: 1, places: 0)) != 0 { factors = [.correction(common)] }
        } else {
            throw BillingProblem.missing("correction", rule: rule)
        }
        for unit in Charge.Unit.allCases {
            let used = consumption.filter { $0.unit == unit }
            if used.isEmpty { continue }
            var sum = Ratio.zero
            for entry in used {
                guard entry.quantity.units >= 0 else {
                    throw BillingProblem.invalid("consumption", "is negative", rule: rule)
                }
                sum = try sum + Ratio(entry.quantity)
            }
            if let price = prices.prices[unit] {
                try add(.heatMetered, try decimal(sum), unit, at: price, times: factors, by: rule)
            } else if let factor = prices.factors[unit], let price = prices.prices[factor.unit] {
                try add(
                    .heatMetered, try decimal(sum * Ratio(factor.times)), factor.unit, at: price, times: factors,
                    by: rule)
            } else {
                throw BillingProblem.unit(unit, prices, rule: rule)
            }
        }
    }

    /// A measured bill is at most a share of what heat by area would cost; what stays due for suspension is beside it, and so is
    /// shared area that has a price of its own.
    mutating func cap(_ basis: [(area: ExactDecimal, factors: [EvaluatedLine.Factor])]) throws(HearthError) {
        guard let cap = tariff.cap, !cap.settlesAtSeasonEnd || isSettled else { return }
        let rule = tariff.rule("cap")
        var most = Ratio.zero
        for part in basis {
            var fee = try Ratio(part.area) * Ratio(areaPrice) * EvaluatedLine.Factor.percent(cap.percent).value
            for factor in part.factors { fee = try fee * factor.value }
            most = try most + fee
        }
        let limit = try most.money(tariff.rounding.line)
        let isApart = tariff.shared.price != nil
        let billed = lines.sum { $0 != .suspension && !(isApart && $0 == .sharedArea) }
        if billed > limit { post(limit - billed, rule) }
    }
}
