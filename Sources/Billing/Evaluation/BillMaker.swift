import HeatModel

/// Makes the lines of one bill.
struct BillMaker {
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
    func periodFactors(_ days: DaySpan, _ part: [EvaluatedLine.Factor]) throws(HearthError) -> [EvaluatedLine
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
}
