import Billing
import HeatModel

extension AccountChecker {
    /// A season's bill beside what the tariff gives. A difference is told once: by the line whose own product is wrong, by the field
    /// on which the systems disagree, by the suspension that was forgotten, or by whatever else explains it.
    func checkTariff(
        _ city: String, _ season: String, _ name: Text, _ charges: ArraySlice<AccountSheet.ChargeRow>,
        _ sheet: AccountSheet, _ worth: inout [Int64]
    ) {
        var subject = billingCase(city, season, name, charges, sheet)
        do {
            let tariff = try plan.book.tariff(for: subject)
            let span = HeatingSeason(season).flatMap { tariff.season.span(of: $0) }
            if let span {
                if checkDisconnected(season, from: span.first, charges, sheet) { return }
                if let left = sheet.disconnections.first(where: \.holds).flatMap({ CivilDate($0.on.string) }),
                    span.contains(left)
                {
                    subject.connected = DaySpan(span.first, left)
                }
            }
            guard try settle(&subject, tariff, span) else { return }
            let right = try tariff.evaluate(subject)
            let billed = correct(charges, right, season)
            let recomputed = try plan.book.recompute(subject, right, billed: billed)
            if !recomputed.agrees {
                tell(recomputed, subject, billed, season, charges, sheet, &worth)
            }
            checkReliefs(right, subject, agrees: recomputed.agrees, season, charges, sheet)
        } catch {
            add(plan.rule(.notRecomputed)) {
                $0.season = season
                $0.detail = error.code.name
                $0.evidence = charges.map { evidence($0.source) }
            }
        }
    }

    private func billingCase(
        _ city: String, _ season: String, _ name: Text, _ charges: ArraySlice<AccountSheet.ChargeRow>,
        _ sheet: AccountSheet
    ) -> BillingCase {
        var subject = BillingCase()
        subject.city = city
        subject.season = season
        subject.class = sheet.fact("class").flatMap { AccountFacts.Class(rawValue: $0.string) }
        subject.method = sheet.fact("method").flatMap { AccountFacts.Method(rawValue: $0.string) }
        if plan.needsCompany { subject.company = sheet.fact("company")?.string }
        subject.areas.building = sheet.decimal("area_building")
        subject.areas.inner = sheet.decimal("area_inner")
        subject.areas.usable = sheet.decimal("area_usable")
        subject.areas.billing = sheet.decimal("area_billing")
        subject.areas.shared = sheet.decimal("area_shared")
        subject.areas.ceilingHeight = sheet.decimal("area_ceiling_height")
        subject.isLowIncome = sheet.fact("flags_low_income").map(\.isTrue)
        subject.splitsSharedArea = charges.contains { $0.item.isEqual("sharedArea") }
        for row in sheet.suspensions where row.holds && (row.season.isEmpty || row.season.isEqual(name)) {
            var suspension = BillingCase.Suspension(share: row.ratio.decimal ?? ExactDecimal(units: 1, places: 0))
            if let from = CivilDate(row.from.string), let to = CivilDate(row.to.string) {
                suspension.span = DaySpan(from, to)
            }
            subject.suspensions.append(suspension)
        }
        subject.consumption = sheet.readings.compactMap { row in
            guard row.season.isEqual(name), let quantity = row.consumption.decimal,
                let unit = Charge.Unit(rawValue: row.unit.string)
            else { return nil }
            return .init(quantity, unit)
        }
        return subject
    }

    /// Sets whether the season is over, where the bill depends on that. False where that must be known first.
    private func settle(_ subject: inout BillingCase, _ tariff: Tariff, _ span: DaySpan?) throws(HearthError)
        -> Bool
    {
        guard subject.method != .byArea, let span,
            tariff.cap?.settlesAtSeasonEnd == true || tariff.twoPart?.trueUp != nil
        else { return true }
        if let today {
            subject.asOf = today
            return true
        }
        var running = subject
        running.asOf = span.first
        if try tariff.evaluate(subject).total == tariff.evaluate(running).total { return true }
        needsToday = true
        return false
    }

    /// The lines as billed, where a line's own product is wrong with what it should be; the wrong ones become findings.
    private func correct(_ charges: ArraySlice<AccountSheet.ChargeRow>, _ right: Evaluation, _ season: String)
        -> [BilledLine]
    {
        let rule = plan.rule(.lineProduct)
        var billed: [BilledLine] = []
        billed.reserveCapacity(charges.count)
        for row in charges {
            guard let item = Self.item(row.item), item != .lateFee, item != .reduction, let due = row.due else {
                continue
            }
            var line = BilledLine(
                item, quantity: row.quantity.decimal, unit: Self.unit(row.unit), unitPrice: row.unitPrice.decimal,
                due: Fen(due))
            if let product = Self.product(line, right.tariff.rounding.line), product != due,
                right.hasPlainLine(of: item), isBeyond(due - product, rule)
            {
                line.due = Fen(product)
                add(rule) {
                    $0.season = season
                    $0.subject = subject(row.source)
                    $0.money = due - product
                    $0.found = Fen(due).description
                    $0.expected = Fen(product).description
                    $0.evidence = [evidence(row.source)]
                }
            }
            billed.append(line)
        }
        return billed
    }

    private static func product(_ line: BilledLine, _ step: RoundingRule.Step) -> Int64? {
        guard let quantity = line.quantity, let price = line.unitPrice else { return nil }
        let places = Int(quantity.places) + Int(price.places)
        guard places < ExactDecimal.powersOfTen.count else { return nil }
        let exact = Int128(quantity.units) * Int128(price.units) * 100
        let divisor = Int128(ExactDecimal.powersOfTen[places]) * Int128(step.unit.fen)
        let rounded = ExactDecimal.divide(exact, by: divisor, step.mode) * Int128(step.unit.fen)
        return Int64(exactly: rounded)
    }

    private static let items = Charge.Item.allCases.map { (Array($0.rawValue.utf8), $0) }
    private static let units = Charge.Unit.allCases.map { (Array($0.rawValue.utf8), $0) }

    private static func item(_ text: Text) -> Charge.Item? { items.first { text.isEqual($0.0) }?.1 }
    private static func unit(_ text: Text) -> Charge.Unit? { units.first { text.isEqual($0.0) }?.1 }

    // MARK: Telling a difference

    private func tell(
        _ recomputed: Recomputation, _ subject: BillingCase, _ billed: [BilledLine], _ season: String,
        _ charges: ArraySlice<AccountSheet.ChargeRow>, _ sheet: AccountSheet, _ worth: inout [Int64]
    ) {
        // What another system says of a field explains it: then that is the finding, and this is its worth. A difference that is
        // not told explains nothing.
        var all = subject
        var first: Int?
        for (index, disagreement) in sheet.disagreements.enumerated() where rule(telling: disagreement) != nil {
            for entry in disagreement.values.dropFirst() {
                var other = subject
                guard Self.apply(disagreement.field, entry.value, to: &other) else { continue }
                _ = Self.apply(disagreement.field, entry.value, to: &all)
                first = first ?? index
                if agrees(other, billed) {
                    worth[index] += recomputed.difference.amount
                    return
                }
            }
        }
        if let first, all != subject, agrees(all, billed) {
            worth[first] += recomputed.difference.amount
            return
        }
        let cause = recomputed.causes.first
        let kind = cause?.alternatives.first?.kind ?? ""
        let isIgnored = cause?.alternatives.contains(.suspensionIgnored) ?? false
        let rule = isIgnored ? plan.rule(.suspendedCharged) : plan.rule(cause: kind)
        if !isBeyond(recomputed.difference.amount, rule), recomputed.difference != .zero { return }
        add(rule) {
            $0.season = season
            $0.money = recomputed.difference.amount
            $0.found = recomputed.comparisons.reduce(Fen.zero) { $0 + ($1.billed ?? .zero) }.description
            $0.expected = recomputed.comparisons.reduce(Fen.zero) { $0 + ($1.right ?? .zero) }.description
            $0.detail = cause?.alternatives.map(Self.text).joined(separator: " + ") ?? ""
            if let rule = recomputed.comparisons.first(where: { $0.difference != .zero })?.rule {
                $0.detail += ($0.detail.isEmpty ? "" : "; ") + "\(rule.city)/\(rule.version).\(rule.key)"
            }
            $0.evidence = charges.map { evidence($0.source) } + sheet.sources.map(evidence)
            if isIgnored { $0.evidence += sheet.suspensions.filter(\.holds).map { evidence($0.source) } }
        }
    }

    private func agrees(_ subject: BillingCase, _ billed: [BilledLine]) -> Bool {
        guard let other = try? plan.book.evaluate(subject) else { return false }
        return Charge.Item.allCases.allSatisfy { item in
            other.amount(of: item) == billed.reduce(.zero) { $1.item == item ? $0 + $1.due : $0 }
        }
    }

    /// Sets a field of a case by its JSON key; false where bills do not depend on it.
    private static func apply(_ field: Text, _ value: Text, to subject: inout BillingCase) -> Bool {
        switch String(decoding: field, as: UTF8.self) {
        case "area_building": subject.areas.building = value.decimal
        case "area_inner": subject.areas.inner = value.decimal
        case "area_usable": subject.areas.usable = value.decimal
        case "area_billing": subject.areas.billing = value.decimal
        case "area_shared": subject.areas.shared = value.decimal
        case "area_ceiling_height": subject.areas.ceilingHeight = value.decimal
        case "class": subject.class = AccountFacts.Class(rawValue: value.string)
        case "method": subject.method = AccountFacts.Method(rawValue: value.string)
        case "flags_low_income": subject.isLowIncome = value.isTrue
        default: return false
        }
        return true
    }

    private static func text(_ alternative: Alternative) -> String {
        switch alternative {
        case .area(let area): "area \(area)"
        case .areaBasis(let basis): "areaBasis \(basis.rawValue)"
        case .accountClass(let other): "accountClass \(other.rawValue)"
        case .method(let method): "method \(method.rawValue)"
        case .height(let height, _): "height \(height)"
        case .suspensionRatio(let ratio): "suspensionRatio \(ratio)"
        case .suspensionShare(let share): "suspensionShare \(share)"
        case .pricesOf(let season): "pricesOf \(season)"
        case .consumption(let quantity, let unit): "consumption \(quantity) \(unit.rawValue)"
        case .withoutLine(let item): "withoutLine \(item.rawValue)"
        case .lineTwice(let item): "lineTwice \(item.rawValue)"
        default: alternative.kind
        }
    }
}
