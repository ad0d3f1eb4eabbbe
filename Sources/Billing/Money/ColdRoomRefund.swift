public import HeatModel

/// What is given back for cold rooms, from readings.
public struct ColdRoomRefund: Sendable {
    public struct Reading: Sendable, Hashable {
        public var day: CivilDate
        public var temperature: TenthsOfDegree
        /// Nil where it is not known how it was taken.
        public var method: RoomTemperature.Method?

        public init(day: CivilDate, temperature: TenthsOfDegree, method: RoomTemperature.Method?) {
            self.day = day
            self.temperature = temperature
            self.method = method
        }
    }

    /// Days that fall in one band.
    public struct Line: Sendable {
        public var range: TemperatureRange
        public var percent: ExactDecimal
        /// In order.
        public var days: [CivilDate]
        public var amount: Fen
        /// `24.000 元/㎡ ÷ 121 天 × 45.000 ㎡ × 6 天 × 40% = 21.42 元`
        public var formula: String
        public var rule: RuleReference
    }

    /// Coldest band first; bands without a day are left out.
    public var lines: [Line]
    public var amount: Fen { lines.reduce(.zero) { $0 + $1.amount } }
    /// Days with a reading that counts, of which this many were warm enough.
    public var readDays: Int
    public var warmDays: Int
    /// Days whose readings that count fall into different bands: no refund is computed for them.
    public var contradictoryDays: [CivilDate]
    /// Readings that do not count: outside of the season or without the evidence that the rule asks for.
    public var readingsLeftOut: Int
    public var rule: RuleReference
}

extension Evaluation {
    /// The refund that the rule gives for the readings of the season. No reading changes the bill itself.
    ///
    /// - Throws: `billing.notCovered` where the tariff has no rule of refunds, `billing.missingInput` where the area of the cold rooms is
    ///   needed and not known, `billing.overflow`.
    public func refund(_ readings: [ColdRoomRefund.Reading], of subject: BillingCase) throws(HearthError)
        -> ColdRoomRefund
    {
        let reference = tariff.rule("refund")
        guard let rule = tariff.refund else {
            throw BillingProblem.notCovered(
                "version \(tariff.id) has no rule of refunds for cold rooms", rule: reference)
        }
        let area: ExactDecimal
        switch rule.scope {
        case .charged: area = chargedArea
        case .coldRooms:
            guard let rooms = subject.coldRoomsArea else {
                throw BillingProblem.missing("the area of the cold rooms", rule: reference)
            }
            area = rooms
        }
        guard area.units >= 0, area.compare(chargedArea) <= 0 || rule.scope == .coldRooms else {
            throw BillingProblem.invalid(
                "the area of the cold rooms", "is not within the charged area", rule: reference)
        }
        var byDay: [CivilDate: Set<Int>] = [:]
        var leftOut = 0
        for reading in readings {
            guard span.contains(reading.day), let method = reading.method, rule.evidence.contains(method) else {
                leftOut += 1
                continue
            }
            byDay[reading.day, default: []].insert(
                rule.bands.firstIndex { $0.range.contains(reading.temperature) } ?? -1)
        }
        var days: [[CivilDate]] = Array(repeating: [], count: rule.bands.count)
        var contradictory: [CivilDate] = []
        var warm = 0
        for day in byDay.keys.sorted() {
            guard let bands = byDay[day], let band = bands.first, bands.count == 1 else {
                contradictory.append(day)
                continue
            }
            if band < 0 { warm += 1 } else { days[band].append(day) }
        }
        if case .untilNext(let most) = rule.reach {
            extend(&days, read: byDay.keys.sorted(), most: most, until: min(span.last, subject.asOf ?? span.last))
        }
        var lines: [ColdRoomRefund.Line] = []
        for (band, cold) in zip(rule.bands, days) where !cold.isEmpty {
            lines.append(try refundLine(rule, band, cold, area, reference))
        }
        return ColdRoomRefund(
            lines: lines, readDays: byDay.count, warmDays: warm, contradictoryDays: contradictory,
            readingsLeftOut: leftOut,
            rule: reference)
    }

    /// Lets each cold day count on until the next day with a reading.
    private func extend(_ days: inout [[CivilDate]], read: [CivilDate], most: Int?, until last: CivilDate) {
        for band in days.indices {
            days[band] = days[band].flatMap { day in
                let next = read.first { $0 > day }.map { $0.adding(days: -1) } ?? last
                let count = max(1, min(min(next, last).days(since: day) + 1, most ?? .max))
                return (0..<count).map { day.adding(days: $0) }
            }
        }
    }

    private func refundLine(
        _ rule: RefundRule, _ band: RefundRule.Band, _ cold: [CivilDate], _ area: ExactDecimal,
        _ reference: RuleReference
    ) throws(HearthError) -> ColdRoomRefund.Line {
        let price = lines.first { $0.item == .heatByArea }?.unitPrice ?? tariff.price.amount
        var fee = Ratio(price)
        var text = "\(price)"
        if case .feeLessPrice(let base) = rule.base {
            fee = try fee + -Ratio(base)
            text = "(\(text) − \(base))"
        }
        text += " 元/㎡"
        switch tariff.price.period {
        case .season: break
        case .month:
            guard let months = tariff.price.months else {
                throw BillingProblem.missing("months", rule: tariff.rule("price"))
            }
            fee = try fee * Ratio(months)
            text += " × \(months) 月"
        case .day: break
        }
        if tariff.price.period != .day {
            fee = try fee * Ratio(1, over: Int128(seasonDays))
            text += " ÷ \(seasonDays) 天"
        }
        if case .feeLessPercent(let percent) = rule.base {
            fee = try fee * (try Ratio.one + -EvaluatedLine.Factor.percent(percent).value)
            text += " × (1 − \(percent)%)"
        }
        let exact = try fee * Ratio(area) * Ratio(Int128(cold.count)) * EvaluatedLine.Factor.percent(band.percent).value
        let amount = max(.zero, try exact.money(rule.rounding))
        text += " × \(area) ㎡ × \(cold.count) 天 × \(band.percent)% = \(amount) 元"
        return ColdRoomRefund.Line(
            range: band.range, percent: band.percent, days: cold, amount: amount, formula: text,
            rule: RuleReference(city: reference.city, version: reference.version, key: reference.key, place: band.place)
        )
    }
}
