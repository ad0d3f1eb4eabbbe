import Billing
import HeatModel

/// One side of a comparison: a household and season with the tariff that holds for it.
struct Scenario {
    var tariff: Tariff
    var subject: BillingCase
    /// Heat used a ㎡ of the charged area, by unit; empty where heat is not measured.
    var intensity: [Charge.Unit: Ratio] = [:]

    /// A case with its own heat: used ÷ charged area.
    init(_ subject: BillingCase, _ tariff: Tariff) throws(HearthError) {
        self.tariff = tariff
        self.subject = subject
        guard subject.method != .byArea, let area = subject.area(tariff.area), area.units > 0 else { return }
        for used in subject.consumption ?? [] {
            guard let share = try Ratio(used.quantity).divided(by: Ratio(area)) else { continue }
            intensity[used.unit] = try (intensity[used.unit] ?? .zero) + share.reduced
        }
    }

    /// A case whose heat is stated a ㎡.
    init(_ subject: BillingCase, _ tariff: Tariff, intensity: [Charge.Unit: Ratio]) throws(HearthError) {
        self.tariff = tariff
        self.subject = subject
        self.intensity = intensity
        try fillConsumption()
    }

    var area: ExactDecimal? { subject.area(tariff.area) }

    /// Consumption as intensity × charged area. What has no finite decimal is rounded at the ninth place.
    mutating func fillConsumption() throws(HearthError) {
        guard subject.method != .byArea else { return }
        guard let area else { return }
        if intensity.isEmpty { return }
        var consumption: [BillingCase.Consumption] = []
        for (unit, share) in intensity.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let used = try (Ratio(area) * share).reduced
            if let exact = used.decimal(atLeast: 3) {
                consumption.append(.init(exact, unit))
                continue
            }
            let (scaled, overflow) = used.numerator.multipliedReportingOverflow(by: 1_000_000_000)
            guard !overflow,
                let units = Int64(exactly: ExactDecimal.divide(scaled, by: used.denominator, .halfEven))
            else { throw HearthError(.billingOverflow, "an amount of heat is too large") }
            consumption.append(.init(ExactDecimal(units: units, places: 9), unit))
        }
        subject.consumption = consumption
    }

    /// Inner and shared area where the charged area is exactly both.
    var split: (inner: ExactDecimal, shared: ExactDecimal)? {
        guard tariff.area == .building, let building = subject.areas.building?.exactly(places: 3),
            let inner = subject.areas.inner?.exactly(places: 3), inner.units >= 0, inner.units <= building.units
        else { return nil }
        return (inner, ExactDecimal(units: building.units - inner.units, places: 3))
    }
}
