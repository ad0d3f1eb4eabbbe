import JSONText
import Store

extension Answerer {
    /// The account's work orders, each with its history.
    func workOrders(_ number: String, _ asOf: AsOf, _ requester: Requester, _ source: some ViewSource) throws -> Reply {
        try withView(number, at: moment(of: asOf, source), source) { view in
            Self.workOrders(of: view.body).withUnsafeBytes { reply($0, of: number, requester) }
        }
    }

    /// `{"account_number":…,"work_orders":[{…,"events":[…]},…]}`; an event whose order is not there stands in `other_events`.
    static func workOrders(of view: UnsafeRawBufferPointer) -> [UInt8] {
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
        json.raw("]}")
        return json.bytes
    }
}
