import Explanation
import HeatModel
import JSONText
import Store

/// What stands already for a fault of an account: an order that is open, or a request on its way. Nothing where something new is to be
/// asked for.
struct Standing {
    /// Of the dispatch system, as the account's view has it.
    private(set) var order: AccountSituation.Order?
    /// Of the outbox.
    private(set) var action: StoredAction?

    /// A confirmed order that no sync has brought after so long was closed or taken away before one could.
    static let mostDays: Int64 = 7

    /// How many of an account's actions are looked at, the newest.
    private static let mostActions = 200

    init(
        _ kind: String, _ situation: AccountSituation, _ number: String, now: Instant, _ store: any StoreReader
    ) throws {
        order = situation.openOrder(of: kind)
        let filter = ActionFilter(
            states: [.accepted, .sending, .unknown, .confirmed], kind: StoredAction.orderKind, account: number)
        let actions = try store.actions(filter, before: nil, limit: Self.mostActions).filter { $0.fault == kind }
        if let order {
            action = actions.first { $0.externalID == order.number }
            return
        }
        action = actions.first { action in
            if !action.state.isFinal { return true }
            return !Self.isInView(action, kind, situation)
                && action.changedAt.microseconds > now.microseconds - Self.mostDays * 86_400_000_000
        }
    }

    /// Whether the view has what a confirmed action made, so that the view says whether it is open.
    private static func isInView(_ action: StoredAction, _ kind: String, _ situation: AccountSituation) -> Bool {
        if let id = action.externalID { return situation.orders.contains { $0.number == id } }
        // Of a system that gives no numbers: an order of that fault that was made since, give or take what clocks differ by.
        let since = action.acceptedAt.microseconds - 600_000_000
        return situation.orders.contains { $0.kind == kind && ($0.createdAt?.microseconds ?? 0) >= since }
    }
}
