import AccountView
import Explanation
import HeatModel
import JSONText
import Store

extension Answerer {
    /// The account's work orders, each with its history.
    func workOrders(_ number: String, _ asOf: AsOf, _ requester: Requester, _ source: some ViewSource) throws -> Reply {
        try withView(number, at: moment(of: asOf, source), source) { view in
            let requested = asOf == .present ? try unseenRequest(of: number, besides: view.body, source) : nil
            return Self.workOrders(of: view.body, requested: requested).withUnsafeBytes {
                reply($0, of: number, requester)
            }
        }
    }

    /// The newest request for an order that is not settled otherwise and that no order shows: no read of the dispatch system has brought
    /// it yet.
    private func unseenRequest(
        of number: String, besides view: UnsafeRawBufferPointer, _ source: some ViewSource
    ) throws -> ActionID? {
        let filter = ActionFilter(
            states: [.accepted, .sending, .unknown, .confirmed], kind: StoredAction.orderKind, account: number)
        guard let action = try source.reader.actions(filter, before: nil, limit: 1).first else { return nil }
        let orders = AccountContext.workOrders(in: view)
        let isShown = orders.contains { order in
            action.externalID.map { $0 == order.value.number } ?? false
                || order.value.createdAt.map { $0 >= action.acceptedAt } ?? false
        }
        return isShown ? nil : action.id
    }

    /// `{"account_number":…,"work_orders":[{…,"events":[…]},…]}`; an event whose order is not there stands in `other_events`, the number
    /// of a request that no order shows yet in `requested`.
    static func workOrders(of view: UnsafeRawBufferPointer, requested: ActionID? = nil) -> [UInt8] {
        var json = JSONBytes()
        json.raw("{\"account_number\":")
        if let number = JSONMembers.value(of: "account_number", in: view) { json.raw(number) }
        json.raw(",\"work_orders\":[")
        var events: [(order: UnsafeRawBufferPointer?, json: UnsafeRawBufferPointer, isPlaced: Bool)] = []
        if let list = JSONMembers.value(of: "work_order_events", in: view) {
            var elements = JSONMembers(list)
            while let (_, event) = elements.next() {
                events.append((JSONMembers.value(of: "work_order", in: event), event, false))
            }
        }
        if let list = JSONMembers.value(of: "work_orders", in: view) {
            var elements = JSONMembers(list)
            while let (_, order) = elements.next() {
                json.separate()
                json.raw(order.part(0..<order.count - 1))
                json.raw(",\"events\":[")
                let name = JSONMembers.value(of: "number", in: order) ?? JSONMembers.value(of: "key", in: order)
                if let name {
                    for index in events.indices where events[index].order?.equals(name) ?? false {
                        events[index].isPlaced = true
                        json.separate()
                        json.raw(events[index].json)
                    }
                }
                json.raw("]}")
            }
        }
        json.raw("],\"other_events\":[")
        for event in events where !event.isPlaced {
            json.separate()
            json.raw(event.json)
        }
        json.raw("]")
        if let requested {
            json.key("requested")
            json.integer(requested.number)
        }
        json.raw("}")
        return json.bytes
    }
}
