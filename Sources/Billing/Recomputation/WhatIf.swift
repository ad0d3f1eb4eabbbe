import HeatModel

/// A case and a tariff in which some things are otherwise.
struct WhatIf {
    var subject: BillingCase
    var tariff: Tariff
    var without: Charge.Item?
    var twice: Charge.Item?

    /// Nil where the change means nothing here.
    mutating func apply(_ alternative: Alternative, _ book: TariffBook) -> Bool {
        switch alternative {
        case .areaBasis(let basis):
            guard subject.area(basis) != nil else { return false }
            tariff.area = basis
        case .area(let area):
            switch tariff.area {
            case .building: subject.areas.building = area
            case .inner: subject.areas.inner = area
            case .usable: subject.areas.usable = area
            case .billing: subject.areas.billing = area
            }
        case .accountClass(let value):
            subject.class = value
            guard let other = try? book.tariff(for: subject) else { return false }
            tariff = other
        case .heatSource(let name):
            subject.heatSource = name
            guard let other = try? book.tariff(for: subject) else { return false }
            tariff = other
        case .method(let method): subject.method = method
        case .height(let height, _): subject.areas.ceilingHeight = height
        case .heightCounting(let counting):
            for index in tariff.heights.indices { tariff.heights[index].counting = counting }
        case .heightForEveryClass:
            for index in tariff.heights.indices { tariff.heights[index].classes = nil }
        case .seasonDays(let days): tariff.season.days = .fixed(days)
        case .chargedDays(let more):
            guard let part = subject.connected ?? subject.networkSupply else { return false }
            let longer = DaySpan(part.first, part.last.adding(days: more))
            if subject.connected != nil { subject.connected = longer } else { subject.networkSupply = longer }
        case .fullSeason:
            subject.connected = nil
            subject.networkSupply = nil
        case .suspensionIgnored: subject.suspensions = []
        case .suspensionRatio(let ratio):
            for index in subject.suspensions.indices { subject.suspensions[index].feeRatio = ratio }
        case .suspensionShare(let share):
            if subject.suspensions.isEmpty {
                subject.suspensions = [.init(share: share)]
            } else if subject.suspensions.count == 1 {
                subject.suspensions[0].share = share
            } else {
                return false
            }
        case .lineRounding(let step): tariff.rounding.line = step
        case .totalRounding(let step): tariff.rounding.total = step
        case .pricesOf(let season):
            var other = subject
            other.season = season.description
            guard let prices = try? book.tariff(for: other) else { return false }
            tariff.price = prices.price
            tariff.shared = prices.shared
            tariff.twoPart = prices.twoPart
            tariff.metered = prices.metered
        case .lowIncome(let flag): subject.isLowIncome = flag
        case .consumption(let quantity, let unit): subject.consumption = [.init(quantity, unit)]
        case .correction(let factor): subject.correction = factor
        case .capIgnored: tariff.cap = nil
        case .withoutLine(let item): without = item
        case .lineTwice(let item): twice = item
        }
        return true
    }

    /// The lines under these changes; nil where they cannot be.
    func lines() -> [EvaluatedLine]? {
        guard var lines = try? tariff.evaluate(subject).lines else { return nil }
        if let without {
            let kept = lines.filter { $0.item != without }
            if kept.count == lines.count { return nil }
            lines = kept
        }
        if let twice {
            let again = lines.filter { $0.item == twice }
            if again.isEmpty { return nil }
            lines += again
        }
        return lines
    }
}

/// What is worth trying for a case and its bill.
struct Alternatives {
    let subject: BillingCase
    let right: Evaluation
    let billed: [BilledLine]
    let book: TariffBook

    var all: [Alternative] {
        areas + classes + heights + days + suspensions + prices + measured + lines + roundings
    }

    private var tariff: Tariff { right.tariff }

    private var areas: [Alternative] {
        var found: [Alternative] = AreaBasis.allCases.filter { $0 != tariff.area && subject.area($0) != nil }.map {
            .areaBasis($0)
        }
        // What the lines state, in every way that a bill states its area.
        let byArea = billed.filter { [.heatByArea, .sharedArea, .suspension].contains($0.item) && $0.unit == .m2 }
        var stated: [ExactDecimal?] = [total(byArea)]
        stated.append(total(byArea.filter { $0.item == .heatByArea }))
        stated.append(total(billed.filter { $0.item == .heatBase }))
        for case let area? in stated where area.units > 0 && area.compare(right.chargedArea) != 0 {
            if !found.contains(.area(area)) { found.append(.area(area)) }
        }
        return found
    }

    private func total(_ lines: [BilledLine]) -> ExactDecimal? {
        var sum = Ratio.zero
        for line in lines {
            guard let quantity = line.quantity, let next = try? sum + Ratio(quantity) else { return nil }
            sum = next
        }
        return lines.isEmpty ? nil : sum.decimal(atLeast: 3)
    }

    private var classes: [Alternative] {
        var found: [Alternative] = AccountFacts.Class.allCases.filter { $0 != subject.class }.map { .accountClass($0) }
        let sources = Set(book.tariffs(of: tariff.city).map(\.heatSource))
        for source in sources.sorted(by: { $0 ?? "" < $1 ?? "" }) where source != tariff.heatSource {
            found.append(.heatSource(source))
        }
        for method in AccountFacts.Method.allCases where method != subject.method { found.append(.method(method)) }
        return found
    }

    private var heights: [Alternative] {
        var found: [Alternative] = []
        for band in tariff.heights {
            let steps = subject.areas.ceilingHeight.flatMap { try? band.steps(at: $0) } ?? 0
            let below = ExactDecimal(
                units: band.threshold.units - (band.includesThreshold ? 1 : 0), places: band.threshold.places)
            if steps != 0 { found.append(.height(below, additions: 0)) }
            guard let step = band.step else {
                let above = ExactDecimal(units: band.threshold.units + 1, places: band.threshold.places)
                if steps == 0 { found.append(.height(above, additions: 1)) }
                continue
            }
            for count in 1...min(max(6, steps + 3), 20) where count != steps {
                let places = max(step.places, band.threshold.places)
                guard let width = step.exactly(places: places), let base = band.threshold.exactly(places: places) else {
                    continue
                }
                found.append(
                    .height(
                        ExactDecimal(units: base.units + width.units * Int64(count), places: places), additions: count))
            }
            found.append(.heightCounting(band.counting == .full ? .started : .full))
            if band.classes != nil { found.append(.heightForEveryClass) }
        }
        return found
    }

    private var days: [Alternative] {
        var found: [Alternative] = []
        let count = right.seasonDays
        let isPart = right.chargedDays != count || subject.connected != nil || subject.networkSupply != nil
        if isPart || tariff.price.period == .day || subject.suspensions.contains(where: { $0.span != nil }) {
            for days in Set([count - 1, count + 1, 120, 121, 122]).sorted() where days != count && days > 0 {
                found.append(.seasonDays(days))
            }
        }
        if isPart { found += [.chargedDays(-1), .chargedDays(1), .fullSeason] }
        return found
    }

    private var suspensions: [Alternative] {
        let one = ExactDecimal(units: 1, places: 0)
        if subject.suspensions.isEmpty {
            return billed.contains { $0.item == .suspension } ? [.suspensionShare(one)] : []
        }
        var found: [Alternative] = [.suspensionIgnored]
        let used = subject.suspensions[0].feeRatio ?? tariff.suspension?.ratio
        let known =
            [0, 10, 15, 20, 25, 30, 40, 50, 100].map { ExactDecimal(units: $0, places: 2) }
            + [tariff.suspension?.ratio].compactMap { $0 }
        var seen: [ExactDecimal] = [used].compactMap { $0 }
        for ratio in known where !seen.contains(where: { $0.compare(ratio) == 0 }) {
            seen.append(ratio)
            found.append(.suspensionRatio(ratio))
        }
        if subject.suspensions[0].share?.compare(one) != 0 { found.append(.suspensionShare(one)) }
        return found
    }

    private var prices: [Alternative] {
        var found: [Alternative] = []
        for version in book.tariffs(of: tariff.city)
        where version.accountClass == tariff.accountClass && version.id != tariff.id {
            if version.company != tariff.company || version.heatSource != tariff.heatSource { continue }
            // The season of that version that is nearest to this one.
            let year = min(max(right.season.startYear, version.seasons.first ?? .min), version.seasons.last ?? .max)
            let season = HeatingSeason(startYear: year)
            if season != right.season { found.append(.pricesOf(season)) }
        }
        if tariff.concessions.contains(where: { if case .price = $0.benefit { true } else { false } }) {
            found.append(.lowIncome(subject.isLowIncome != true))
        }
        return found
    }

    private var measured: [Alternative] {
        if subject.method == .byArea { return [] }
        var found: [Alternative] = []
        let heat = billed.filter { $0.item == .heatMetered }
        if heat.count == 1, let quantity = heat[0].quantity, let unit = heat[0].unit {
            found.append(.consumption(quantity, unit))
        }
        let one = ExactDecimal(units: 1, places: 0)
        if let factor = subject.correction ?? tariff.twoPart?.heat.correction, factor.compare(one) != 0 {
            found.append(.correction(one))
        }
        if tariff.cap != nil { found.append(.capIgnored) }
        return found
    }

    private var lines: [Alternative] {
        let items = Charge.Item.allCases.filter { item in right.lines.contains { $0.item == item } }
        return (items.count > 1 ? items.map { .withoutLine($0) } : []) + items.map { .lineTwice($0) }
    }

    private var roundings: [Alternative] {
        var found: [Alternative] = []
        for unit in RoundingRule.Unit.allCases {
            for mode in [ExactDecimal.Rounding.halfUp, .truncate, .up] {
                let step = RoundingRule.Step(unit, mode)
                if step != tariff.rounding.line { found.append(.lineRounding(step)) }
                // To the fen there is nothing left to round in a total.
                if unit != .fen || tariff.rounding.total.unit != .fen, step != tariff.rounding.total {
                    found.append(.totalRounding(step))
                }
            }
        }
        return found
    }
}
