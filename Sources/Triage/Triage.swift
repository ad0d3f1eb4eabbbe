import AccountView
package import Explanation
package import HeatModel
package import Store

/// 家里不热: what stands between a home and its heat, from the account's view, the outages of its places and its neighbours' orders.
///
/// ```swift
/// let triage = Triage(rules: rules, money: money, store: reader, moment: nil, now: now)
/// let answer = try triage.answer(number, view: view)
/// ```
///
/// Suspension, disconnection and money are as `Explanation` judges them; what an outage is at a moment, as ``Outage`` says.
package struct Triage {
    let rules: TriageRules
    let money: MoneyAnswers
    let store: any StoreReader
    /// The moment of which the records are; nil for the present.
    let moment: Moment?
    /// The instant that the answer is of, on the company's clock: all times are told on it.
    let now: Instant
    /// Whether that is another day than the one that the records are of. What is later is left out then.
    let isOtherDay: Bool

    package init(
        rules: TriageRules, money: MoneyAnswers, store: any StoreReader, moment: Moment?, now: Instant,
        isOtherDay: Bool = false
    ) {
        self.rules = rules
        self.money = money
        self.store = store
        self.moment = moment
        self.now = now
        self.isOtherDay = isOtherDay
    }

    /// - Throws: what the store throws.
    package func answer(_ number: String, view: UnsafeRawBufferPointer) throws -> TriageAnswer {
        let context = AccountContext(view: view)
        let orders = AccountContext.workOrders(in: view).compactMap { order in
            var order = order
            order.value.createdAt = local(order.value.createdAt)
            let isLater = order.value.createdAt.map { $0.microseconds > now.microseconds } ?? false
            return isOtherDay && isLater ? nil : order
        }
        var answer = TriageAnswer(account: number, at: now)
        var found = try outages(context.facts)
        found += try supply(context)
        found += try arrears(context)
        found += try self.orders(of: context, orders)
        found += try reading(context)
        if rules.looksFor(.likelyOutage) {
            if moment == nil && !isOtherDay {
                found += try cluster(context, orders)
            } else {
                answer.untold.append(.neighboursThen)
            }
        }
        for step in rules.steps { answer.findings += found.filter { $0.kind == step.finding } }
        let streams = try store.streams()
        answer.freshness = try money.freshness(
            of: streams.filter { Self.sources.contains($0.entity) }.map(\.name), now: now, at: moment, in: store)
        let hasOutages = streams.contains { stream in
            stream.entity == .outage && answer.freshness.contains { $0.source == stream.name && $0.at != nil }
        }
        if !hasOutages { answer.untold.append(.outages) }
        conclude(&answer)
        return answer
    }

    /// What a finding may come from, whether it is made or not.
    private static let sources: [EntityKind] = [.account, .premises, .workOrder, .roomTemperature, .outage]

    private func conclude(_ answer: inout TriageAnswer) {
        let kinds = Set(answer.findings.map(\.kind))
        if kinds.isDisjoint(with: rules.noChecksWith) { answer.checks = rules.checks }
        let step = rules.steps.first { step in
            step.action != nil && kinds.contains(step.finding) && (step.with.map { kinds.contains($0) } ?? true)
        }
        answer.action = step?.action ?? rules.otherwise
        answer.because = step?.finding
        answer.hints = rules.steps.compactMap { kinds.contains($0.finding) ? $0.hint : nil }
    }

    /// An instant on the company's clock.
    func local(_ instant: Instant?) -> Instant? {
        instant.map { Instant(microseconds: $0.microseconds, offsetMinutes: now.offsetMinutes) }
    }

    /// Hours from one instant to another, rounded down.
    static func hours(from one: Instant, to other: Instant) -> Int64 {
        let microseconds = other.microseconds - one.microseconds
        return microseconds / 3_600_000_000 - (microseconds % 3_600_000_000 < 0 ? 1 : 0)
    }

    func evidence(_ context: AccountContext, _ records: [AccountContext.Reference?]) throws -> [Explanation.Evidence] {
        try money.evidence(of: context.number, records.compactMap(\.self), at: moment, in: store)
    }

    // MARK: Supply and money

    private func supply(_ context: AccountContext) throws -> [Finding] {
        var found: [Finding] = []
        let standing = money.supply(of: context, on: now.local.date)
        if let record = standing.disconnection {
            found.append(Finding(.disconnected, evidence: try evidence(context, [record])))
        }
        if !standing.suspensions.isEmpty {
            found.append(
                Finding(
                    standing.isSuspendedInPart ? .suspendedInPart : .suspended,
                    evidence: try evidence(context, standing.suspensions)))
        }
        let supply = context.facts.supply
        let detail = Finding.Detail.supply(state: supply.state, valve: supply.valve)
        let state = try evidence(context, [context.source(of: "supply_state")])
        if supply.state == .stopped { found.append(Finding(.supplyStopped, detail, evidence: state)) }
        if supply.state == .partial { found.append(Finding(.supplyPartial, detail, evidence: state)) }
        if let valve = supply.valve, valve != .open {
            found.append(
                Finding(.valveClosed, detail, evidence: try evidence(context, [context.source(of: "supply_valve")])))
        }
        return found
    }

    /// What should have been paid by now, of all seasons.
    private func arrears(_ context: AccountContext) throws -> [Finding] {
        let answer = try money.amountDue(
            of: context.number, view: context, at: moment, season: nil, on: now.local.date, in: store)
        if answer.overdue <= .zero { return [] }
        return [Finding(.arrears, .arrears(answer.overdue, dueOn: answer.overdueSince), evidence: answer.evidence)]
    }

    // MARK: Orders and readings

    private func orders(
        of context: AccountContext, _ orders: [AccountContext.Sourced<WorkOrder>]
    ) throws -> [Finding] {
        var found: [Finding] = []
        var before: [AccountContext.Sourced<WorkOrder>] = []
        // The newest first; one without a time last.
        let cold = orders.filter { order in order.value.kind.map { isCold($0) } ?? false }.sorted {
            ($0.value.createdAt?.microseconds ?? .min) > ($1.value.createdAt?.microseconds ?? .min)
        }
        for order in cold {
            let isRecent =
                order.value.createdAt.map { (0...rules.repeatedDays * 24).contains(Self.hours(from: $0, to: now)) }
                ?? false
            guard let state = order.value.state else {
                if isRecent {
                    found.append(
                        Finding(.orderUnclear, .order(order.value), evidence: try evidence(context, [order.source])))
                }
                continue
            }
            if state.isOpen {
                found.append(Finding(.openOrder, .order(order.value), evidence: try evidence(context, [order.source])))
            } else if isRecent, state.isDealtWith, order.value.kind.map({ rules.repeatedKinds.contains($0) }) ?? false {
                before.append(order)
            }
        }
        if let last = before.first?.value.createdAt {
            found.append(
                Finding(
                    .repeated, .repeated(before.count, last: last),
                    evidence: try evidence(context, before.map(\.source))))
        }
        return found
    }

    /// Orders that say that a home is cold.
    private func isCold(_ kind: WorkOrder.Kind) -> Bool {
        rules.clusterKinds.contains(kind) || rules.repeatedKinds.contains(kind)
    }

    private func reading(_ context: AccountContext) throws -> [Finding] {
        let readings = context.temperatures.filter { reading in
            reading.value.celsius != nil
                && reading.value.measuredAt.map { $0.microseconds <= now.microseconds } ?? false
        }
        guard
            let last = readings.max(by: {
                ($0.value.measuredAt?.microseconds ?? 0) < ($1.value.measuredAt?.microseconds ?? 0)
            }), let celsius = last.value.celsius, let at = local(last.value.measuredAt)
        else { return [Finding(.noReading)] }
        var told = last.value
        told.measuredAt = at
        let age = Self.hours(from: at, to: now)
        let kind: Finding.Kind = age >= rules.readingHours ? .oldReading : celsius < rules.standard ? .cold : .warm
        return [
            Finding(kind, .reading(told, ageHours: age), evidence: try evidence(context, [last.source]))
        ]
    }
}
