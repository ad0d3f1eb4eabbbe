/// A heating season of the company (采暖期). Coded as the flat canonical body of a ``EntityKind/season``.
public struct Season: Sendable, Hashable {
    public var season: String?
    public var startsOn: CivilDate?
    public var endsOn: CivilDate?

    /// A record that states nothing yet.
    public init() {}

    package enum Key: String, CaseIterable {
        case season
        case startsOn = "starts_on"
        case endsOn = "ends_on"
    }
}
