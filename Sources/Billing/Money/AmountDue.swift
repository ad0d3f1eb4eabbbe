public import HeatModel

/// What must be paid on a day, late fee included.
public struct AmountDue: Sendable {
    /// A stretch of days on which the same sum costs.
    public struct Stretch: Sendable, Hashable {
        public var days: DaySpan
        /// The arrears, or the bill where the rule says so.
        public var base: Fen
    }

    /// The late fee with what it was computed from.
    public struct LateFee: Sendable {
        public var stretches: [Stretch]
        public var amount: Fen
        public var isCapped: Bool
        public var rule: RuleReference
        public var dailyRate: ExactDecimal

        /// `1,846.40 元 × 10 天 × 0.002 = 36.93 元`
        public var formula: String {
            let sum = stretches.map { "\($0.base) 元 × \($0.days.days) 天" }.joined(separator: " + ")
            return (stretches.count > 1 ? "(\(sum))" : sum.isEmpty ? "0.00 元" : sum) + " × \(dailyRate) = \(amount) 元"
        }
    }

    public var payable: Fen
    public var paid: Fen
    public var dueOn: CivilDate?
    /// Nil where the tariff has no late fee.
    public var lateFee: LateFee?
    /// Payable and late fee less what was paid, at least 0.
    public var open: Fen
    /// What was paid beyond that.
    public var credit: Fen

    init(payable: Fen, paid: Fen, dueOn: CivilDate?, lateFee: LateFee?, open: Fen, credit: Fen) {
        self.payable = payable
        self.paid = paid
        self.dueOn = dueOn
        self.lateFee = lateFee
        self.open = open
        self.credit = credit
    }

    /// What is open where no tariff is known, and so no late fee.
    public init(payable: Fen, paid: Fen, dueOn: CivilDate?) {
        self.init(
            payable: payable, paid: paid, dueOn: dueOn, lateFee: nil, open: max(.zero, payable - paid),
            credit: max(.zero, paid - payable))
    }
}

/// Money that arrived for a season.
public struct Receipt: Sendable, Hashable {
    public var on: CivilDate
    public var amount: Fen

    public init(on: CivilDate, amount: Fen) {
        self.on = on
        self.amount = amount
    }
}

extension Tariff {
    /// What is due on a day, after what was paid until then. A payment settles the bill first and the late fee after it; the day
    /// of the payment still costs.
    ///
    /// - Parameter payable: the bill less discounts and reductions.
    /// - Throws: `billing.missingInput` where there is a late fee and no due date, `billing.overflow`.
    public func amountDue(
        payable: Fen, receipts: [Receipt], season: HeatingSeason, on day: CivilDate
    ) throws(HearthError) -> AmountDue {
        try Ratio.check(payable)
        for receipt in receipts { try Ratio.check(receipt.amount) }
        let receipts = receipts.filter { $0.on <= day }.sorted { $0.on < $1.on }
        let paid = receipts.reduce(Fen.zero) { $0 + $1.amount }
        let dueOn = self.due?.date(around: season)
        var fee: AmountDue.LateFee?
        if let rule = self.lateFee {
            guard let dueOn else { throw BillingProblem.missing("the due date", rule: self.rule("lateFee")) }
            fee = try late(rule, payable, receipts, dueOn, day)
        }
        let rest = payable + (fee?.amount ?? .zero) - paid
        return AmountDue(
            payable: payable, paid: paid, dueOn: dueOn, lateFee: fee, open: max(.zero, rest), credit: max(.zero, -rest))
    }

    private func late(
        _ rule: LateFeeRule, _ payable: Fen, _ receipts: [Receipt], _ dueOn: CivilDate, _ day: CivilDate
    ) throws(HearthError) -> AmountDue.LateFee {
        var from = dueOn.adding(days: max(1, rule.startsAfterDays))
        var arrears = payable
        for receipt in receipts where receipt.on < from { arrears = arrears - receipt.amount }
        let atDue = max(.zero, arrears)
        var stretches: [AmountDue.Stretch] = []
        func stretch(to last: CivilDate) {
            if from <= last, arrears > .zero {
                stretches.append(.init(days: DaySpan(from, last), base: rule.base == .bill ? payable : arrears))
            }
            from = max(from, last.adding(days: 1))
        }
        for receipt in receipts where receipt.on >= dueOn.adding(days: max(1, rule.startsAfterDays)) {
            stretch(to: receipt.on)
            arrears = arrears - receipt.amount
        }
        stretch(to: day)
        var exact = Ratio.zero
        for part in stretches {
            exact = try exact + (try Ratio(yuan: part.base) * Ratio(Int128(part.days.days)))
        }
        var amount = try (exact * Ratio(rule.dailyRate)).money(rule.rounding)
        var isCapped = false
        if let percent = rule.capPercent {
            let most = try (Ratio(yuan: atDue) * EvaluatedLine.Factor.percent(percent).value).money(rule.rounding)
            if amount > most { (amount, isCapped) = (most, true) }
        }
        return AmountDue.LateFee(
            stretches: stretches, amount: amount, isCapped: isCapped, rule: self.rule("lateFee"),
            dailyRate: rule.dailyRate)
    }
}
