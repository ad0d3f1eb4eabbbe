package import Actions
import HeatModel
package import Notices
package import Store

/// Looks at the moment of sending whether a message is still worth something, and may go.
package struct MessageGate: ActionGate {
    /// Of a door that may tell only who was heard lately, and so often: WeChat.
    package struct Quota: Sendable {
        var hours: Int64
        var messages: Int
        /// The customer of an address; nil where it cannot be read.
        var customer: @Sendable (_ address: String) -> CustomerKey?

        package init(
            hours: Int64, messages: Int, customer: @escaping @Sendable (_ address: String) -> CustomerKey?
        ) {
            self.hours = hours
            self.messages = messages
            self.customer = customer
        }
    }

    let clock: CompanyClock
    let quota: Quota?
    /// The phone number of an address; nil where the door's own sink opens it.
    let number: (@Sendable (_ address: String) -> String?)?

    package init(
        clock: CompanyClock, quota: Quota? = nil, number: (@Sendable (_ address: String) -> String?)? = nil
    ) {
        self.clock = clock
        self.quota = quota
        self.number = number
    }

    package func prepare(_ action: StoredAction) throws -> ActionVerdict? { nil }

    package func decide(_ action: StoredAction, in store: any StoreWriter) throws -> ActionVerdict {
        let request = try ActionRequest(kind: action.request.kind, payload: action.request.payload)
        let now = clock.now
        if let until = request.values[.until].flatMap({ Instant($0) }), now >= until {
            return .never(why: "it was worth nothing any more")
        }
        if try isUsedUp(request, action, now, store) {
            return .later(60_000, why: "more may be sent once the customer is heard again")
        }
        guard let values = values(request, on: now) else {
            return .never(why: "its address cannot be read: the keys were changed")
        }
        return .send(values)
    }

    package func values(_ action: StoredAction, in store: any StoreReader) throws -> [String: String] {
        let request = try ActionRequest(kind: action.request.kind, payload: action.request.payload)
        let sent = try store.attempts(of: action.id).last { $0.kind == .send }?.begunAt ?? action.acceptedAt
        return values(request, on: clock.local(sent.microseconds)) ?? [:]
    }

    /// By the names that templates of channels know; nil where the address is none of ours.
    private func values(_ request: ActionRequest, on moment: Instant) -> [String: String]? {
        var values = ["text": request.values[.words] ?? "", "rule": "reply"]
        values["day"] = "\(moment.local.date)".replacing("-", with: "")
        if let number {
            guard let phone = request.values[.address].flatMap({ number($0) }) else { return nil }
            values["phone"] = phone
        }
        return values
    }

    /// Whether the customer was heard too long ago, or told as much as may be since.
    private func isUsedUp(
        _ request: ActionRequest, _ action: StoredAction, _ now: Instant, _ store: any StoreReader
    ) throws -> Bool {
        guard let quota, let customer = request.values[.address].flatMap({ quota.customer($0) }) else { return false }
        // A state is written with each turn of its customer, and at no other time.
        guard let heard = try store.customerState(customer)?.changedAt,
            now.microseconds - heard.microseconds < quota.hours * 3_600_000_000
        else { return true }
        let sent = try store.actions(
            ActionFilter(
                states: [.sending, .unknown, .confirmed], system: action.request.system,
                account: action.request.account), before: nil, limit: 100)
        return sent.filter { $0.id != action.id && $0.changedAt.microseconds >= heard.microseconds }.count
            >= quota.messages
    }
}
