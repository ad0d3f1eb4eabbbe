import AccountView
import HeatModel
import JSONText
import Store

/// What is told of an account whose view has become another one.
struct AccountJudge {
    let account: AccountID
    let now: Instant
    private(set) var events: [IncomingEvent] = []
    /// What is to be remembered from now on.
    private(set) var memory = EventMemory()

    init(account: AccountID, at now: Instant) {
        self.account = account
        self.now = now
    }

    /// - Parameters:
    ///   - memory: what counts as told beside what the view before said.
    mutating func judge(_ before: AccountStanding, _ after: AccountStanding, _ told: EventMemory) {
        orders(before, after, told)
        payments(before, after, told)
        bills(before, after, told)
        supply(before, after, told)
        // In the order of the facts, as far as it is known.
        events = events.enumerated().sorted { left, right in
            guard let one = left.element.at, let other = right.element.at, one.microseconds != other.microseconds
            else { return left.offset < right.offset }
            return one < other
        }.map(\.element)
    }

    private mutating func tell(
        _ type: EventType, at time: Instant?, _ write: (inout JSONObject) -> Void
    ) {
        events.append(
            IncomingEvent(
                type: type.rawValue, account: account, place: nil, at: time,
                body: JSONObject.make { json in
                    json.text("at", time)
                    write(&json)
                }))
    }

    /// Whether a memory of then still matters.
    private func matters(_ at: Int64?) -> Bool { at.map { now.microseconds - $0 < EventRules.memory } ?? false }

    // MARK: Orders

    private mutating func orders(_ before: AccountStanding, _ after: AccountStanding, _ told: EventMemory) {
        let judge = OrderJudge(now: now)
        func known(_ name: String) -> OrderStanding? { told.orders[name] ?? before.orders[name]?.standing }
        for (name, order) in after.orders.sorted(by: { $0.key < $1.key }) {
            let (event, standing) = judge.judge(known(name), order)
            if let event { tell(event, order) }
            if let standing, standing != order.standing, matters(standing.at ?? standing.noticed) {
                memory.orders[name] = standing
            }
        }
        for name in Set(told.orders.keys).union(before.orders.keys) where after.orders[name] == nil {
            guard var standing = known(name) else { continue }
            if standing.at == nil, standing.noticed == nil { standing.noticed = now.microseconds }
            if matters(standing.at ?? standing.noticed) { memory.orders[name] = standing }
        }
    }

    private mutating func tell(_ event: EventType, _ state: OrderState) {
        let (order, now) = (state.order, now)
        tell(event, at: state.stage.flatMap { state.time(of: $0) }) { json in
            json.text("order", order.number)
            json.text("kind", order.kind?.rawValue)
            json.text("state", order.state?.rawValue)
            json.text("appointed_at", order.appointedAt)
            json.text("crew", order.crew)
            json.text("technician", order.technician)
            // Where somebody is counts while he is on the way, and only for minutes.
            guard event == .orderEnroute, let seen = order.technicianSeenAt,
                seen.isNews(at: now, within: EventRules.position), let distance = order.technicianDistance
            else { return }
            json.integer("technician_distance", distance)
            json.text("technician_seen_at", seen)
        }
    }

    // MARK: Money

    private mutating func payments(_ before: AccountStanding, _ after: AccountStanding, _ told: EventMemory) {
        func known(_ name: String) -> Payment.Standing? {
            told.payments[name].flatMap { Payment.Standing(rawValue: $0.standing) } ?? before.payments[name]?.standing
        }
        for (name, paid) in after.payments.sorted(by: { $0.key < $1.key }) {
            let (payment, time) = (paid.payment, paid.payment.paidAt?.believed(at: now))
            var standing = paid.standing
            switch (known(name), paid.standing) {
            case (nil, .posted):
                if time?.isNews(at: now, within: EventRules.payment) == true { tell(.paymentPosted, payment, time) }
            case (.pending, .posted): tell(.paymentPosted, payment, time)
            case (.pending, .reversed), (.posted, .reversed): tell(.paymentReversed, payment, time)
            // What was posted once, or taken back, is not told again of an old reading.
            case (.posted, .pending): standing = .posted
            case (.reversed, .posted), (.reversed, .pending): standing = .reversed
            default: break
            }
            remember(name, standing, time, where: standing != paid.standing)
        }
        for name in Set(told.payments.keys).union(before.payments.keys) where after.payments[name] == nil {
            let time = told.payments[name]?.at ?? before.payments[name]?.payment.paidAt?.microseconds
            if let standing = known(name), matters(time) { memory.payments[name] = (standing.rawValue, time ?? 0) }
        }
    }

    private mutating func remember(
        _ name: String, _ standing: Payment.Standing, _ time: Instant?, where isOther: Bool
    ) {
        if isOther { memory.payments[name] = (standing.rawValue, time?.microseconds ?? now.microseconds) }
    }

    private mutating func tell(_ event: EventType, _ payment: Payment, _ time: Instant?) {
        tell(event, at: time) { json in
            json.integer("amount_fen", payment.amount?.amount)
            json.text("channel", payment.channel?.rawValue)
            json.text("season", payment.season)
            json.text("payment", payment.serial ?? payment.number)
        }
    }

    private mutating func bills(_ before: AccountStanding, _ after: AccountStanding, _ told: EventMemory) {
        let newest = after.bills.keys.max()
        for (season, bill) in after.bills.sorted(by: { $0.key < $1.key }) {
            guard let due = told.bills[season] ?? before.bills[season]?.due else {
                let isNews = bill.issuedAt.map { $0.isNews(at: now, within: EventRules.bill) } ?? (season == newest)
                if isNews { tell(.billIssued, season, bill, was: nil) }
                continue
            }
            if due != bill.due { tell(.billCorrected, season, bill, was: due) }
        }
        for season in Set(told.bills.keys).union(before.bills.keys) where after.bills[season] == nil {
            memory.bills[season] = told.bills[season] ?? before.bills[season]?.due
        }
    }

    private mutating func tell(_ event: EventType, _ season: String, _ bill: AccountStanding.Bill, was: Fen?) {
        tell(event, at: event == .billIssued ? bill.issuedAt?.believed(at: now) : nil) { json in
            json.text("season", season)
            json.integer("due_fen", bill.due.amount)
            json.integer("was_due_fen", was?.amount)
            json.integer("lines", Int64(bill.lines))
            json.text("due_on", bill.dueOn)
        }
    }

    // MARK: Supply

    private mutating func supply(_ before: AccountStanding, _ after: AccountStanding, _ told: EventMemory) {
        let (state, valve) = (
            told.state ?? before.supply.state?.rawValue, told.valve ?? before.supply.valve?.rawValue
        )
        let (newState, newValve) = (after.supply.state?.rawValue, after.supply.valve?.rawValue)
        // What no system states any more is not another state.
        if newState == nil { memory.state = state }
        if newValve == nil { memory.valve = valve }
        let isOtherState = state != nil && newState != nil && state != newState
        let isOtherValve = valve != nil && newValve != nil && valve != newValve
        guard isOtherState || isOtherValve else { return }
        tell(.supplyChanged, at: nil) { json in
            json.text("state", newState ?? state)
            json.text("valve", newValve ?? valve)
            if isOtherState { json.text("was_state", state) }
            if isOtherValve { json.text("was_valve", valve) }
        }
    }
}
