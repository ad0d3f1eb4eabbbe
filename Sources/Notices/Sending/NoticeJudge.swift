import AccountView
import Billing
import Explanation
import HeatModel
import Store

/// Whether there is reason to tell somebody something: the one judge of it, when it is planned and again when it is sent.
///
/// What is due is what `MoneyAnswers` says, whom an outage concerns and what it is what ``Outage`` and the account's facts say, which
/// orders are done what ``WorkOrderState`` says.
struct NoticeJudge: Sendable {
    let money: MoneyAnswers
    let clock: CompanyClock
    /// Whether payments after the present are left out: in a simulation, where the store knows them already.
    var hidesLater = false

    enum Verdict {
        /// It is so, and this is said: the sentence's part, and what it names.
        case holds(part: String?, [(Wording.Placeholder, String)])
        /// Not before this moment.
        case notYet(Instant)
        case gone(String)
    }

    func account(_ number: String, _ store: any StoreReader) throws -> AccountNow? {
        try AccountNow.read(number, until: hidesLater ? clock.now : nil, store)
    }

    func account(view: UnsafeRawBufferPointer) -> AccountNow {
        AccountNow(view: view, until: hidesLater ? clock.now : nil)
    }

    /// Whether the rule is about such an account.
    func concerns(_ rule: NoticeRules.Rule, _ account: AccountNow) -> Bool {
        let facts = account.context.facts
        if let classes = rule.whom.classes, !(facts.class.map { classes.contains($0) } ?? false) { return false }
        if let names = rule.whom.communities, !(facts.community.map { names.contains($0) } ?? false) { return false }
        return true
    }

    /// Whether a planned notice has its reason now.
    func judge(
        _ notice: IncomingNotice, _ rule: NoticeRules.Rule, _ account: AccountNow, now: Instant,
        _ store: any StoreReader
    ) throws -> Verdict {
        guard let occasion = Occasion(notice.occasion, of: rule.kind) else { return .gone("unreadable") }
        if !concerns(rule, account) { return .gone("not concerned") }
        switch occasion {
        case .season(let season): return try arrears(season, rule, account, now, store)
        case .done(let order, let round, let isAgain):
            return try followUp(order, round: round, isAgain: isAgain, account, store)
        case .state(let order, let state): return progress(order, state, account)
        case .outage(let stream, let key, let phase): return try outage(stream, key, phase, account, now, store)
        }
    }

    // MARK: Money

    /// What is due of a season, and on which day it is told; nil where nothing is, or nobody has said until when.
    func due(
        _ season: String?, _ rule: NoticeRules.Rule, _ account: AccountNow, on day: CivilDate, _ store: any StoreReader
    ) throws -> (answer: AmountDueAnswer, day: CivilDate)? {
        let answer = try money.amountDue(
            of: account.number, view: account.context, season: season, on: day, in: store)
        guard answer.status == .explained, let dueOn = answer.dueOn, let due = answer.due,
            // Both must say so: who has paid by either is not reminded.
            due.open >= rule.whom.atLeast, answer.billingArrears > .zero
        else { return nil }
        return (answer, dueOn.adding(days: -rule.daysBefore))
    }

    private func arrears(
        _ season: String, _ rule: NoticeRules.Rule, _ account: AccountNow, _ now: Instant, _ store: any StoreReader
    ) throws -> Verdict {
        let today = clock.local(now.microseconds).local.date
        guard let (answer, day) = try due(season, rule, account, on: today, store), let due = answer.due,
            let dueOn = answer.dueOn
        else { return .gone("paid, or nothing is due") }
        if today < day { return .notYet(clock.instant(day, minute: rule.minute)) }
        if today > day.adding(days: rule.lateDays) { return .gone("its day is over") }
        return .holds(
            part: nil,
            [
                (.number, account.number), (.season, season), (.payable, "\(due.payable)"), (.paid, "\(due.paid)"),
                (.open, "\(due.open)"), (.dueOn, "\(dueOn)"), (.days, "\(dueOn.days(since: today))"),
            ])
    }

    // MARK: Orders

    private func order(
        _ number: String, _ order: WorkOrder, _ account: AccountNow
    ) -> [(Wording.Placeholder, String)] {
        let words = money.wordings["zh"] ?? money.wordings().first
        let fault = order.kind?.rawValue ?? "other"
        let state = order.state.map { words?.word("order.\($0.rawValue)", or: $0.rawValue) ?? $0.rawValue } ?? ""
        return [
            (.number, account.number), (.order, number),
            (.fault, words?.word("fault.\(fault)", or: words?.word("fault.other") ?? fault) ?? fault), (.state, state),
        ]
    }

    private func followUp(
        _ number: String, round: Int, isAgain: Bool, _ account: AccountNow, _ store: any StoreReader
    ) throws -> Verdict {
        guard let order = account.order(number), let state = order.state, state.isDealtWith else {
            return .gone("the order is not done")
        }
        let followUp = try store.followUp(account: account.number, order: number)
        if let followUp, followUp.state != .unconfirmed || followUp.reopenings != round {
            return .gone("answered: \(followUp.state.rawValue)")
        }
        return .holds(part: isAgain ? "again" : "first", self.order(number, order, account))
    }

    private func progress(_ number: String, _ state: WorkOrderState, _ account: AccountNow) -> Verdict {
        guard let order = account.order(number), order.state == state else {
            return .gone("the order stands elsewhere")
        }
        return .holds(part: state.rawValue, self.order(number, order, account))
    }

    // MARK: Outages

    /// What an outage is to be told as; nil for nothing, or nothing any more.
    func phase(of outage: Outage, now: Instant) -> NoticeRules.Phase? {
        switch outage.standing(at: now, isOtherDay: hidesLater) {
        case .ahead: .ahead
        case .present: .begun
        case .ended: .ended
        // Nobody is told what is not certain.
        case .overdue, .cancelled, .unclear: nil
        }
    }

    private func outage(
        _ stream: Int64, _ key: [UInt8], _ phase: NoticeRules.Phase, _ account: AccountNow, _ now: Instant,
        _ store: any StoreReader
    ) throws -> Verdict {
        let record = try key.withUnsafeBytes { try store.record(stream: StreamID(stream), key: $0) }
        guard let record, !record.isVoided else { return .gone("the outage was withdrawn") }
        let outage = record.body.withUnsafeBytes { Outage(body: $0) }
        guard let place = outage.place, account.context.facts.outagePlaces.contains(place) else {
            return .gone("the outage concerns another place")
        }
        guard self.phase(of: outage, now: now) == phase else { return .gone("the outage stands elsewhere") }
        let words = money.wordings["zh"] ?? money.wordings().first
        let unknown = words?.word("unknown") ?? ""
        func time(_ instant: Instant?) -> String {
            guard let instant else { return unknown }
            let (date, microsecond) = clock.local(instant.microseconds).local
            let minute = Int(microsecond / 60_000_000)
            func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
            let (_, month, day) = date.components
            return "\(two(month))-\(two(day)) \(two(minute / 60)):\(two(minute % 60))"
        }
        let kind = outage.kind.map { words?.word("outage.\($0.rawValue)", or: $0.rawValue) ?? $0.rawValue } ?? unknown
        return .holds(
            part: phase.rawValue,
            [
                (.number, account.number), (.kind, kind), (.begins, time(outage.beginsAt)),
                (.end, time(phase == .ended ? outage.endedAt : outage.expectedEnd)), (.reason, outage.cause ?? unknown),
            ])
    }
}
