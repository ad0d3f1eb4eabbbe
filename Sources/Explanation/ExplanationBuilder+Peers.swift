import AccountView
import Billing
import HeatModel
import Store

extension ExplanationBuilder {
    mutating func compareWithPeers(_ mine: SeasonBill, _ check: Recomputation) throws {
        guard let (level, statistics) = try peers(mine) else {
            result.status = .tooFewPeers
            result.problem = .init(
                code: "peers.tooFew",
                message: "no group of peers is large enough to give figures without revealing a single household")
            return
        }
        let reference: Scenario
        let typical: Evaluation
        do {
            reference = try typicalHousehold(statistics, mine.subject, check.evaluation)
            typical = try reference.bill()
        } catch {
            result.status = .notComparable
            result.problem = .init(code: error.code.name, message: error.message)
            return
        }
        let attribution: Attribution
        do {
            attribution = try Attribution(
                try Scenario(mine.subject, check.evaluation.tariff), check.evaluation, reference, typical)
        } catch {
            result.status = .notComparable
            result.problem = .init(code: error.code.name, message: error.message)
            return
        }
        result.reference = Explanation.Reference(
            fen: statistics.bill, level: level, households: statistics.households, publication: statistics.publication,
            typical: typical.total, lines: typical.lines)
        result.difference = mine.billed - statistics.bill
        result.parts = parts(attribution, mine, isOfPeers: true)
        if let part = billingPart(mine, check) { result.parts.append(part) }
        let basisDifference = typical.total - statistics.bill
        if basisDifference != .zero {
            result.parts.append(
                .init(
                    kind: "basis_difference", fen: basisDifference,
                    mine: .init(value: typical.total.description, unit: "元"),
                    reference: .init(value: statistics.bill.description, unit: "元"),
                    formula: "\(typical.total) 元 − \(statistics.bill) 元 = \(basisDifference) 元", evidence: []))
        }
    }

    /// The narrowest group of peers that is large enough to publish.
    private func peers(_ mine: SeasonBill) throws -> (CohortLevel, CohortStatistics)? {
        let facts = context.facts
        guard let accountClass = facts.class, let method = facts.method else { return nil }
        let house = PeerBuilding(
            company: facts.company ?? "", station: facts.station ?? "", community: facts.community ?? "",
            building: facts.building ?? "")
        let kind = CohortKind(season: mine.season.startYear, class: accountClass, method: method)
        for level in settings.peers.levels {
            guard let found = try supportingData.statistics(level, of: house, kind: kind) else { continue }
            if settings.peers.allow(households: found.households, total: found.total, largest: found.largest) {
                return (level, found)
            }
        }
        return nil
    }

    /// The tariff's view of a household with the middle area, the middle heat a ㎡ and the tariff that most have.
    private func typicalHousehold(
        _ statistics: CohortStatistics, _ mine: BillingCase, _ bill: Evaluation
    ) throws(HearthError) -> Scenario {
        var subject = mine
        subject.suspensions = []
        subject.connected = nil
        subject.entitlements = []
        var tariff = bill.tariff
        if statistics.tariff != context.facts.tariff, let city = book.city(ofCode: statistics.tariff), city != mine.city
        {
            subject.city = city
            tariff = try book.tariff(for: subject)
        }
        var areas = AccountFacts.Areas()
        areas.building = statistics.building
        areas.inner = statistics.inner
        areas.usable = statistics.usable
        areas.billing = statistics.billing
        areas.ceilingHeight = statistics.height ?? mine.areas.ceilingHeight
        if let building = statistics.building, let inner = statistics.inner, inner.compare(building) <= 0 {
            areas.shared = ExactDecimal(units: building.units - inner.units, places: 2)
        } else {
            if statistics.building != nil { areas.inner = nil }
            // How much shared area the peers have is not known: it is no difference.
            if !tariff.area.containsShared { areas.shared = mine.areas.shared }
        }
        subject.areas = areas
        subject.splitsSharedArea = statistics.splitsSharedArea && areas.shared != nil
        // Where both lines have one price, how the bill is laid out is no difference.
        if tariff.shared.price == nil { subject.splitsSharedArea = mine.splitsSharedArea && areas.shared != nil }
        guard subject.area(tariff.area) != nil else {
            throw HearthError(.peersNoArea, "the area that the tariff charges is not known of the peers")
        }
        if subject.method == .byArea { return try Scenario(subject, tariff) }
        let measure: CohortMember.Measure =
            switch tariff.area {
            case .building: .building
            case .inner: .inner
            case .usable: .usable
            case .billing: .billing
            }
        let unit: Charge.Unit = statistics.isGigajoule ? .GJ : .kWh
        guard let typical = statistics.intensity[measure] else {
            // No heat is measured yet on either side: it is no difference.
            if (mine.consumption ?? []).isEmpty { return try Scenario(subject, tariff, intensity: [:]) }
            throw HearthError(.peersNoHeat, "the heat used is not known of the peers")
        }
        if let other = mine.consumption?.first(where: { $0.unit != unit }), other.quantity.units != 0 {
            throw HearthError(.peersOtherUnit, "the peers' heat is measured in another unit")
        }
        return try Scenario(subject, tariff, intensity: [unit: Ratio(typical)])
    }
}
