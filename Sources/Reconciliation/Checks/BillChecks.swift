import Billing
import Disclosure
import HeatModel
import JSONText
import Store

extension AccountChecker {
    /// What belongs to each season, and the fields on which the systems disagree with what that is worth.
    func checkBills(_ scanned: ScannedAccount) {
        var isWhole = true
        // By field, what the other system's value changes in the bills.
        var worth = [Int64](repeating: 0, count: scanned.disagreements.count)
        // What the account's bills depend on, made once for all of them.
        let account = scanned.charges.isEmpty ? nil : city(of: scanned).map { plan.account(scanned, city: $0) }
        for season in scanned.seasons {
            if plan.isIncomplete(number, season.text) {
                isWhole = false
                continue
            }
            let charges = charges(of: season, scanned)
            if plan.hasPayments {
                checkPayments(season.text, charges, scanned.payments.filter { $0.season.equals(season) })
            }
            if let account, !charges.isEmpty {
                checkTariff(of: .init(name: season.text, charges: charges), as: account, scanned, worth: &worth)
            }
        }
        checkBalance(scanned, isWhole: isWhole && !plan.isIncomplete(number, "*"))
        checkFields(scanned, worth)
    }

    /// Charges mostly stand season by season: then they are taken where they are.
    private func charges(of season: ViewBytes, _ scanned: ScannedAccount) -> ArraySlice<ScannedAccount.ChargeRow> {
        guard let first = scanned.charges.firstIndex(where: { $0.season.equals(season) }) else { return [] }
        var end = first + 1
        while end < scanned.charges.count, scanned.charges[end].season.equals(season) { end += 1 }
        if scanned.charges[end...].contains(where: { $0.season.equals(season) }) {
            return scanned.charges.filter { $0.season.equals(season) }[...]
        }
        return scanned.charges[first..<end]
    }

    /// The city whose tariffs hold; nil where nothing says it. Of accounts in a row it is mostly the same.
    private func city(of scanned: ScannedAccount) -> String? {
        let (fact, code) = (scanned.fact("city"), scanned.fact("tariff"))
        guard let stated = fact ?? code else { return plan.rules.city }
        if lastIsFact == (fact != nil), stated.equals(lastStated) { return lastCity }
        lastStated = Array(stated)
        lastIsFact = fact != nil
        lastCity = plan.book.city(stated: fact?.text, code: code?.text, home: plan.rules.city)
        return lastCity
    }

    private func checkFields(_ scanned: ScannedAccount, _ worth: [Int64]) {
        for (index, disagreement) in scanned.disagreements.enumerated() {
            guard let rule = rule(reporting: disagreement) else { continue }
            let key = disagreement.field.text
            let field = EntityKind.account.fields.first { $0.jsonKey == key }
            let values = disagreement.values.map { entry in
                let value = PersonalField.mask(ofKey: key)?.text(ofJSON: entry.value) ?? entry.value.text
                return "\(entry.source.text) \(value)"
            }
            add(rule) { finding in
                finding.subject = field?.name ?? key
                finding.money = worth[index]
                finding.found = values.joined(separator: " ≠ ")
                finding.expected = values.first ?? ""
                finding.evidence = scanned.sources.filter { source in
                    disagreement.values.contains { $0.source.equals(Array(plan.streams[source.stream].name.utf8)) }
                }.map(evidence)
            }
        }
    }

    /// The rule that reports a difference of this field; nil where there is none, or where it tolerates the difference.
    func rule(reporting disagreement: ScannedAccount.Disagreement) -> Int? {
        guard let rule = plan.rule(field: disagreement.field.text) else { return nil }
        return isTolerated(disagreement, plan.rules.rules[rule].tolerance) ? nil : rule
    }

    private func isTolerated(_ disagreement: ScannedAccount.Disagreement, _ tolerance: ExactDecimal) -> Bool {
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
