import Billing
import HeatModel
import JSONText

extension CheckPlan {
    /// What the account's bills depend on, typed. Texts that no tariff asks for are not made.
    func account(_ scanned: ScannedAccount, city: String) -> BillingAccount {
        var account = BillingAccount()
        account.facts.city = city
        account.facts.class = scanned.fact("class").flatMap { AccountFacts.Class(rawValue: $0.text) }
        account.facts.method = scanned.fact("method").flatMap { AccountFacts.Method(rawValue: $0.text) }
        if asked.company { account.facts.company = scanned.fact("company")?.text }
        if asked.heatSource { account.facts.heatSource = scanned.fact("heat_source")?.text }
        if asked.places {
            account.facts.station = scanned.fact("station")?.text
            account.facts.community = scanned.fact("community")?.text
            account.facts.building = scanned.fact("building")?.text
        }
        account.facts.areas.building = scanned.decimal("area_building")
        account.facts.areas.inner = scanned.decimal("area_inner")
        account.facts.areas.usable = scanned.decimal("area_usable")
        account.facts.areas.billing = scanned.decimal("area_billing")
        account.facts.areas.shared = scanned.decimal("area_shared")
        account.facts.areas.ceilingHeight = scanned.decimal("area_ceiling_height")
        account.facts.areaBasis = scanned.fact("area_basis").flatMap { AreaBasis(rawValue: $0.text) }
        if scanned.fact("flags_low_income")?.equals("true") == true { account.facts.entitlements.insert(.lowIncome) }
        if scanned.fact("flags_elderly")?.equals("true") == true { account.facts.entitlements.insert(.elderly) }
        account.suspensions = scanned.suspensions.map(\.record)
        account.disconnections = scanned.disconnections.map(\.record)
        if account.facts.method != .byArea {
            account.readings = scanned.readings.map(\.record)
            account.listsReadings = hasReadings
        }
        return account
    }
}
