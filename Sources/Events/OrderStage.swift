import AccountView
import HeatModel

/// What of an order's way a customer is told.
enum OrderStage: Int, Comparable {
    case accepted, dispatched, enroute, arrived, resolved, visited, cancelled

    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// Nil for a state that says nothing of the way: waiting for material.
    init?(_ state: WorkOrderState) {
        switch state {
        case .waitingToBeScheduled, .scheduled: self = .accepted
        case .dispatched: self = .dispatched
        case .enroute: self = .enroute
        case .onSite, .inProgress: self = .arrived
        case .completed: self = .resolved
        case .closed: self = .visited
        case .cancelled: self = .cancelled
        case .waitingOnMaterial: return nil
        }
    }

    var isOpen: Bool { self < .resolved }

    var event: EventType {
        switch self {
        case .accepted: .orderAccepted
        case .dispatched: .orderDispatched
        case .enroute: .orderEnroute
        case .arrived: .orderArrived
        case .resolved: .orderResolved
        case .visited: .orderVisited
        case .cancelled: .orderCancelled
        }
    }
}

/// Where an order stands, and since when: what has been told of it, or may be.
struct OrderStanding: Hashable {
    var stage: OrderStage
    /// When it came there, in microseconds since 1970, where that is known.
    var at: Int64?
    /// When it was told, where it is not known since when it holds.
    var noticed: Int64?
    /// Whether it has gone back before: a state of then may be shown again by mistake.
    var hasReturned = false
}

/// An order as a view has it, with all that the view says of when it came where.
struct OrderState {
    var order: WorkOrder
    var stage: OrderStage?
    private var moments: [(stage: OrderStage, at: Instant)]

    /// - Parameter steps: those of this order.
    init(_ order: WorkOrder, steps: [WorkOrderEvent], at now: Instant) {
        self.order = order
        stage = order.state.flatMap { OrderStage($0) }
        var stated: [(OrderStage, Instant?)] = [
            (.accepted, order.createdAt), (.dispatched, order.dispatchedAt), (.arrived, order.startedAt),
            (.resolved, order.completedAt), (.visited, order.closedAt),
        ]
        stated += steps.compactMap { step in step.state.flatMap { OrderStage($0) }.map { ($0, step.at) } }
        moments = stated.compactMap { stage, at in at?.believed(at: now).map { (stage, $0) } }
    }

    /// When it last came to a stage.
    func time(of stage: OrderStage) -> Instant? { moments.filter { $0.stage == stage }.map(\.at).max() }

    /// Nil where it says nothing of the way.
    var standing: OrderStanding? {
        stage.map {
            OrderStanding(stage: $0, at: time(of: $0)?.microseconds, hasReturned: hasReturned)
        }
    }

    /// Whether it was sent out, or waited to be, at a time after it had come farther. An arrival that is dated after the repair is no
    /// return: people type in late.
    private var hasReturned: Bool {
        moments.contains { high in
            moments.contains {
                $0.stage <= .dispatched && $0.stage < high.stage && $0.at.microseconds > high.at.microseconds
            }
        }
    }

    /// Whether it was at a lower stage after this time.
    func wasBelow(_ stage: OrderStage, after at: Int64) -> Bool {
        moments.contains { $0.stage < stage && $0.at.microseconds > at }
    }
}
