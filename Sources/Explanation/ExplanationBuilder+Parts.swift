import AccountView
import Billing
import HeatModel

extension ExplanationBuilder {
    /// The factors' shares as parts, with the quantities that differ.
    func parts(_ attribution: Attribution, _ mine: SeasonBill, isOfPeers: Bool) -> [Explanation.Part] {
        var parts = attribution.shares.map { part($0, attribution, mine) }
        if attribution.rounding != .zero {
            parts.append(
                .init(
                    kind: "rounding", fen: attribution.rounding, formula: "\(attribution.rounding) 元",
                    rule: attribution.mineBill.tariff.rule("rounding"), evidence: []))
        }
        return parts
    }

    private func part(_ share: Attribution.Share, _ all: Attribution, _ mine: SeasonBill) -> Explanation.Part {
        let (one, other) = (all.mine, all.reference)
        let tariff = all.mineBill.tariff
        var part = Explanation.Part(
            kind: share.factor.name, fen: share.fen, formula: "", rule: tariff.rule("price"), evidence: [])
        switch share.factor {
        case .area:
            part.setDecimals(one.area, other.area, "㎡")
            part.rule = tariff.rule("area")
            part.evidence = evidence(ofFacts: ["area_\(tariff.area.rawValue)"])
        case .innerArea:
            part.setDecimals(all.split?.mine.inner, all.split?.reference.inner, "㎡")
            part.rule = tariff.rule("area")
            part.evidence = evidence(ofFacts: ["area_inner", "area_building"])
        case .sharedArea:
            part.setDecimals(
                all.split?.mine.shared ?? one.subject.areas.shared,
                all.split?.reference.shared ?? other.subject.areas.shared, "㎡")
            part.rule = tariff.rule("shared")
            part.evidence = evidence(ofFacts: ["area_shared", "area_building"])
        case .intensity:
            let unit = one.intensity.keys.min { $0.rawValue < $1.rawValue } ?? .kWh
            part.setRatios(
                one.intensity[unit], other.intensity[unit], "\(unit.rawValue)/㎡", places: unit == .GJ ? 4 : 2)
            part.rule = tariff.rule(mine.subject.method == .metered ? "metered" : "twoPart")
            part.evidence = evidence(of: mine.readings.isEmpty ? [] : mine.readings)
            if mine.usesBilledHeat { part.evidence = evidence(of: mine.lines.filter { $0.value.item == .heatMetered }) }
        case .price:
            part.mine = .init(value: "\(tariff.price.amount)", unit: "元/㎡")
            part.reference = .init(value: "\(all.referenceBill.tariff.price.amount)", unit: "元/㎡")
            part.evidence = evidence(ofFacts: ["tariff", "class"])
        case .method:
            part.mine = .init(value: one.subject.method?.rawValue ?? "", unit: "")
            part.reference = .init(value: other.subject.method?.rawValue ?? "", unit: "")
            part.evidence = evidence(ofFacts: ["method"])
        case .height:
            part.setDecimals(one.subject.areas.ceilingHeight, other.subject.areas.ceilingHeight, "m")
            part.rule = tariff.rule("height")
            part.evidence = evidence(ofFacts: ["area_ceiling_height"])
        case .sharedLine:
            part.rule = tariff.rule("shared")
            part.evidence = evidence(of: mine.lines.filter { $0.value.item == .sharedArea })
        case .days:
            part.mine = .init(value: "\(all.mineBill.chargedDays)", unit: "天")
            part.reference = .init(value: "\(all.referenceBill.chargedDays)", unit: "天")
            part.rule = tariff.rule("proration")
            part.evidence = evidence(of: mine.disconnections)
        case .suspension:
            part.mine = .init(value: Self.percent(one.subject.suspensions), unit: "%")
            part.reference = .init(value: Self.percent(other.subject.suspensions), unit: "%")
            part.rule = tariff.rule("suspension")
            part.evidence = evidence(of: mine.suspensions)
        case .concession:
            part.rule = tariff.rule("concessions")
            part.evidence = evidence(ofFacts: ["flags_low_income", "flags_elderly"])
        }
        part.formula = formula(share, all)
        return part
    }

    /// Suspended share of the area in percent; `?` where the shares add up to no number.
    private static func percent(_ suspensions: [BillingCase.Suspension]) -> String {
        var sum = Ratio.zero
        for case let share? in suspensions.map(\.share) {
            guard let more = try? sum + Ratio(share) * Ratio(100) else { return "?" }
            sum = more
        }
        return sum.text(places: 2)
    }

    /// The share with its numbers: in closed form where the bill is a price times the area, or a base price and a price of heat; else as
    /// what it is, a mean over every order.
    private func formula(_ share: Attribution.Share, _ all: Attribution) -> String {
        let tariff = all.mineBill.tariff
        let isPlain = all.rounding == .zero && all.hasPlainShares && all.hasPlainLines
        let change: Ratio? =
            switch share.factor {
            case .area: Self.difference(all.mine.area, all.reference.area)
            case .innerArea: Self.difference(all.split?.mine.inner, all.split?.reference.inner)
            case .sharedArea:
                Self.difference(
                    all.split?.mine.shared ?? all.mine.subject.areas.shared,
                    all.split?.reference.shared ?? all.reference.subject.areas.shared)
            default: nil
            }
        // Shared area that has a price of its own.
        let apart = share.factor == .sharedArea && all.isSharedApart ? tariff.shared.price : nil
        if isPlain, let change, all.mine.subject.method == .byArea {
            return "\(change.text(places: 3)) ㎡ × \(apart ?? tariff.price.amount) 元/㎡ = \(share.fen) 元"
        }
        if isPlain, apart == nil, all.mine.subject.method == .twoPart, let rule = tariff.twoPart,
            let unit = all.mine.intensity.keys.first, let price = rule.heat.prices[unit],
            let a1 = all.mine.intensity[unit], let a0 = all.reference.intensity[unit],
            all.mine.subject.correction == nil
        {
            let places: UInt8 = unit == .GJ ? 4 : 2
            if let change {
                return
                    "\(change.text(places: 3)) ㎡ × [\(rule.base) + (\(a0.text(places: places)) + \(a1.text(places: places))) ÷ 2 × \(price)] = \(share.fen) 元"
            }
            if share.factor == .intensity, let mine = all.mine.area, let other = all.reference.area,
                let more = try? a1 + -a0
            {
                return
                    "\(more.text(places: places)) \(unit.rawValue)/㎡ × (\(other) + \(mine)) ㎡ ÷ 2 × \(price) = \(share.fen) 元"
            }
        }
        let count = all.shares.count
        return "Shapley(\(share.factor.name); \(count)) = \(share.exact.text(places: 4)) ≈ \(share.fen) 元"
    }

    private static func difference(_ left: ExactDecimal?, _ right: ExactDecimal?) -> Ratio? {
        guard let left, let right else { return nil }
        return try? Ratio(left) + -Ratio(right)
    }
}

extension Attribution {
    /// Whether areas and heat a ㎡ alone make the difference.
    var hasPlainShares: Bool {
        shares.allSatisfy { share in
            switch share.factor {
            case .area, .innerArea, .sharedArea, .intensity: true
            default: false
            }
        }
    }

    /// Whether both bills are only a price by area, or a base and a price of heat without a factor.
    var hasPlainLines: Bool { Self.arePlain(mineBill.lines) && Self.arePlain(referenceBill.lines) }

    private static func arePlain(_ lines: [EvaluatedLine]) -> Bool {
        for index in lines.indices {
            switch lines[index].item {
            case .heatByArea, .sharedArea, .heatBase, .heatMetered: if !lines[index].factors.isEmpty { return false }
            default: return false
            }
        }
        return true
    }
}

extension Explanation.Part {
    fileprivate mutating func setDecimals(_ one: ExactDecimal?, _ other: ExactDecimal?, _ unit: String) {
        setRatios(one.map { Ratio($0) }, other.map { Ratio($0) }, unit, places: unit == "m" ? 3 : 2)
        if let one { mine = .init(value: one.shortened.description, unit: unit) }
        if let other { reference = .init(value: other.shortened.description, unit: unit) }
    }

    fileprivate mutating func setRatios(_ one: Ratio?, _ other: Ratio?, _ unit: String, places: UInt8) {
        if let one { mine = .init(value: one.text(places: places), unit: unit) }
        if let other { reference = .init(value: other.text(places: places), unit: unit) }
        if let one, let other, let more = try? one + -other {
            change = .init(value: more.text(places: places), unit: unit)
        }
    }
}

extension ExactDecimal {
    /// Without zeros beyond the second place.
    var shortened: ExactDecimal { places > 2 ? exactly(places: 2) ?? self : self }
}

extension Ratio {
    /// The value as a decimal of so many places, rounded half up: for people only.
    func text(places: UInt8) -> String {
        let (scaled, overflow) = numerator.multipliedReportingOverflow(
            by: Int128(ExactDecimal.powersOfTen[Int(places)]))
        guard !overflow, let units = Int64(exactly: ExactDecimal.divide(scaled, by: denominator, .halfUp)) else {
            return "?"
        }
        return ExactDecimal(units: units, places: places).description
    }
}
