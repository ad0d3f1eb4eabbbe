import AccountView
import Answers
import HeatModel
import JSONText
import Store

/// What a notice depends on, of one account's view.
struct AccountNow {
    let number: String
    let context: AccountContext
    let orders: [AccountContext.Sourced<WorkOrder>]
    /// Digits alone. Personal.
    let phones: [String]

    /// - Parameter horizon: what came later is left out; nil for none.
    init(view: UnsafeRawBufferPointer, until horizon: Instant? = nil) {
        let context = AccountContext(view: view)
        self.context = horizon.map { context.withoutPayments(after: $0) } ?? context
        number = context.number
        orders = AccountContext.workOrders(in: view)
        var phones: [String] = []
        if let facts = JSONMembers.value(of: "facts", in: view),
            let list = JSONMembers.value(of: "holder_phones", in: facts)
        {
            var elements = JSONMembers(list)
            while let (_, phone) = elements.next() {
                if let digits = PhoneIndex.folded(phone.text), !phones.contains(digits) { phones.append(digits) }
            }
        }
        self.phones = phones
    }

    /// - Returns: nil where there is no such account.
    static func read(_ number: String, until horizon: Instant?, _ store: any StoreReader) throws -> AccountNow? {
        var number = number
        guard let view = try number.withUTF8({ try store.view(number: UnsafeRawBufferPointer($0)) }) else { return nil }
        return view.body.withUnsafeBytes { AccountNow(view: $0, until: horizon) }
    }

    /// The first number that takes short messages: a mobile phone of China.
    var mobile: String? { phones.first { $0.count == 11 && $0.hasPrefix("1") } }

    /// Whom the cap counts and who opts out: the person of a phone, whatever homes are theirs; without any, the account.
    var person: String { mobile ?? phones.first ?? "account:" + number }

    func order(_ number: String) -> WorkOrder? { orders.last { Self.number(of: $0) == number }?.value }

    static func number(of order: AccountContext.Sourced<WorkOrder>) -> String { order.value.number ?? order.source.key }
}
