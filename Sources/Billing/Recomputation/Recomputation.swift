public import HeatModel

/// A bill beside what the rules give. The legacy figure stays what it is.
public struct Recomputation: Sendable {
    /// All lines of one item.
    public struct Comparison: Sendable, Hashable {
        public var item: Charge.Item
        /// Nil where the bill has no such line.
        public var billed: Fen?
        /// Nil where the rules give no such line.
        public var right: Fen?
        /// The rule of the right amount.
        public var rule: RuleReference?
        /// Billed − right.
        public var difference: Fen { (billed ?? .zero) - (right ?? .zero) }
    }

    /// What would explain the difference.
    public struct Cause: Sendable, Hashable {
        public enum Strength: Int, Sendable, Comparable {
            /// The sum of the bill comes out.
            case total
            /// The amount of every item comes out.
            case amounts
            /// So do the quantities and unit prices that the lines state.
            case statements

            public static func < (left: Strength, right: Strength) -> Bool { left.rawValue < right.rawValue }
        }

        /// One, or two that only together explain it.
        public var alternatives: [Alternative]
        public var strength: Strength
    }

    public var evaluation: Evaluation
    /// In the order of the catalogue of items.
    public var comparisons: [Comparison]
    /// Billed − right.
    public var difference: Fen { comparisons.reduce(.zero) { $0 + $1.difference } }
    public var agrees: Bool { comparisons.allSatisfy { $0.difference == .zero } }
    /// Items of lines whose own quantity × unit price is not what is due, though the rules give such a line without other factors.
    public var inconsistentItems: [Charge.Item]
    /// The likeliest first; at most 12, none where the bill agrees or nothing that was tried explains it.
    public var causes: [Cause]
}

extension TariffBook {
    /// Compares a bill's lines with what the rules give.
    ///
    /// - Throws: as ``evaluate(_:)``, where the case cannot be evaluated.
    public func recompute(_ subject: BillingCase, billed: [BilledLine]) throws(HearthError) -> Recomputation {
        try recompute(subject, evaluate(subject), billed: billed)
    }

    /// The same where the case has been evaluated already.
    ///
    /// - Parameter right: what ``evaluate(_:)`` gives for this very case.
    public func recompute(_ subject: BillingCase, _ right: Evaluation, billed: [BilledLine]) throws(HearthError)
        -> Recomputation
    {
        for line in billed { try Ratio.check(line.due) }
        let comparisons = Self.compare(right.lines, billed)
        var result = Recomputation(evaluation: right, comparisons: comparisons, inconsistentItems: [], causes: [])
        let step = right.tariff.rounding.line
        for comparison in comparisons where comparison.billed != nil && comparison.right != nil {
            let item = comparison.item
            let isWrong = billed.contains {
                $0.item == item && $0.isConsistent(step) == false && right.hasPlainLine(of: item, at: $0.unitPrice)
            }
            if isWrong { result.inconsistentItems.append(item) }
        }
        if !result.agrees { result.causes = causes(subject, right, billed) }
        return result
    }

    private static func compare(_ right: [EvaluatedLine], _ billed: [BilledLine]) -> [Recomputation.Comparison] {
        var comparisons: [Recomputation.Comparison] = []
        for item in Charge.Item.allCases {
            var comparison = Recomputation.Comparison(item: item)
            for index in billed.indices where billed[index].item == item {
                comparison.billed = (comparison.billed ?? .zero) + billed[index].due
            }
            // By index: a copy of a line counts its references, and its rule is one for all threads.
            for index in right.indices where right[index].item == item {
                if comparison.right == nil { comparison.rule = right[index].rule }
                comparison.right = (comparison.right ?? .zero) + right[index].amount
            }
            if comparison.billed != nil || comparison.right != nil { comparisons.append(comparison) }
        }
        return comparisons
    }

    private func causes(_ subject: BillingCase, _ right: Evaluation, _ billed: [BilledLine]) -> [Recomputation.Cause] {
        let candidates = Alternatives(subject: subject, right: right, billed: billed, book: self).all
        let start = WhatIf(subject: subject, tariff: right.tariff)
        var found: [Recomputation.Cause] = []
        for candidate in candidates {
            if let strength = strength(of: [candidate], start, billed) {
                found.append(.init(alternatives: [candidate], strength: strength))
            }
        }
        if !found.contains(where: { $0.strength > .total }) {
            for (index, first) in candidates.enumerated() {
                for second in candidates[(index + 1)...] where second.order != first.order {
                    if let strength = strength(of: [first, second], start, billed) {
                        found.append(.init(alternatives: [first, second], strength: strength))
                    }
                }
            }
        }
        found.sort { Self.rank($0) < Self.rank($1) }
        return Array(found.prefix(12))
    }

    /// Stronger first, one alternative before two, then by kind and by figure.
    private static func rank(_ cause: Recomputation.Cause) -> (Int, Int, Int, Int, String) {
        let orders = cause.alternatives.map(\.order)
        return (
            -cause.strength.rawValue, orders.count, orders[0], orders.count > 1 ? orders[1] : -1,
            cause.alternatives.map(\.sortKey).joined(separator: " ")
        )
    }

    private func strength(of alternatives: [Alternative], _ start: WhatIf, _ billed: [BilledLine]) -> Recomputation
        .Cause.Strength?
    {
        var world = start
        // A change of class or source brings a tariff of its own, in which the other change is then made.
        for alternative in alternatives.sorted(by: { Self.turn($0) < Self.turn($1) }) {
            if !world.apply(alternative, self) { return nil }
        }
        guard let lines = world.lines() else { return nil }
        let comparisons = Self.compare(lines, billed)
        let difference = comparisons.reduce(Fen.zero) { $0 + $1.difference }
        if difference != .zero { return nil }
        if comparisons.contains(where: { $0.difference != .zero }) { return .total }
        return Self.state(lines, billed) ? .statements : .amounts
    }

    private static func turn(_ alternative: Alternative) -> Int {
        switch alternative {
        case .accountClass, .heatSource: 0
        case .pricesOf: 1
        case .areaBasis: 2
        default: 3
        }
    }

    /// Whether each billed line states the quantity and the unit price of a line of its own among these.
    private static func state(_ lines: [EvaluatedLine], _ billed: [BilledLine]) -> Bool {
        var rest = lines.filter { $0.unit != .each }
        for line in billed where line.unit != .each {
            guard let quantity = line.quantity, let price = line.unitPrice,
                let index = rest.firstIndex(where: {
                    $0.item == line.item && $0.quantity.compare(quantity) == 0
                        && ($0.unitPrice.compare(price) == 0 || $0.isPublished(price))
                })
            else { return false }
            rest.remove(at: index)
        }
        return rest.isEmpty
    }
}
