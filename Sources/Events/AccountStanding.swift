import AccountView
import HeatModel
import JSONText

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
            self = joined(
                with: Bill(due: charge.due ?? .zero, lines: 1, dueOn: charge.dueOn, issuedAt: charge.issuedAt))
        }

        func joined(with other: Self) -> Self {
            Bill(
                due: due + other.due, lines: lines + other.lines, dueOn: Self.later(dueOn, other.dueOn),
                issuedAt: Self.later(issuedAt, other.issuedAt))
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
    /// The records that state supply and valve.
    private var supplySources: (state: String?, valve: String?)
    /// What of a view it is made of, beside the facts.
    static let lists: [StaticString] = ["charges", "payments", "work_orders", "work_order_events"]

    init(view: UnsafeRawBufferPointer, at now: Instant) {
        self.init(view: view, at: now) { _ in true }
    }

    /// - Parameter counts: whether what a record states of orders, payments and bills is taken, by stream and key.
    private init(view: UnsafeRawBufferPointer, at now: Instant, where counts: (String) -> Bool) {
        let context = AccountContext(view: view)
        supply = context.facts.supply
        supplySources = (
            context.source(of: "supply_state").map(Self.name), context.source(of: "supply_valve").map(Self.name)
        )
        let steps = Dictionary(grouping: AccountContext.workOrderEvents(in: view)) { $0.workOrder ?? "" }
        for entry in AccountContext.workOrders(in: view) {
            let (name, number) = (Self.name(entry.source), entry.value.number ?? entry.source.key)
            if counts(name) { orders[name] = OrderState(entry.value, steps: steps[number] ?? [], at: now) }
        }
        for entry in context.payments where entry.value.voided != true {
            let name = Self.name(entry.source)
            if counts(name) { payments[name] = Paid(standing: entry.value.standing, payment: entry.value) }
        }
        for entry in context.charges where entry.value.voided != true && entry.value.item != .lateFee {
            guard let season = entry.value.season else { continue }
            if counts(Self.name(entry.source)) { bills[season, default: Bill(due: .zero)].add(entry.value) }
        }
    }

    /// Takes what a later view states in some records as if this one had stated it already.
    ///
    /// - Parameter records: by stream and key; none that this view lists.
    mutating func take(_ records: Set<String>, from view: UnsafeRawBufferPointer, at now: Instant) {
        let later = Self(view: view, at: now) { records.contains($0) }
        orders.merge(later.orders) { own, _ in own }
        payments.merge(later.payments) { own, _ in own }
        bills.merge(later.bills) { $0.joined(with: $1) }
        if let source = later.supplySources.state, source != supplySources.state, records.contains(source) {
            supply.state = later.supply.state
        }
        if let source = later.supplySources.valve, source != supplySources.valve, records.contains(source) {
            supply.valve = later.supply.valve
        }
    }

    /// The records in a view's lists, by stream and key; also those that do not count, since another one says the same.
    static func records(listedIn view: UnsafeRawBufferPointer) -> Set<String> {
        var found: Set<String> = []
        for list in lists {
            guard let value = JSONMembers.value(of: list, in: view) else { continue }
            var elements = JSONMembers(value)
            while let (_, element) = elements.next() {
                var source = AccountContext.Reference(source: "", key: "")
                var members = JSONMembers(element)
                while let (key, value) = members.next() {
                    if key.equals("source") { source.source = value.text }
                    if key.equals("key") { source.key = value.text }
                }
                found.insert(name(source))
            }
        }
        return found
    }

    private static func name(_ source: AccountContext.Reference) -> String { "\(source.source)/\(source.key)" }
}
