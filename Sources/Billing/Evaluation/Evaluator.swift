public import HeatModel

extension Tariff {
    /// The bill that this version gives for a case.
    ///
    /// - Throws: `billing.missingInput` for a fact that a rule needs and the case does not say, `billing.invalidInput` for one that
    ///   cannot be, `billing.unitMismatch` for heat in another than the published unit, `billing.notCovered` for what the version has no
    ///   rule for, `billing.overflow`.
    public func evaluate(_ subject: BillingCase) throws(HearthError) -> Evaluation {
        var maker = try BillMaker(tariff: self, subject: subject)
        try maker.make()
        return maker.finished()
    }
}

extension BillingCase {
    func holds(_ condition: Concession.Condition) -> Bool {
        entitlements.contains(condition)
    }
}
