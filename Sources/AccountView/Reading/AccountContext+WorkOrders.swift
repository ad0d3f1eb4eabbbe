public import HeatModel
import JSONText
public import Store

extension AccountContext {
    /// The work orders of a view: what they are about, where they stand and who is on the way, and nothing that a person said. Read
    /// apart, because few answers ask for them.
    public static func workOrders(in view: UnsafeRawBufferPointer) -> [Sourced<WorkOrder>] {
        guard let list = JSONMembers.value(of: "work_orders", in: view) else { return [] }
        var orders: [Sourced<WorkOrder>] = []
        var elements = JSONMembers(list)
        while let (_, element) = elements.next() {
            var order = WorkOrder()
            var source = Reference(source: "", key: "")
            var members = JSONMembers(element)
            while let (key, value) = members.next() {
                if key.equals("source") {
                    source.source = value.text
                } else if key.equals("key") {
                    source.key = value.text
                } else {
                    order.take(key, value)
                }
            }
            orders.append(Sourced(order, from: source))
        }
        return orders
    }

    /// The steps of a view's work orders, without who took them and what was said.
    public static func workOrderEvents(in view: UnsafeRawBufferPointer) -> [WorkOrderEvent] {
        guard let list = JSONMembers.value(of: "work_order_events", in: view) else { return [] }
        var steps: [WorkOrderEvent] = []
        var elements = JSONMembers(list)
        while let (_, element) = elements.next() {
            var step = WorkOrderEvent()
            var members = JSONMembers(element)
            while let (key, value) = members.next() {
                switch WorkOrder.Names.stepKeys[key] {
                case .workOrder: step.workOrder = value.text
                case .state: step.state = WorkOrder.Names.states[value.unquoted]
                case .at: step.at = value.instant
                default: break
                }
            }
            steps.append(step)
        }
        return steps
    }
}

extension WorkOrder {
    fileprivate enum Names {
        static let keys = CaseNames<Key>()
        static let kinds = CaseNames<Kind>()
        static let states = CaseNames<WorkOrderState>()
        static let stepKeys = CaseNames<WorkOrderEvent.Key>()
    }

    fileprivate mutating func take(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        switch Names.keys[key] {
        case .number: number = value.text
        case .kind: kind = Names.kinds[value.unquoted]
        case .urgent: urgent = value.boolean
        case .state: state = Names.states[value.unquoted]
        case .createdAt: createdAt = value.instant
        case .appointedAt: appointedAt = value.instant
        case .dispatchedAt: dispatchedAt = value.instant
        case .startedAt: startedAt = value.instant
        case .completedAt: completedAt = value.instant
        case .closedAt: closedAt = value.instant
        case .crew: crew = value.text
        case .technician: technician = value.text
        case .technicianDistance: technicianDistance = value.integer
        case .technicianSeenAt: technicianSeenAt = value.instant
        default: break
        }
    }
}

extension OpenOrders {
    /// What the view says of the account's open orders. One whose state or time is not known is none.
    public init(of account: AccountID, view: UnsafeRawBufferPointer) {
        let orders = AccountContext.workOrders(in: view).compactMap { order -> OpenOrder? in
            guard order.value.state?.isOpen == true, let kind = order.value.kind, let at = order.value.createdAt else {
                return nil
            }
            return OpenOrder(kind: kind.rawValue, createdAt: at.microseconds)
        }
        self.init(
            account: account,
            house: orders.isEmpty ? nil : PeerBuilding(facts: JSONMembers.value(of: "facts", in: view)),
            orders: orders)
        // Orders of an account without a place are in no count.
        if house == nil { self.orders = [] }
    }
}

extension PeerBuilding {
    /// Where the facts of a view say that the premises are; nil where they name neither a station nor a community.
    init?(facts: UnsafeRawBufferPointer?) {
        guard let facts else { return nil }
        func text(_ name: StaticString) -> String { JSONMembers.value(of: name, in: facts)?.text ?? "" }
        self.init(
            company: text("company"), station: text("station"), community: text("community"), building: text("building")
        )
        if station.isEmpty, community.isEmpty { return nil }
    }
}

extension AccountContext {
    /// Whether a view says that old people live there. Read apart, because it is asked of each conversation that begins.
    public static func isElderly(in view: UnsafeRawBufferPointer) -> Bool {
        guard let facts = JSONMembers.value(of: "facts", in: view) else { return false }
        return JSONMembers.value(of: "flags_elderly", in: facts)?.equals("true") ?? false
    }
}
