public import HeatModel

/// A bill as the rules give it.
public struct Evaluation: Sendable {
    public var tariff: Tariff
    public var season: HeatingSeason
    /// First and last day.
    public var span: DaySpan
    /// Days that the season's price pays for, and those of them that are charged.
    public var seasonDays: Int
    public var chargedDays: Int
    public var basis: AreaBasis
    /// ㎡ by that basis, suspended part included.
    public var chargedArea: ExactDecimal
    /// Where shared area stands in this bill: inside, own line or absent.
    public var sharedArea: SharedAreaRule.Standing
    public var lines: [EvaluatedLine]
    /// What the household need not pay (减免), above 0; not among the lines.
    public var reliefs: [EvaluatedLine]
    public var dueOn: CivilDate?

    /// Sum of the lines.
    public var total: Fen { lines.sum }
    /// Sum of the lines less the reliefs.
    public var payable: Fen { total - reliefs.sum }

    /// Sum of the lines of an item.
    public func amount(of item: Charge.Item) -> Fen { lines.sum { $0 == item } }

    /// Whether a bill's line of this item that states this price is to be quantity × price and nothing more. It is not where the
    /// rules multiply by something that a line does not state: days, or the share that makes the published price the line's.
    public func hasPlainLine(of item: Charge.Item, at price: ExactDecimal?) -> Bool {
        var isPlain = false
        for index in lines.indices where lines[index].item == item {
            if let price, lines[index].isPublished(price) { return false }
            if lines[index].factors.isEmpty { isPlain = true }
        }
        return isPlain
    }
}

extension [EvaluatedLine] {
    var sum: Fen { sum { _ in true } }

    /// Sum of the lines of some items. By index: a copy of a line counts its references, and its rule is one for all threads.
    @inline(__always)
    func sum(_ counts: (Charge.Item) -> Bool) -> Fen {
        var sum = Fen.zero
        for index in indices where counts(self[index].item) { sum = sum + self[index].amount }
        return sum
    }
}

/// One line: quantity × unit price × factors, rounded once.
public struct EvaluatedLine: Sendable, Hashable {
    public var item: Charge.Item
    public var quantity: ExactDecimal
    public var unit: Charge.Unit
    /// 元 for one unit.
    public var unitPrice: ExactDecimal
    /// How the unit price came about, where it is not the published one: `43.300 × 3% × 2`.
    public var priceParts: [PricePart] = []
    /// What multiplies quantity × price.
    public var factors: [Factor] = []
    public var amount: Fen
    public var rule: RuleReference

    /// A multiplier with its numbers.
    public enum Factor: Sendable, Hashable {
        /// So many of so many days of the season.
        case daysOf(Int, Int)
        case days(Int)
        case months(ExactDecimal)
        /// So many of so many months of the season.
        case monthsOf(Int, Int)
        case percent(ExactDecimal)
        case correction(ExactDecimal)

        public var value: Ratio {
            switch self {
            case .daysOf(let part, let whole), .monthsOf(let part, let whole):
                Ratio(Int128(part), over: Int128(max(1, whole)))
            case .days(let days): Ratio(Int128(days))
            case .months(let value), .correction(let value): Ratio(value)
            case .percent(let percent):
                Ratio(Int128(percent.units), over: Int128(ExactDecimal.powersOfTen[Int(percent.places)]) * 100)
            }
        }

        var text: String {
            switch self {
            case .daysOf(let part, let whole): "\(part) 天 ÷ \(whole) 天"
            case .days(let days): "\(days) 天"
            case .months(let months): "\(months) 月"
            case .monthsOf(let part, let whole): "\(part) 月 ÷ \(whole) 月"
            case .percent(let percent): "\(percent)%"
            case .correction(let factor): "\(factor)"
            }
        }
    }

    /// A part of a unit price.
    public enum PricePart: Sendable, Hashable {
        case published(ExactDecimal)
        case percent(ExactDecimal)
        case steps(Int)
        case ratio(ExactDecimal)

        var text: String {
            switch self {
            case .published(let price): "\(price)"
            case .percent(let percent): "\(percent)%"
            case .steps(let steps): "\(steps)"
            case .ratio(let ratio): "\(ratio)"
            }
        }
    }

    /// Whether a price is the published one of this line, of which the line's own is only a share or a multiple.
    func isPublished(_ price: ExactDecimal) -> Bool {
        if priceParts.count < 2 { return false }
        guard case .published(let published) = priceParts[0] else { return false }
        return published.compare(price) == 0 && unitPrice.compare(price) != 0
    }

    /// The amount in 元 before it was rounded.
    public var exact: Ratio {
        get throws(HearthError) {
            if unit == .each { return Ratio(yuan: amount) }
            var exact = try Ratio(quantity) * Ratio(unitPrice)
            for factor in factors { exact = try exact * factor.value }
            return exact
        }
    }

    /// The computation with its numbers: `118.600 ㎡ × 24.000 元/㎡ = 2,846.40 元`.
    public var formula: String {
        if unit == .each { return "\(amount) 元" }
        let name = unit == .m2 ? "㎡" : unit.rawValue
        let price = priceParts.isEmpty ? "\(unitPrice)" : "(" + priceParts.map(\.text).joined(separator: " × ") + ")"
        var text = "\(quantity) \(name) × \(price) 元/\(name)"
        for factor in factors { text += " × \(factor.text)" }
        return text + " = \(amount) 元"
    }
}
