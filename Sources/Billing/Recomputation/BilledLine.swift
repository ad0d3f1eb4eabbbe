public import HeatModel

/// A line of a bill as the legacy system states it.
public struct BilledLine: Sendable, Hashable {
    public var item: Charge.Item
    public var quantity: ExactDecimal?
    public var unit: Charge.Unit?
    /// 元 for one unit.
    public var unitPrice: ExactDecimal?
    public var due: Fen

    public init(
        _ item: Charge.Item, quantity: ExactDecimal? = nil, unit: Charge.Unit? = nil, unitPrice: ExactDecimal? = nil,
        due: Fen
    ) {
        self.item = item
        self.quantity = quantity
        self.unit = unit
        self.unitPrice = unitPrice
        self.due = due
    }

    /// Nil for a voided line, a late fee, a relief (减免) on a line of its own, and a line that does not say what it charges or how
    /// much.
    public init?(_ charge: Charge) {
        guard charge.voided != true, let item = charge.item, item.isOfBill, let due = charge.due else { return nil }
        self.init(item, quantity: charge.quantity, unit: charge.unit, unitPrice: charge.unitPrice, due: due)
    }

    /// Whether quantity × unit price is what is due, under a rounding of lines; nil where the line does not state both. Factors
    /// such as days are not stated in a billed line.
    func isConsistent(_ rounding: RoundingRule.Step) -> Bool? {
        guard let quantity, let unitPrice else { return nil }
        guard let product = try? Ratio(quantity) * Ratio(unitPrice), let exact = try? product.money(rounding) else {
            return false
        }
        return exact == due
    }
}

extension Charge.Item {
    /// Whether a line of this item is a part of what heat costs: a late fee is not, nor is what need not be paid.
    public var isOfBill: Bool { self != .lateFee && self != .reduction }
}
