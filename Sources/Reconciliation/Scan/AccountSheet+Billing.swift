import Billing
import HeatModel

extension CheckPlan {
    /// What the account's bills depend on, typed. Texts that no tariff asks for are not made.
    func account(_ sheet: AccountSheet, city: String) -> BillingAccount {
        var account = BillingAccount()
        account.city = city
        account.class = sheet.fact("class").flatMap { AccountFacts.Class(rawValue: $0.string) }
        account.method = sheet.fact("method").flatMap { AccountFacts.Method(rawValue: $0.string) }
        if asked.company { account.company = sheet.fact("company")?.string }
        if asked.heatSource { account.heatSource = sheet.fact("heat_source")?.string }
        if asked.places {
            account.station = sheet.fact("station")?.string
            account.community = sheet.fact("community")?.string
            account.building = sheet.fact("building")?.string
        }
        account.areas.building = sheet.decimal("area_building")
        account.areas.inner = sheet.decimal("area_inner")
        account.areas.usable = sheet.decimal("area_usable")
        account.areas.billing = sheet.decimal("area_billing")
        account.areas.shared = sheet.decimal("area_shared")
        account.areas.ceilingHeight = sheet.decimal("area_ceiling_height")
        account.areaBasis = sheet.fact("area_basis").flatMap { AreaBasis(rawValue: $0.string) }
        if sheet.fact("flags_low_income")?.isTrue == true { account.entitlements.insert(.lowIncome) }
        if sheet.fact("flags_elderly")?.isTrue == true { account.entitlements.insert(.elderly) }
        account.suspensions = sheet.suspensions.map(\.record)
        account.disconnections = sheet.disconnections.map(\.record)
        if account.method != .byArea {
            account.readings = sheet.readings.map(\.record)
            account.listsReadings = hasReadings
        }
        return account
    }
}
