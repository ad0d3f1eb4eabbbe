import Billing
import HeatModel

/// Splits the difference of two bills that the rules give among the factors in which they differ.
struct Attribution {
    struct Share {
        var factor: Factor
        var exact: Ratio
        var fen: Fen
    }

    let mine: Scenario
    let reference: Scenario
    let mineBill: Evaluation
    let referenceBill: Evaluation
    private(set) var shares: [Share] = []
    /// What rounding of the whole bill (to 角 or 元) makes of the difference.
    private(set) var rounding = Fen.zero

    init(_ mine: Scenario, _ mineBill: Evaluation, _ reference: Scenario, _ referenceBill: Evaluation)
        throws(HearthError)
    {
        self.mine = mine
        self.reference = reference
        self.mineBill = mineBill
        self.referenceBill = referenceBill
        let factors = differing
        let exact: [Ratio]
        do {
            exact = try Shapley.shares(of: factors.count) { mask throws(HearthError) in
                try value(mask, factors)
            }
        }
        rounding = Self.rounding(of: mineBill) - Self.rounding(of: referenceBill)
        let total = mineBill.total - referenceBill.total
        if let fen = try Apportionment.fen(exact, total: total - rounding) {
            for (index, factor) in factors.enumerated() where exact[index].numerator != 0 {
                shares.append(Share(factor: factor, exact: exact[index], fen: fen[index]))
            }
        } else {
            rounding = total
        }
    }

    private static func rounding(of bill: Evaluation) -> Fen {
        bill.lines.reduce(.zero) { $0 + (Self.isRounding($1) ? $1.amount : .zero) }
    }

    private static func isRounding(_ line: EvaluatedLine) -> Bool {
        line.item == .adjustment && line.rule.key == "rounding"
    }

    /// The factors in which the sides differ and that a tariff of theirs looks at, in their fixed order.
    private var differing: [Factor] {
        Factor.allCases.filter { factor in
            switch factor {
            case .area: split == nil && !same(mine.area, reference.area)
            case .innerArea: split.map { !same($0.mine.inner, $0.reference.inner) } ?? false
            case .sharedArea:
                split.map { !same($0.mine.shared, $0.reference.shared) }
                    ?? (isSharedApart && !same(mine.subject.areas.shared, reference.subject.areas.shared))
            case .intensity:
                measuresHeat && mine.intensity.contains { !sameRatio($0.value, reference.intensity[$0.key]) }
                    || (measuresHeat && mine.intensity.count != reference.intensity.count)
            case .price:
                mine.tariff.id != reference.tariff.id || mine.tariff.city != reference.tariff.city
                    || mine.subject.season != reference.subject.season
            case .method: mine.subject.method != reference.subject.method
            case .height:
                !(mine.tariff.heights.isEmpty && reference.tariff.heights.isEmpty)
                    && !same(mine.subject.areas.ceilingHeight, reference.subject.areas.ceilingHeight)
            case .sharedLine: mine.subject.splitsSharedArea != reference.subject.splitsSharedArea
            case .days:
                relative(mine.subject.connected, mineBill) != relative(reference.subject.connected, referenceBill)
                    || relative(mine.subject.networkSupply, mineBill)
                        != relative(reference.subject.networkSupply, referenceBill)
            case .suspension: !mine.subject.suspensions.isEmpty || !reference.subject.suspensions.isEmpty
            case .concession:
                mine.subject.entitlements != reference.subject.entitlements
            }
        }
    }

    private var measuresHeat: Bool { mine.subject.method != .byArea || reference.subject.method != .byArea }

    /// Both sides' inner and shared areas, where both are known.
    var split:
        (mine: (inner: ExactDecimal, shared: ExactDecimal), reference: (inner: ExactDecimal, shared: ExactDecimal))?
    {
        guard let mine = mine.split, let reference = reference.split else { return nil }
        return (mine, reference)
    }

    /// Whether a bill has shared area as a line of its own.
    var isSharedApart: Bool {
        mineBill.lines.contains { $0.item == .sharedArea } || referenceBill.lines.contains { $0.item == .sharedArea }
    }

    private func same(_ left: ExactDecimal?, _ right: ExactDecimal?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return left.compare(right) == 0
    }

    private func sameRatio(_ left: Ratio, _ right: Ratio?) -> Bool {
        guard let right else { return false }
        return (try? left.compare(right)) == 0
    }

    /// Days counted from the season's first.
    private func relative(_ span: DaySpan?, _ bill: Evaluation) -> [Int]? {
        span.map { [$0.first.days(since: bill.span.first), $0.last.days(since: bill.span.first)] }
    }

    /// The bill in 元, not rounded, where the factors of the mask are as on my side.
    private func value(_ mask: UInt32, _ factors: [Factor]) throws(HearthError) -> Ratio {
        func isMine(_ factor: Factor) -> Bool {
            factors.firstIndex(of: factor).map { mask & (1 << UInt32($0)) != 0 } ?? false
        }
        let bill: Evaluation
        if mask == 0 {
            bill = referenceBill
        } else if Int(mask) == (1 << factors.count) - 1 {
            bill = mineBill
        } else {
            bill = try coalition(isMine).bill()
        }
        var sum = Ratio.zero
        for line in bill.lines where !Self.isRounding(line) { sum = try sum + line.exact }
        return sum
    }

    private func coalition(_ isMine: (Factor) -> Bool) throws(HearthError) -> Scenario {
        var scenario = reference
        let (mine, other) = (mine.subject, reference.subject)
        let from = isMine(.price) ? mineBill : referenceBill
        if isMine(.price) {
            scenario.tariff = self.mine.tariff
            scenario.subject.city = mine.city
            scenario.subject.company = mine.company
            scenario.subject.heatSource = mine.heatSource
            scenario.subject.class = mine.class
            scenario.subject.season = mine.season
            scenario.subject.seasonDates = mine.seasonDates
            scenario.subject.asOf = mine.asOf
        }
        if isMine(.method) { scenario.subject.method = mine.method }
        if let split {
            let inner = isMine(.innerArea) ? split.mine.inner : split.reference.inner
            let shared = isMine(.sharedArea) ? split.mine.shared : split.reference.shared
            scenario.subject.areas.inner = inner
            scenario.subject.areas.shared = shared
            scenario.subject.areas.building = ExactDecimal(units: inner.units + shared.units, places: 3)
        } else {
            if isMine(.area) {
                let own = scenario.subject.areas
                scenario.subject.areas = mine.areas
                scenario.subject.areas.ceilingHeight = own.ceilingHeight
                if isSharedApart { scenario.subject.areas.shared = own.shared }
            }
            if isMine(.sharedArea) { scenario.subject.areas.shared = mine.areas.shared }
        }
        if isMine(.height) { scenario.subject.areas.ceilingHeight = mine.areas.ceilingHeight }
        if isMine(.sharedLine) { scenario.subject.splitsSharedArea = mine.splitsSharedArea }
        if isMine(.concession) { scenario.subject.entitlements = mine.entitlements }
        let days = isMine(.days) ? (mine, mineBill) : (other, referenceBill)
        scenario.subject.connected = moved(days.0.connected, from: days.1, to: from)
        scenario.subject.networkSupply = moved(days.0.networkSupply, from: days.1, to: from)
        let stops = isMine(.suspension) ? (mine, mineBill) : (other, referenceBill)
        scenario.subject.suspensions = stops.0.suspensions.map { suspension in
            var suspension = suspension
            suspension.span = moved(suspension.span, from: stops.1, to: from)
            return suspension
        }
        if isMine(.intensity) {
            scenario.intensity = self.mine.intensity
            scenario.subject.correction = mine.correction
        }
        if scenario.intensity.isEmpty { scenario.intensity = self.mine.intensity }
        try scenario.fillConsumption()
        return scenario
    }

    /// The same days of another season.
    private func moved(_ span: DaySpan?, from: Evaluation, to: Evaluation) -> DaySpan? {
        guard let span else { return nil }
        let shift = to.span.first.days(since: from.span.first)
        return DaySpan(span.first.adding(days: shift), span.last.adding(days: shift))
    }
}

extension Scenario {
    func bill() throws(HearthError) -> Evaluation { try tariff.evaluate(subject) }
}
