/// Facts about one account, as billing's card of it (``EntityKind/account``) or the customer system's
/// (``EntityKind/premises``) states them. Coded as the flat canonical body; a fact that is not stated is nil.
public struct AccountFacts: Sendable, Hashable {
    public enum Class: String, Sendable, CaseIterable {
        case resident
        case unit
    }

    public enum Method: String, Sendable, CaseIterable {
        case byArea
        case metered
        case twoPart
    }

    public var `class`: Class?
    public var tariff: String?
    public var city: String?
    public var company: String?
    public var station: String?
    public var networkNumber: String?
    public var community: String?
    public var building: String?
    public var unit: String?
    public var floor: String?
    public var room: String?
    public var address: String?
    public var method: Method?
    /// The tariff's word for where the heat comes from, where its price depends on it: `network`, `boiler`.
    public var heatSource: String?
    /// What the card itself says is owed in all (累计欠费); the charges state it line by line.
    public var arrears: Fen?
    public var openedOn: CivilDate?
    public var updatedAt: Instant?
    public var remark: String?
    public var holder = Holder()
    public var flags = Flags()
    public var areas = Areas()
    public var supply = Supply()

    /// A card that states nothing yet.
    public init() {}

    package enum Key: String, CaseIterable {
        case `class`
        case tariff
        case city
        case holderName = "holder_name"
        case holderPhones = "holder_phones"
        case holderIdNumber = "holder_id_number"
        case flagsLowIncome = "flags_low_income"
        case flagsLocked = "flags_locked"
        case flagsBlacklisted = "flags_blacklisted"
        case flagsElderly = "flags_elderly"
        case company
        case station
        case networkNumber = "network_number"
        case community
        case building
        case unit
        case floor
        case room
        case address
        case areaBuilding = "area_building"
        case areaInner = "area_inner"
        case areaUsable = "area_usable"
        case areaBilling = "area_billing"
        case areaSuspended = "area_suspended"
        case areaShared = "area_shared"
        case areaCeilingHeight = "area_ceiling_height"
        case areaBasis = "area_basis"
        case method
        case heatSource = "heat_source"
        case supplyState = "supply_state"
        case supplyValve = "supply_valve"
        case arrears = "arrears_fen"
        case openedOn = "opened_on"
        case updatedAt = "updated_at"
        case remark
    }
}
