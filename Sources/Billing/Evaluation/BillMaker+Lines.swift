import HeatModel

/// Reliefs and rounding of the bill as a whole, and how a line is added to it.
extension BillMaker {
    mutating func relieve() throws(HearthError) {
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

    mutating func roundTotal() throws(HearthError) {
        let billed = lines.sum
        let rounded = try Ratio(yuan: billed).money(tariff.rounding.total)
        if rounded != billed { post(rounded - billed, tariff.rule("rounding")) }
    }

    mutating func post(_ amount: Fen, _ rule: RuleReference) { lines.append(fixed(.adjustment, amount, rule)) }

    func fixed(_ item: Charge.Item, _ amount: Fen, _ rule: RuleReference) -> EvaluatedLine {
        EvaluatedLine(
            item: item, quantity: ExactDecimal(units: 1000, places: 3), unit: .each,
            unitPrice: ExactDecimal(units: amount.amount, places: 2), amount: amount, rule: rule)
    }

    mutating func add(
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

    mutating func add(
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

    func seasonFactors() -> [EvaluatedLine.Factor] {
        // A base price is by season whatever the period of the area price.
        if tariff.price.period == .day, charged != span {
            return [.daysOf(charged.days, max(seasonDays, charged.days))]
        }
        return partSeason
    }

    /// Whether what is settled at the end of the season is due by now.
    var isSettled: Bool { subject.asOf.map { $0 > span.last } ?? true }

    func applies(_ classes: Set<AccountFacts.Class>?) -> Bool {
        guard let classes else { return true }
        return subject.class.map { classes.contains($0) } ?? false
    }

    func decimal(_ value: Ratio) throws(HearthError) -> ExactDecimal {
        guard let decimal = value.decimal(atLeast: 3) else { throw Ratio.overflow }
        return decimal
    }

    /// An area with 3 places, the rest cut off.
    func truncated(_ value: Ratio) throws(HearthError) -> ExactDecimal {
        let (scaled, failed) = value.numerator.multipliedReportingOverflow(by: 1000)
        guard !failed, let units = Int64(exactly: ExactDecimal.divide(scaled, by: value.denominator, .truncate)) else {
            throw Ratio.overflow
        }
        return ExactDecimal(units: units, places: 3)
    }
}
