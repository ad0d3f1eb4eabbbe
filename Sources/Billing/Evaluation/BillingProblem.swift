import HeatModel

/// The ways in which a case cannot be evaluated. Messages name what is missing, never whose it is.
enum BillingProblem {
    /// A fact that the rule needs.
    static func missing(_ input: String, rule: RuleReference? = nil) -> HearthError {
        HearthError(
            .billingMissingInput, "the case does not say \(input), which \(rule?.key ?? "the tariff") needs",
            at: rule?.place)
    }

    static func invalid(_ input: String, _ why: String, rule: RuleReference? = nil) -> HearthError {
        HearthError(.billingInvalidInput, "\(input) \(why)", at: rule?.place)
    }

    static func notCovered(_ message: String, rule: RuleReference? = nil, advice: Advice? = nil) -> HearthError {
        HearthError(.billingNotCovered, message, at: rule?.place, advice: advice)
    }

    static func unit(_ unit: Charge.Unit, _ prices: HeatPrices, rule: RuleReference) -> HearthError {
        let known = prices.prices.keys.map(\.rawValue).sorted().joined(separator: ", ")
        return HearthError(
            .billingUnitMismatch,
            "heat is measured in \(unit.rawValue), and the price is published for \(known)",
            at: rule.place, advice: "read the meter in the published unit, or state a factor in the tariff file")
    }
}
