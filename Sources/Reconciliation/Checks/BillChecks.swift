import Billing
import HeatModel
import Store

extension AccountChecker {
    /// What belongs to each season, and the fields on which the systems disagree with what that is worth.
    func checkBills(_ sheet: AccountSheet) {
        var isWhole = true
        // By field, what the other system's value changes in the bills.
        var worth = [Int64](repeating: 0, count: sheet.disagreements.count)
        for season in seasons(of: sheet) {
            let name = season.string
            if plan.isIncomplete(number, name) {
                isWhole = false
                continue
            }
            let charges = sheet.charges.filter { $0.season.isEqual(season) }
            checkPayments(name, charges, sheet.payments.filter { $0.season.isEqual(season) })
            if !charges.isEmpty { checkTariff(name, season, charges, sheet, &worth) }
        }
        checkBalance(sheet, isWhole: isWhole && !plan.isIncomplete(number, "*"))
        checkFields(sheet, worth)
    }

    private func seasons(of sheet: AccountSheet) -> [Text] {
        var found: [Text] = []
        for season in sheet.charges.map(\.season) + sheet.payments.map(\.season)
        where !found.contains(where: { $0.isEqual(season) }) {
            found.append(season)
        }
        return found
    }

    private func checkFields(_ sheet: AccountSheet, _ worth: [Int64]) {
        for (index, disagreement) in sheet.disagreements.enumerated() {
            let key = disagreement.field.string
            guard let rule = plan.rule(field: key) else { continue }
            if isTolerated(disagreement, plan.rules.rules[rule].tolerance) { continue }
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

    private func isTolerated(_ disagreement: AccountSheet.Disagreement, _ tolerance: ExactDecimal) -> Bool {
        if tolerance.units == 0 { return false }
        let values = disagreement.values.map(\.value.decimal)
        guard let first = values.first ?? nil else { return false }
        return values.dropFirst().allSatisfy { value in
            guard let value else { return false }
            let places = max(first.places, value.places)
            guard let one = first.exactly(places: places), let other = value.exactly(places: places) else { return false }
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
        return "\(characters[0])\(String(repeating: "*", count: min(8, characters.count - 2)))\(characters[characters.count - 1])"
    }
}
