/// An interruption of supply (停供), planned or not, that concerns a station, a community or a building. Coded as the flat canonical
/// body of an ``EntityKind/outage``.
public struct Outage: Sendable, Hashable {
    public enum Kind: String, Sendable, CaseIterable {
        /// 计划检修.
        case planned
        /// 故障抢修.
        case unplanned
    }

    public enum State: String, Sendable, CaseIterable {
        case announced
        case ongoing
        case ended
        case cancelled
    }

    public var number: String?
    public var kind: Kind?
    public var state: State?
    public var station: String?
    public var community: String?
    public var building: String?
    public var cause: String?
    public var beginsAt: Instant?
    public var expectedEndAt: Instant?
    public var endedAt: Instant?

    /// A record that states nothing yet.
    public init() {}

    package enum Key: String, CaseIterable {
        case number
        case kind
        case state
        case station
        case community
        case building
        case cause
        case beginsAt = "begins_at"
        case expectedEndAt = "expected_end_at"
        case endedAt = "ended_at"
    }
}
