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
                switch WorkOrderEvent.Key(rawValue: String(decoding: key, as: UTF8.self)) {
                case .workOrder: step.workOrder = value.text
                case .state: step.state = WorkOrderState(rawValue: value.text)
                case .at: step.at = Instant(value.text)
                default: break
                }
            }
            steps.append(step)
        }
        return steps
    }
}

extension WorkOrder {
    fileprivate mutating func take(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        switch Key(rawValue: String(decoding: key, as: UTF8.self)) {
        case .number: number = value.text
        case .kind: kind = Kind(rawValue: value.text)
        case .urgent: urgent = value.boolean
        case .state: state = WorkOrderState(rawValue: value.text)
        case .createdAt: createdAt = Instant(value.text)
        case .appointedAt: appointedAt = Instant(value.text)
        case .dispatchedAt: dispatchedAt = Instant(value.text)
        case .startedAt: startedAt = Instant(value.text)
        case .completedAt: completedAt = Instant(value.text)
        case .closedAt: closedAt = Instant(value.text)
        case .crew: crew = value.text
        case .technician: technician = value.text
        case .technicianDistance: technicianDistance = value.integer
        case .technicianSeenAt: technicianSeenAt = Instant(value.text)
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
