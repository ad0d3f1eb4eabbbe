import Billing
import HeatModel
import JSONText

/// A season's charges as the systems state them.
struct BilledSeason {
    /// `2025-2026`
    var name: String
    var charges: ArraySlice<ScannedAccount.ChargeRow>
}

extension AccountChecker {
    /// A season's bill beside what the tariff gives. A difference is reported once: for the line whose own product is wrong, for the
    /// field on which the systems disagree, for the suspension that was forgotten, or for any other cause that explains it.
    func checkTariff(
        of season: BilledSeason, as account: BillingAccount, _ scanned: ScannedAccount, worth: inout [Int64]
    ) {
        do throws(HearthError) {
            guard let name = HeatingSeason(season.name) else {
                throw HearthError(.billingInvalidInput, "the season is not written like 2025-2026")
            }
            var lines = BilledRows(season.charges)
            let made = account.season(name, billed: lines.billed, by: plan.book)
            if !made.contradictoryReadings.isEmpty {
                throw HearthError(.readingsContradictory, "meter readings contradict each other")
            }
            if try checkDisconnected(made, in: season, lines, scanned) { return }
            var subject = made.subject
            let tariff: Tariff
            if let held = made.tariff { tariff = held } else { tariff = try plan.book.tariff(for: subject) }
            guard try settle(&subject, tariff, tariff.season.span(of: name)) else { return }
            let right = try tariff.evaluate(subject)
            correct(&lines, by: right, in: season.name)
            let recomputed = try plan.book.recompute(subject, right, billed: lines.billed)
            if !recomputed.agrees {
                report(recomputed, of: made, judgedAs: subject, lines.billed, in: season, scanned, worth: &worth)
            }
            if made.usesBilledHeat, plan.hasReadings { noteUnread(season) }
            checkReliefs(of: season, by: right, subject, agrees: recomputed.agrees, scanned)
        } catch {
            add(plan.rule(.notRecomputed)) {
                $0.season = season.name
                $0.detail = error.code.name
                $0.evidence = season.charges.map { evidence($0.source) }
            }
        }
    }

    /// Heat that was billed though no reading says what was used: the bill cannot be held against anything.
    private func noteUnread(_ season: BilledSeason) {
        add(plan.rule(.notRecomputed)) {
            $0.season = season.name
            $0.detail = "readings.none"
            $0.evidence = season.charges.filter { $0.item.equals("heatMetered") }.map { evidence($0.source) }
        }
    }

    /// Sets whether the season is over, where the bill depends on that. False where that must be known first.
    private func settle(_ subject: inout BillingCase, _ tariff: Tariff, _ span: DaySpan?) throws(HearthError)
        -> Bool
    {
        guard subject.method != .byArea, let span, tariff.settlesAtSeasonEnd else { return true }
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

    /// Puts lines right whose own product is wrong; each of them becomes a finding.
    private func correct(_ lines: inout BilledRows, by right: Evaluation, in season: String) {
        let rule = plan.rule(.lineProduct)
        for index in lines.billed.indices {
            let line = lines.billed[index]
            let due = line.due.amount
            guard let product = Self.product(line, right.tariff.rounding.line), product != due,
                right.hasPlainLine(of: line.item, at: line.unitPrice), isBeyond(due - product, rule)
            else { continue }
            lines.billed[index].due = Fen(product)
            add(rule) {
                $0.season = season
                $0.subject = subject(lines.sources[index])
                $0.money = due - product
                $0.found = Fen(due).description
                $0.expected = Fen(product).description
                $0.evidence = [evidence(lines.sources[index])]
            }
        }
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

    // MARK: Reporting a difference

    private func report(
        _ recomputed: Recomputation, of made: SeasonCase, judgedAs subject: BillingCase, _ billed: [BilledLine],
        in season: BilledSeason, _ scanned: ScannedAccount, worth: inout [Int64]
    ) {
        // Where another system's value of a field explains the difference, that is the finding, and this is its worth. A
        // disagreement that no rule reports explains nothing.
        var all = subject
        var first: Int?
        for (index, disagreement) in scanned.disagreements.enumerated() where rule(reporting: disagreement) != nil {
            for entry in disagreement.values.dropFirst() {
                var other = subject
                guard apply(disagreement.field, entry.value, to: &other) else { continue }
                _ = apply(disagreement.field, entry.value, to: &all)
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
            $0.season = season.name
            $0.money = recomputed.difference.amount
            $0.found = recomputed.comparisons.reduce(Fen.zero) { $0 + ($1.billed ?? .zero) }.description
            $0.expected = recomputed.comparisons.reduce(Fen.zero) { $0 + ($1.right ?? .zero) }.description
            $0.detail = cause?.alternatives.map(Self.text).joined(separator: " + ") ?? ""
            if let rule = recomputed.comparisons.first(where: { $0.difference != .zero })?.rule {
                $0.detail += ($0.detail.isEmpty ? "" : "; ") + "\(rule.city)/\(rule.version).\(rule.key)"
            }
            $0.evidence = season.charges.map { evidence($0.source) } + scanned.sources.map(evidence)
            if isIgnored { $0.evidence += made.suspensions.map { evidence(scanned.suspensions[$0].source) } }
        }
    }

    private func agrees(_ subject: BillingCase, _ billed: [BilledLine]) -> Bool {
        guard let other = try? plan.book.evaluate(subject) else { return false }
        return Charge.Item.allCases.allSatisfy { item in
            other.amount(of: item) == billed.reduce(.zero) { $1.item == item ? $0 + $1.due : $0 }
        }
    }

    /// Sets a field of a case by its JSON key; false where bills do not depend on it.
    private func apply(_ field: ViewBytes, _ value: ViewBytes, to subject: inout BillingCase) -> Bool {
        switch String(decoding: field, as: UTF8.self) {
        case "area_building": subject.areas.building = value.decimal
        case "area_inner": subject.areas.inner = value.decimal
        case "area_usable": subject.areas.usable = value.decimal
        case "area_billing": subject.areas.billing = value.decimal
        case "area_shared": subject.areas.shared = value.decimal
        case "area_ceiling_height": subject.areas.ceilingHeight = value.decimal
        case "area_basis": subject.areaBasis = AreaBasis(rawValue: value.text)
        case "heat_source" where plan.asked.heatSource: subject.heatSource = value.text
        case "class": subject.class = AccountFacts.Class(rawValue: value.text)
        case "method": subject.method = AccountFacts.Method(rawValue: value.text)
        case "flags_low_income": subject.isLowIncome = value.equals("true")
        case "flags_elderly":
            if value.equals("true") {
                subject.entitlements.insert(.elderly)
            } else {
                subject.entitlements.remove(.elderly)
            }
        case "company" where plan.asked.company: subject.company = value.text
        case "station" where plan.asked.places: subject.station = value.text
        case "community" where plan.asked.places: subject.community = value.text
        case "building" where plan.asked.places: subject.building = value.text
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

/// The lines of a season's bill, as the systems state them, with the records that do.
struct BilledRows {
    var billed: [BilledLine] = []
    private(set) var sources: [ScannedAccount.Source] = []

    init(_ charges: ArraySlice<ScannedAccount.ChargeRow>) {
        billed.reserveCapacity(charges.count)
        sources.reserveCapacity(charges.count)
        for row in charges {
            guard let item = Self.item(row.item), item.isOfBill, let due = row.due else { continue }
            billed.append(
                BilledLine(
                    item, quantity: row.quantity.decimal, unit: Self.unit(row.unit), unitPrice: row.unitPrice.decimal,
                    due: Fen(due)))
            sources.append(row.source)
        }
    }

    private static let items = Charge.Item.allCases.map { (Array($0.rawValue.utf8), $0) }
    private static let units = Charge.Unit.allCases.map { (Array($0.rawValue.utf8), $0) }

    private static func item(_ text: ViewBytes) -> Charge.Item? { items.first { text.equals($0.0) }?.1 }
    private static func unit(_ text: ViewBytes) -> Charge.Unit? { units.first { text.equals($0.0) }?.1 }
}
