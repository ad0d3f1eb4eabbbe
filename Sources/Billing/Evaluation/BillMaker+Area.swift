import HeatModel

/// Heat by area, shared area, surcharges and suspension.
extension BillMaker {
    mutating func chargeByArea() throws(HearthError) {
        let own = try ownShared()
        let factors = try periodFactors(charged, partSeason)
        if subject.suspensions.isEmpty { return try chargeHeat(area, factors, apart: own) }
        // The surcharges of the premises are of all that is heated: only a suspension takes shared area out first.
        let (heated, parts) = try suspended(of: own?.rest ?? area)
        if parts.isEmpty { return try chargeHeat(area, factors, apart: own) }
        if heated.units > 0 { try chargeHeat(heated, factors, apart: nil) }
        for part in parts {
            try chargeSuspended(part.area, part.suspension, areaPrice, partSeason) {
                (maker, area, factors) throws(HearthError) in
                try maker.chargeHeat(area, factors, apart: nil)
            }
        }
        if let own { try chargeShared(own, areaPrice, areaPriceRule, factors) }
    }

    /// Shared area that is a line of its own, and what is left of the charged area without it.
    typealias OwnShared = (shared: ExactDecimal, rest: ExactDecimal)

    /// Nil where shared area is no line of its own in this bill.
    func ownShared() throws(HearthError) -> OwnShared? {
        let rule = tariff.shared
        guard rule.standing == .ownLine || (rule.standing == .ownLineWhereSplit && subject.splitsSharedArea),
            subject.method.map({ rule.methods?.contains($0) ?? true }) ?? false,
            rule.staysWhileSuspended || !subject.suspensions.contains(where: { $0.share?.units != 0 })
        else { return nil }
        guard let shared = subject.areas.shared else {
            throw BillingProblem.missing("area.shared", rule: tariff.rule("shared"))
        }
        // Within the building area it is taken out of it; inner and usable area do not contain it.
        let rest = try Ratio(area) + (tariff.area.containsShared ? -Ratio(shared) : .zero)
        guard shared.units >= 0, rest.numerator >= 0, let left = rest.decimal(atLeast: 3) else {
            throw BillingProblem.invalid("area.shared", "is not within the charged area", rule: tariff.rule("shared"))
        }
        return (shared, left)
    }

    /// The line of shared area, at its own price or else at the price of what it is a part of.
    mutating func chargeShared(
        _ own: OwnShared, _ price: ExactDecimal, _ rule: RuleReference, _ factors: [EvaluatedLine.Factor]
    ) throws(HearthError) {
        let itsOwn = tariff.shared.price
        try add(
            .sharedArea, own.shared, .m2, at: itsOwn ?? price, times: factors,
            by: itsOwn == nil ? rule : tariff.rule("shared"))
    }

    typealias SuspendedPart = (area: ExactDecimal, suspension: BillingCase.Suspension)

    /// The area that is heated all the time, and the parts that are not.
    func suspended(of area: ExactDecimal) throws(HearthError) -> (
        heated: ExactDecimal, parts: [SuspendedPart]
    ) {
        var heated = area
        var parts: [SuspendedPart] = []
        for suspension in subject.suspensions {
            guard let share = suspension.share else {
                throw BillingProblem.missing("suspension.share", rule: tariff.rule("suspension"))
            }
            guard share.units >= 0, share.compare(ExactDecimal(units: 1, places: 0)) <= 0 else {
                throw BillingProblem.invalid(
                    "suspension.share", "is not between 0 and 1", rule: tariff.rule("suspension"))
            }
            let part = try truncated(Ratio(area) * Ratio(share))
            guard let rest = heated.exactly(places: 3).map({ ExactDecimal(units: $0.units - part.units, places: 3) }),
                rest.units >= 0
            else {
                throw BillingProblem.invalid(
                    "suspension.share", "adds up to more than the area", rule: tariff.rule("suspension"))
            }
            heated = rest
            if part.units > 0 { parts.append((part, suspension)) }
        }
        return (heated, parts)
    }

    /// Heat by area, shared area where it is a line of its own, and the surcharges of the premises.
    mutating func chargeHeat(_ heated: ExactDecimal, _ factors: [EvaluatedLine.Factor], apart own: OwnShared?)
        throws(HearthError)
    {
        try add(.heatByArea, own?.rest ?? heated, .m2, at: areaPrice, times: factors, by: areaPriceRule)
        if let own { try chargeShared(own, areaPrice, areaPriceRule, factors) }
        try chargeHeight(heated, factors)
        if let rule = tariff.singleStorey, applies(rule.classes) {
            guard let single = subject.isSingleStorey else {
                throw BillingProblem.missing("whether the house has one storey", rule: tariff.rule("singleStorey"))
            }
            if single {
                try add(
                    .other, heated, .m2, at: [.published(areaPrice), .percent(rule.percent)], times: factors,
                    by: tariff.rule("singleStorey"))
            }
        }
    }

    mutating func chargeHeight(_ heated: ExactDecimal, _ factors: [EvaluatedLine.Factor]) throws(HearthError) {
        let bands = tariff.heights.filter { applies($0.classes) }
        if bands.isEmpty { return }
        guard let height = subject.areas.ceilingHeight else {
            throw BillingProblem.missing("area.ceilingHeight", rule: tariff.rule("height"))
        }
        // The band with the highest threshold that is reached; bands do not add up.
        for band in bands.reversed() {
            let steps = try band.steps(at: height)
            if steps == 0 { continue }
            var price: [EvaluatedLine.PricePart]
            switch band.addition {
            case .percent(let percent): price = [.published(areaPrice), .percent(percent)]
            case .amount(let amount): price = [.published(amount)]
            }
            if band.step != nil { price.append(.steps(steps)) }
            try add(.heightSurcharge, heated, .m2, at: price, times: factors, by: tariff.rule("height"))
            return
        }
    }

    /// A suspended area: its share of a price while it is, and what heat costs (`charge`) on the other days.
    mutating func chargeSuspended(
        _ part: ExactDecimal, _ suspension: BillingCase.Suspension, _ published: ExactDecimal?,
        _ season: [EvaluatedLine.Factor],
        charge: (inout BillMaker, ExactDecimal, [EvaluatedLine.Factor]) throws(HearthError) -> Void
    ) throws(HearthError) {
        guard let rule = tariff.suspension else {
            throw BillingProblem.notCovered(
                "version \(tariff.id) has no rule of suspension", rule: tariff.rule("suspension"))
        }
        let ratio = suspension.feeRatio ?? rule.ratio
        guard ratio.units >= 0, ratio.compare(ExactDecimal(units: 1, places: 0)) <= 0 else {
            throw BillingProblem.invalid("suspension.ratio", "is not between 0 and 1", rule: tariff.rule("suspension"))
        }
        let reference = tariff.rule("suspension")
        func post(_ maker: inout BillMaker, _ factors: [EvaluatedLine.Factor]) throws(HearthError) {
            guard let published else { return }
            try maker.add(
                .suspension, part, .m2, at: [.published(published), .ratio(ratio)], times: factors, by: reference)
        }
        let stopped = suspension.span.map { charged.intersection($0) } ?? charged
        if stopped.days == charged.days {
            let whole = try periodFactors(charged, season)
            return try post(&self, whole)
        }
        guard rule.insideSeason == .byDay else {
            throw BillingProblem.notCovered(
                "version \(tariff.id) does not say what suspension for a part of the season costs",
                rule: tariff.rule("suspension"))
        }
        let all = max(seasonDays, charged.days)
        func factors(_ days: Int) throws(HearthError) -> [EvaluatedLine.Factor] {
            if tariff.price.period == .day { return [.days(days)] }
            return try periodFactors(charged, [.daysOf(days, all)])
        }
        let heated = charged.days - stopped.days
        let (warm, cold) = (try factors(heated), try factors(stopped.days))
        if heated > 0 { try charge(&self, part, warm) }
        if stopped.days > 0 { try post(&self, cold) }
    }
}
