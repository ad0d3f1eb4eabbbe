/// One step in the life of a work order. Coded as the flat canonical body of a ``EntityKind/workOrderEvent``.
public struct WorkOrderEvent: Sendable, Hashable {
    public var workOrder: String?
    public var state: WorkOrderState?
    public var at: Instant?
    public var actor: String?
    public var note: String?

    /// A record that states nothing yet.
    public init() {}

    package enum Key: String, CaseIterable {
        case workOrder = "work_order"
        case state
        case at
        case actor
        case note
    }
}
