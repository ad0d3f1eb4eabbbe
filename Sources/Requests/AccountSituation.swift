import AccountView
import HeatModel
import JSONText

/// What an account's view says that matters to a fault: where it is, what is open, and what there was.
struct AccountSituation {
    /// A repair order as the dispatch system states it.
    struct Order {
        var number: String
        var kind: String
        var state: WorkOrderState
        var createdAt: Instant?
    }

    let facts: AccountFacts
    /// As the systems state it, or made of its parts; nil where not even the room is known. Personal.
    let address: String?
    /// By creation.
    let orders: [Order]

    init(view: UnsafeRawBufferPointer) {
        facts = AccountContext(view: view).facts
        address = Self.address(in: view)
        var orders: [Order] = []
        for stated in AccountContext.workOrders(in: view) {
            guard let kind = stated.value.kind, let state = stated.value.state else { continue }
            orders.append(
                Order(
                    number: stated.value.number ?? stated.source.key, kind: kind.rawValue, state: state,
                    createdAt: stated.value.createdAt))
        }
        self.orders = orders
    }

    /// The typed facts leave it out, because answers about money have no use for it.
    private static func address(in view: UnsafeRawBufferPointer) -> String? {
        guard let facts = JSONMembers.value(of: "facts", in: view) else { return nil }
        func text(_ key: StaticString) -> String? {
            JSONMembers.value(of: key, in: facts)?.jsonText.flatMap { $0.isEmpty ? nil : $0 }
        }
        if let address = text("address") { return address }
        guard let room = text("room") else { return nil }
        let parts = [text("community"), text("building").map { $0 + "号楼" }, text("unit").map { $0 + "单元" }, room]
        return parts.compactMap(\.self).joined()
    }

    /// The newest order of a fault that is not done yet.
    func openOrder(of kind: String) -> Order? { orders.last { $0.kind == kind && $0.state.isOpen } }

    /// The month in which the same fault was last reported and dealt with, as `2025-12`: not before the same month of last year.
    ///
    /// So whoever reports a fault late in a month is told of all of that month a year ago.
    func earlierMonth(of kind: String, now: Instant) -> String? {
        let present = Self.month(now)
        let past = orders.last { order in
            guard order.kind == kind, order.state.isDealtWith, let created = order.createdAt else { return false }
            return (present - 12...present).contains(Self.month(created))
        }
        guard let month = past?.createdAt.map(Self.month) else { return nil }
        let number = month % 12 + 1
        return "\(month / 12)-\(number < 10 ? "0" : "")\(number)"
    }

    private static func month(_ instant: Instant) -> Int {
        let (year, month, _) = instant.local.date.components
        return year * 12 + month - 1
    }
}
