public import HeatModel

extension Tariff {
    /// The bill that this version gives for a case.
    ///
    /// - Throws: `billing.missingInput` for a fact that a rule needs and the case does not say, `billing.invalidInput` for one that
    ///   cannot be, `billing.unitMismatch` for heat in another than the published unit, `billing.notCovered` for what the version has no
    ///   rule for, `billing.overflow`.
    public func evaluate(_ subject: BillingCase) throws(HearthError) -> Evaluation {
        var maker = try BillMaker(tariff: self, subject: subject)
        try maker.make()
        return maker.finished()
    }
}

/// Makes the lines of one bill.
private struct BillMaker {
    let tariff: Tariff
    let subject: BillingCase
    let season: HeatingSeason
    let span: DaySpan
    /// The days of the season that are charged.
    let charged: DaySpan
    let seasonDays: Int
    let area: ExactDecimal
    let areaPrice: ExactDecimal
    let areaPriceRule: RuleReference
    /// What a part of the season multiplies each price by.
    let partSeason: [EvaluatedLine.Factor]
    var lines: [EvaluatedLine] = []
    var reliefs: [EvaluatedLine] = []

    init(tariff: Tariff, subject: BillingCase) throws(HearthError) {
        self.tariff = tariff
        self.subject = subject
        season = try subject.heatingSeason()
        if !tariff.seasons.contains(season) {
            throw BillingProblem.notCovered(
                "version \(tariff.id) does not hold in season \(season)", rule: tariff.rule("seasons"))
        }
        if let wanted = tariff.accountClass, wanted != subject.class {
            guard let stated = subject.class else { throw BillingProblem.missing("class", rule: tariff.rule("class")) }
            throw BillingProblem.notCovered(
                "version \(tariff.id) does not cover the class \(stated.rawValue)", rule: tariff.rule("class"))
        }
        guard let span = subject.seasonDates ?? tariff.season.span(of: season), span.days > 0 else {
            throw BillingProblem.invalid("season", "has no days", rule: tariff.rule("season"))
        }
        self.span = span
        seasonDays = tariff.season.count(span)
        guard seasonDays > 0 else { throw BillingProblem.invalid("season", "has no days", rule: tariff.rule("season")) }
        (charged, partSeason) = try Self.part(tariff, subject, span, seasonDays)
        guard let area = subject.area(tariff.area) else {
            throw BillingProblem.missing("area.\(tariff.area.rawValue)", rule: tariff.rule("area"))
        }
        guard area.units >= 0 else {
            throw BillingProblem.invalid("area.\(tariff.area.rawValue)", "is negative", rule: tariff.rule("area"))
        }
        self.area = area
        var price = tariff.price.amount
        var rule = tariff.rule("price")
        for concession in tariff.concessions where subject.holds(concession.condition) {
            if case .price(let lower) = concession.benefit { (price, rule) = (lower, tariff.rule("concessions")) }
        }
        (areaPrice, areaPriceRule) = (price, rule)
    }

    /// The days that are charged, and how a part of the season is priced.
    private static func part(
        _ tariff: Tariff, _ subject: BillingCase, _ span: DaySpan, _ seasonDays: Int
    ) throws(HearthError) -> (DaySpan, [EvaluatedLine.Factor]) {
        var charged = span
        var way = ProrationRule.Way.none
        if let supply = subject.networkSupply, tariff.proration.network != .none {
            charged = charged.intersection(supply)
            if charged != span { way = tariff.proration.network }
        }
        if subject.isInterrupted {
            throw BillingProblem.notCovered(
                "the account was off the network in the middle of the season", rule: tariff.rule("proration"))
        }
        if let connected = subject.connected, charged.intersection(connected).days == 0 {
            // Not one day of it: no part of a season, and nothing to pay by any rule.
            return (
                DaySpan(span.first, span.first.adding(days: -1)),
                tariff.price.period == .day ? [] : [.daysOf(0, seasonDays)]
            )
        }
        if let connected = subject.connected, charged.intersection(connected) != charged {
            guard let account = tariff.proration.account else {
                throw BillingProblem.notCovered(
                    "version \(tariff.id) does not say what a part of a season costs", rule: tariff.rule("proration"))
            }
            if account != .none {
                charged = charged.intersection(connected)
                way = account
            }
        }
        return (charged, factors(way, charged, span, tariff, seasonDays))
    }

    private static func factors(
        _ way: ProrationRule.Way, _ charged: DaySpan, _ span: DaySpan, _ tariff: Tariff, _ seasonDays: Int
    ) -> [EvaluatedLine.Factor] {
        switch tariff.price.period {
        case .day: return []
        case .season, .month:
            if charged == span { return [] }
            switch way {
            case .none: return []
            case .byDay: return [.daysOf(charged.days, max(seasonDays, charged.days))]
            case .byMonth:
                let months = months(charged, of: span)
                return [.monthsOf(months.part, months.whole)]
            }
        }
    }

    /// Begun months of a part of a season, counted from the season's first day. A month that has only the season's last day
    /// belongs to the one before: 11-15–03-15 has four.
    private static func months(_ part: DaySpan, of span: DaySpan) -> (part: Int, whole: Int) {
        let last = month(of: max(span.first, span.last.adding(days: -1)), from: span.first)
        if part.days == 0 { return (0, last + 1) }
        return (
            min(last, month(of: part.last, from: span.first)) - min(last, month(of: part.first, from: span.first)) + 1,
            last + 1
        )
    }

    private static func month(of day: CivilDate, from start: CivilDate) -> Int {
        let (first, at) = (start.components, day.components)
        return (at.year - first.year) * 12 + at.month - first.month - (at.day < first.day ? 1 : 0)
    }

    /// The factors of a price of the area price's period, for these days.
    private func periodFactors(_ days: DaySpan, _ part: [EvaluatedLine.Factor]) throws(HearthError) -> [EvaluatedLine
        .Factor]
    {
        switch tariff.price.period {
        case .season: return part
        case .month:
            guard let months = tariff.price.months else {
                throw BillingProblem.missing("months", rule: tariff.rule("price"))
            }
            return [.months(months)] + part
        case .day: return [.days(days == span ? seasonDays : days.days)]
        }
    }

    mutating func make() throws(HearthError) {
        guard let method = subject.method else { throw BillingProblem.missing("method") }
        switch method {
        case .byArea: try chargeByArea()
        case .twoPart: try chargeTwoParts()
        case .metered: try chargeMetered()
        }
        try relieve()
        try roundTotal()
    }

    func finished() -> Evaluation {
        let own = lines.indices.contains { lines[$0].item == .sharedArea }
        var standing = tariff.shared.standing
        if standing == .ownLine || standing == .ownLineWhereSplit {
            standing = own ? .ownLine : tariff.area.containsShared ? .inside : .absent
        }
        return Evaluation(
            tariff: tariff, season: season, span: span, seasonDays: seasonDays,
            chargedDays: min(charged.days, seasonDays),
            basis: tariff.area, chargedArea: area, sharedArea: standing, lines: lines, reliefs: reliefs,
            dueOn: tariff.due?.date(around: season))
    }

    // MARK: By area

    private mutating func chargeByArea() throws(HearthError) {
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
    private typealias OwnShared = (shared: ExactDecimal, rest: ExactDecimal)

    /// Nil where shared area is no line of its own in this bill.
    private func ownShared() throws(HearthError) -> OwnShared? {
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
    private mutating func chargeShared(
        _ own: OwnShared, _ price: ExactDecimal, _ rule: RuleReference, _ factors: [EvaluatedLine.Factor]
    ) throws(HearthError) {
        let itsOwn = tariff.shared.price
        try add(
            .sharedArea, own.shared, .m2, at: itsOwn ?? price, times: factors,
            by: itsOwn == nil ? rule : tariff.rule("shared"))
    }

    private typealias SuspendedPart = (area: ExactDecimal, suspension: BillingCase.Suspension)

    /// The area that is heated all the time, and the parts that are not.
    private func suspended(of area: ExactDecimal) throws(HearthError) -> (
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
    private mutating func chargeHeat(_ heated: ExactDecimal, _ factors: [EvaluatedLine.Factor], apart own: OwnShared?)
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

    private mutating func chargeHeight(_ heated: ExactDecimal, _ factors: [EvaluatedLine.Factor]) throws(HearthError) {
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
    private mutating func chargeSuspended(
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

    // MARK: Measured

    private mutating func chargeTwoParts() throws(HearthError) {
        guard let rule = tariff.twoPart else {
            throw BillingProblem.notCovered("version \(tariff.id) has no two-part price", rule: tariff.rule("twoPart"))
        }
        if let trueUp = rule.trueUp { return try settle(trueUp, rule) }
        try chargeParts(rule)
    }

    private mutating func chargeParts(_ rule: TwoPartRule) throws(HearthError) {
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
    private func suspendedPrice(_ parts: [SuspendedPart], base: ExactDecimal?) throws(HearthError) -> ExactDecimal? {
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
    private mutating func settle(_ trueUp: TrueUpRule, _ rule: TwoPartRule) throws(HearthError) {
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

    private mutating func chargeMetered() throws(HearthError) {
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

    private mutating func chargeConsumption(_ prices: HeatPrices, _ rule: RuleReference) throws(HearthError) {
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
    private mutating func cap(_ basis: [(area: ExactDecimal, factors: [EvaluatedLine.Factor])]) throws(HearthError) {
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

    // MARK: The bill as a whole

    private mutating func relieve() throws(HearthError) {
        if tariff.concessions.isEmpty { return }
        let rule = tariff.rule("concessions")
        for concession in tariff.concessions where subject.holds(concession.condition) {
            switch concession.benefit {
            case .price: continue
            case .amount(let amount):
                let most = lines.sum - reliefs.sum
                let given = min(amount, max(.zero, most))
                reliefs.append(fixed(.reduction, given, rule))
            case .percent(let percent, let scope):
                guard let first = lines.first else { continue }
                let base = scope == .firstLine ? first.amount : lines.sum
                if base <= .zero { continue }
                let factor = EvaluatedLine.Factor.percent(percent)
                let given = try (Ratio(yuan: base) * factor.value).money(tariff.rounding.line)
                reliefs.append(fixed(.reduction, given, rule))
            }
        }
    }

    private mutating func roundTotal() throws(HearthError) {
        let billed = lines.sum
        let rounded = try Ratio(yuan: billed).money(tariff.rounding.total)
        if rounded != billed { post(rounded - billed, tariff.rule("rounding")) }
    }

    private mutating func post(_ amount: Fen, _ rule: RuleReference) { lines.append(fixed(.adjustment, amount, rule)) }

    private func fixed(_ item: Charge.Item, _ amount: Fen, _ rule: RuleReference) -> EvaluatedLine {
        EvaluatedLine(
            item: item, quantity: ExactDecimal(units: 1000, places: 3), unit: .each,
            unitPrice: ExactDecimal(units: amount.amount, places: 2), amount: amount, rule: rule)
    }

    private mutating func add(
        _ item: Charge.Item, _ quantity: ExactDecimal, _ unit: Charge.Unit, at parts: [EvaluatedLine.PricePart],
        times factors: [EvaluatedLine.Factor], by rule: RuleReference
    ) throws(HearthError) {
        var price = Ratio.one
        for part in parts {
            switch part {
            case .published(let amount), .ratio(let amount): price = try price * Ratio(amount)
            case .percent(let percent): price = try price * EvaluatedLine.Factor.percent(percent).value
            case .steps(let steps): price = try price * Ratio(Int128(steps))
            }
        }
        try add(item, quantity, unit, at: try decimal(price), times: factors, by: rule)
        lines[lines.count - 1].priceParts = parts
    }

    private mutating func add(
        _ item: Charge.Item, _ quantity: ExactDecimal, _ unit: Charge.Unit, at price: ExactDecimal,
        times factors: [EvaluatedLine.Factor], by rule: RuleReference
    ) throws(HearthError) {
        var exact = try Ratio(quantity) * Ratio(price)
        for factor in factors { exact = try exact * factor.value }
        lines.append(
            EvaluatedLine(
                item: item, quantity: quantity, unit: unit, unitPrice: price, factors: factors,
                amount: try exact.money(tariff.rounding.line), rule: rule))
    }

    private func seasonFactors() -> [EvaluatedLine.Factor] {
        // A base price is by season whatever the period of the area price.
        if tariff.price.period == .day, charged != span {
            return [.daysOf(charged.days, max(seasonDays, charged.days))]
        }
        return partSeason
    }

    /// Whether what is settled at the end of the season is due by now.
    private var isSettled: Bool { subject.asOf.map { $0 > span.last } ?? true }

    private func applies(_ classes: Set<AccountFacts.Class>?) -> Bool {
        guard let classes else { return true }
        return subject.class.map { classes.contains($0) } ?? false
    }

    private func decimal(_ value: Ratio) throws(HearthError) -> ExactDecimal {
        guard let decimal = value.decimal(atLeast: 3) else { throw Ratio.overflow }
        return decimal
    }

    /// An area with 3 places, the rest cut off.
    private func truncated(_ value: Ratio) throws(HearthError) -> ExactDecimal {
        let (scaled, failed) = value.numerator.multipliedReportingOverflow(by: 1000)
        guard !failed, let units = Int64(exactly: ExactDecimal.divide(scaled, by: value.denominator, .truncate)) else {
            throw Ratio.overflow
        }
        return ExactDecimal(units: units, places: 3)
    }
}

extension BillingCase {
    func holds(_ condition: Concession.Condition) -> Bool {
        entitlements.contains(condition)
    }
}
