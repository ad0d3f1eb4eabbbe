import Billing
import HeatModel
import Store

extension AccountChecker {
    /// What belongs to each season, and the fields on which the systems disagree with what that is worth.
    func checkBills(_ sheet: AccountSheet) {
        var isWhole = true
        // By field, what the other system's value changes in the bills.
        var worth = [Int64](repeating: 0, count: sheet.disagreements.count)
        // What the account's bills depend on, made once for all of them.
        let account = sheet.charges.isEmpty ? nil : city(of: sheet).map { plan.account(sheet, city: $0) }
        for season in seasons(of: sheet) {
            let name = season.string
            if plan.isIncomplete(number, name) {
                isWhole = false
                continue
            }
            let charges = charges(of: season, sheet)
            if plan.hasPayments {
                checkPayments(name, charges, sheet.payments.filter { $0.season.isEqual(season) })
            }
            if let account, !charges.isEmpty { checkTariff(account, name, charges, sheet, &worth) }
        }
        checkBalance(sheet, isWhole: isWhole && !plan.isIncomplete(number, "*"))
        checkFields(sheet, worth)
    }

    /// Each season once, in the order in which charges and payments name them.
    private func seasons(of sheet: AccountSheet) -> [Text] {
        var found: [Text] = []
        for row in sheet.charges where found.last.map({ !$0.isEqual(row.season) }) ?? true {
            if !found.contains(where: { $0.isEqual(row.season) }) { found.append(row.season) }
        }
        for row in sheet.payments where !found.contains(where: { $0.isEqual(row.season) }) { found.append(row.season) }
        return found
    }

    /// Charges mostly stand season by season: then they are taken where they are.
    private func charges(of season: Text, _ sheet: AccountSheet) -> ArraySlice<AccountSheet.ChargeRow> {
        guard let first = sheet.charges.firstIndex(where: { $0.season.isEqual(season) }) else { return [] }
        var end = first + 1
        while end < sheet.charges.count, sheet.charges[end].season.isEqual(season) { end += 1 }
        if sheet.charges[end...].contains(where: { $0.season.isEqual(season) }) {
            return sheet.charges.filter { $0.season.isEqual(season) }[...]
        }
        return sheet.charges[first..<end]
    }

    /// The city whose tariffs hold; nil where nothing says it. Of accounts in a row it is mostly the same.
    private func city(of sheet: AccountSheet) -> String? {
        let (fact, code) = (sheet.fact("city"), sheet.fact("tariff"))
        guard let stated = fact ?? code else { return plan.rules.city }
        if lastIsFact == (fact != nil), stated.isEqual(lastStated) { return lastCity }
        lastStated = Array(stated)
        lastIsFact = fact != nil
        lastCity = plan.book.city(stated: fact?.string, code: code?.string, home: plan.rules.city)
        return lastCity
    }

    private func checkFields(_ sheet: AccountSheet, _ worth: [Int64]) {
        for (index, disagreement) in sheet.disagreements.enumerated() {
            guard let rule = rule(telling: disagreement) else { continue }
            let key = disagreement.field.string
            let field = EntityKind.account.fields.first { $0.jsonKey == key }
            let values = disagreement.values.map { entry in
                let text = entry.value.string
                return "\(entry.source.string) \(field?.isPersonal ?? true ? Masking.mask(text) : text)"
            }
            add(rule) { finding in
                finding.subject = field?.name ?? key
                finding.money = worth[index]
                finding.found = values.joined(separator: " ≠ ")
                finding.expected = values.first ?? ""
                finding.evidence = sheet.sources.filter { source in
                    disagreement.values.contains { $0.source.isEqual(Array(plan.streams[source.stream].name.utf8)) }
                }.map(evidence)
            }
        }
    }

    /// The rule by which a difference of a field is told; nil where none asks for it, or the one that does tolerates it.
    func rule(telling disagreement: AccountSheet.Disagreement) -> Int? {
        guard let rule = plan.rule(field: disagreement.field.string) else { return nil }
        return isTolerated(disagreement, plan.rules.rules[rule].tolerance) ? nil : rule
    }

    private func isTolerated(_ disagreement: AccountSheet.Disagreement, _ tolerance: ExactDecimal) -> Bool {
        if tolerance.units == 0 { return false }
        let values = disagreement.values.map(\.value.decimal)
        guard let first = values.first ?? nil else { return false }
        return values.dropFirst().allSatisfy { value in
            guard let value else { return false }
            let places = max(first.places, value.places)
            guard let one = first.exactly(places: places), let other = value.exactly(places: places) else {
                return false
            }
            let apart = ExactDecimal(units: abs(one.units - other.units), places: places)
            return apart.compare(tolerance) <= 0
        }
    }
}

/// What is shown of personal values.
enum Masking {
    /// `张*明`; digits of a room and the like are hidden but for the first.
    static func mask(_ text: String) -> String {
        let characters = Array(text)
        if characters.count < 2 { return "*" }
        if characters.count == 2 { return "\(characters[0])*" }
        return
            "\(characters[0])\(String(repeating: "*", count: min(8, characters.count - 2)))\(characters[characters.count - 1])"
    }
}
