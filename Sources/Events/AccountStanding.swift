import AccountView
import HeatModel

/// What a view says of that of which events tell.
struct AccountStanding {
    struct Paid {
        var standing: Payment.Standing
        var payment: Payment
    }

    struct Bill {
        /// Without late fees, which grow by the day.
        var due: Fen
        var lines = 0
        var dueOn: CivilDate?
        var issuedAt: Instant?

        mutating func add(_ charge: Charge) {
            due = due + (charge.due ?? .zero)
            lines += 1
            dueOn = Self.later(dueOn, charge.dueOn)
            issuedAt = Self.later(issuedAt, charge.issuedAt)
        }

        private static func later<Time: Comparable>(_ one: Time?, _ other: Time?) -> Time? {
            guard let one, let other else { return one ?? other }
            return max(one, other)
        }
    }

    /// By stream and key.
    private(set) var orders: [String: OrderState] = [:]
    private(set) var payments: [String: Paid] = [:]
    /// By season.
    private(set) var bills: [String: Bill] = [:]
    private(set) var supply: AccountFacts.Supply

    init(view: UnsafeRawBufferPointer, at now: Instant) {
        let context = AccountContext(view: view)
        supply = context.facts.supply
        let steps = Dictionary(grouping: AccountContext.workOrderEvents(in: view)) { $0.workOrder ?? "" }
        for entry in AccountContext.workOrders(in: view) {
            let name = entry.value.number ?? entry.source.key
            orders[Self.name(entry.source)] = OrderState(entry.value, steps: steps[name] ?? [], at: now)
        }
        for entry in context.payments where entry.value.voided != true {
            payments[Self.name(entry.source)] = Paid(standing: entry.value.standing, payment: entry.value)
        }
        for entry in context.charges where entry.value.voided != true && entry.value.item != .lateFee {
            guard let season = entry.value.season else { continue }
            bills[season, default: Bill(due: .zero)].add(entry.value)
        }
    }

    private static func name(_ source: AccountContext.Reference) -> String { "\(source.source)/\(source.key)" }
}
