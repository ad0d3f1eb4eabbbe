public import HeatModel

/// The discount for paying a bill in full on a day.
public struct EarlyPaymentDiscount: Sendable {
    public var percent: ExactDecimal
    /// In the order of the bill's lines.
    public var byLine: [Fen]
    public var amount: Fen
    public var rule: RuleReference
}

extension Evaluation {
    /// What paying all of it on a day saves; nil where no band holds on that day. The relief of a line is taken off it before.
    ///
    /// - Throws: `billing.overflow`.
    public func earlyPayment(on day: CivilDate, method: AccountFacts.Method) throws(HearthError)
        -> EarlyPaymentDiscount?
    {
        let band = tariff.earlyPayment.first { band in
            guard let from = band.from.date(around: season), let to = band.to.date(around: season) else { return false }
            return from <= day && day <= to && (band.methods?.contains(method) ?? true)
        }
        guard let band else { return nil }
        let share = EvaluatedLine.Factor.percent(band.percent).value
        var relief = reliefs.reduce(Fen.zero) { $0 + $1.amount }
        var byLine: [Fen] = []
        for line in lines {
            let taken = min(relief, max(.zero, line.amount))
            relief = relief - taken
            byLine.append(try (Ratio(yuan: line.amount - taken) * share).money(tariff.rounding.line))
        }
        return EarlyPaymentDiscount(
            percent: band.percent, byLine: byLine, amount: byLine.reduce(.zero) { $0 + $1 },
            rule: tariff.rule("earlyPayment"))
    }
}
