import AccountView
import Billing
import HeatModel

extension ExplanationBuilder {
    mutating func compareWithPrevious(_ mine: SeasonBill, _ check: Recomputation) throws {
        let season = HeatingSeason(startYear: mine.season.startYear - 1)
        var before = try settled(maker.make(season))
        if before.lines.isEmpty {
            result.status = .noPreviousBill
            result.problem = .init(
                code: "bill.noPrevious", message: "there is no bill of season \(season) to compare with")
            return
        }
        before.subject.method = method(of: before) ?? before.subject.method
        if !before.contradictoryReadings.isEmpty {
            result.status = .contradictoryReadings
            result.problem = .init(
                code: "readings.contradictory", message: "meter readings of season \(season) contradict each other")
            return
        }
        let (earlier, attribution): (Recomputation, Attribution)
        do {
            (earlier, before) = try recompute(before, mine, check)
            let reference = try Scenario(before.subject, earlier.evaluation.tariff)
            attribution = try Attribution(
                try Scenario(mine.subject, check.evaluation.tariff), check.evaluation, reference, earlier.evaluation)
        } catch {
            result.status = .notComparable
            result.problem = .init(code: error.code.name, message: error.message)
            return
        }
        result.reference = Explanation.Reference(
            fen: before.billed, season: season, lines: earlier.evaluation.lines)
        result.difference = mine.billed - before.billed
        result.parts = parts(attribution, mine, isOfPeers: false)
        if let part = billingPart(mine, check) { result.parts.append(part) }
        if earlier.difference != .zero {
            result.parts.append(
                .init(
                    kind: "previous_billing_difference", fen: -earlier.difference,
                    mine: .init(value: earlier.evaluation.total.description, unit: "元"),
                    reference: .init(value: before.billed.description, unit: "元"),
                    formula: "\(earlier.evaluation.total) 元 − \(before.billed) 元 = \(-earlier.difference) 元",
                    evidence: evidence(of: before.lines)))
        }
    }

    /// The method that the lines of a season show; nil where they show none.
    private func method(of season: SeasonBill) -> AccountFacts.Method? {
        let items = season.lines.compactMap(\.value.item)
        if items.contains(.heatBase) { return .twoPart }
        if items.contains(.heatMetered) { return .metered }
        if items.contains(.heatByArea) || items.contains(.suspension) { return .byArea }
        return nil
    }

    /// The earlier season by the rules. The facts are today's; where today's bill agrees with them and the earlier one states another
    /// area that explains it to the fen, the area has changed between them.
    private func recompute(
        _ before: SeasonBill, _ mine: SeasonBill, _ check: Recomputation
    ) throws(HearthError) -> (Recomputation, SeasonBill) {
        let earlier = try book.recompute(before.subject, billed: before.billedLines)
        if earlier.agrees || !check.agrees { return (earlier, before) }
        for cause in earlier.causes where cause.alternatives.count == 1 {
            guard case .area(let area) = cause.alternatives[0], cause.strength > .total else { continue }
            var changed = before
            switch earlier.evaluation.basis {
            case .building:
                changed.subject.areas.building = area
                changed.subject.areas.inner = nil
            case .inner: changed.subject.areas.inner = area
            case .usable: changed.subject.areas.usable = area
            case .billing: changed.subject.areas.billing = area
            }
            let again = try book.recompute(changed.subject, billed: before.billedLines)
            if again.agrees { return (again, changed) }
        }
        return (earlier, before)
    }
}
