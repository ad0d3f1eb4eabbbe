/// A repair work order of the dispatch system. Coded as the flat canonical body of a ``EntityKind/workOrder``.
public struct WorkOrder: Sendable, Hashable {
    public enum Kind: String, Sendable, CaseIterable {
        case noHeat
        case notWarm
        case leak
        case temperature
        case stop
        case restore
        case valve
        case other
    }

    public enum Satisfaction: String, Sendable, CaseIterable {
        case satisfied
        case neutral
        case dissatisfied
    }

    public var number: String?
    public var kind: Kind?
    public var urgent: Bool?
    public var state: WorkOrderState?
    public var createdAt: Instant?
    public var appointedAt: Instant?
    public var dispatchedAt: Instant?
    public var startedAt: Instant?
    public var completedAt: Instant?
    public var closedAt: Instant?
    public var crew: String?
    public var technician: String?
    /// Metres between the technician and the home.
    public var technicianDistance: Int64?
    /// When the technician was at that distance.
    public var technicianSeenAt: Instant?
    public var result: String?
    public var visitedAt: Instant?
    public var satisfaction: Satisfaction?
    public var fee: Fen?
    public var description: String?
    public var phone: String?
    public var address: String?

    /// A record that states nothing yet.
    public init() {}

    package enum Key: String, CaseIterable {
        case number
        case kind
        case urgent
        case state
        case createdAt = "created_at"
        case appointedAt = "appointed_at"
        case dispatchedAt = "dispatched_at"
        case startedAt = "started_at"
        case completedAt = "completed_at"
        case closedAt = "closed_at"
        case crew
        case technician
        case technicianDistance = "technician_distance"
        case technicianSeenAt = "technician_seen_at"
        case result
        case visitedAt = "visited_at"
        case satisfaction
        case fee = "fee_fen"
        case description
        case phone
        case address
    }
}
