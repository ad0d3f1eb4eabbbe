/// A suspension of supply (报停), or its end. Coded as the flat canonical body of a ``EntityKind/suspension``.
public struct Suspension: Sendable, Hashable {
    public enum Kind: String, Sendable, CaseIterable {
        case full
        case partial
        case restore
    }

    public enum State: String, Sendable, CaseIterable {
        case requested
        case approved
        case rejected
        case ended
    }

    public var kind: Kind?
    public var season: String?
    public var from: CivilDate?
    public var to: CivilDate?
    /// 停供比例, in mapping files `suspendedShare`: the share of the charged area that is suspended, 0…1. It is not the share of the fee
    /// that stays due for it, which is the tariff's rule and not the record's.
    public var ratio: ExactDecimal?
    public var reason: String?
    public var requestedOn: CivilDate?
    public var approvedOn: CivilDate?
    public var state: State?
    /// 作废.
    public var voided: Bool?

    /// A record that states nothing yet.
    public init() {}

    package enum Key: String, CaseIterable {
        case kind
        case season
        case from
        case to
        case ratio
        case reason
        case requestedOn = "requested_on"
        case approvedOn = "approved_on"
        case state
        case voided
    }
}
