import AccountView
import Billing
import HeatModel

extension ExplanationBuilder {
    func bill(_ mine: SeasonBill) throws -> Explanation.Bill {
        var bill = Explanation.Bill(
            due: mine.billed, discount: .zero, reduction: .zero, received: .zero, penalty: .zero, arrears: .zero,
            dueOn: nil, lines: [])
        bill.reduction = mine.relieved
        for entry in mine.lines + mine.reliefs + mine.lateFees {
            let line = entry.value
            bill.discount = bill.discount + (line.discount ?? .zero)
            bill.reduction = bill.reduction + (line.reduction ?? .zero)
            bill.received = bill.received + (line.received ?? .zero)
            bill.penalty = bill.penalty + (line.penalty ?? .zero)
            bill.arrears = bill.arrears + (line.arrears ?? .zero)
            if bill.dueOn == nil { bill.dueOn = line.dueOn }
            bill.lines.append(
                .init(
                    item: line.item, quantity: line.quantity, unit: line.unit, unitPrice: line.unitPrice,
                    due: line.due ?? .zero, evidence: evidence(entry.source)))
        }
        return bill
    }

    mutating func describeSections(_ mine: SeasonBill, _ bill: Evaluation?) throws {
        let areas = ["area_building", "area_inner", "area_shared", "area_usable", "area_billing"]
        result.area = Explanation.Area(
            areas: context.facts.areas, basis: bill?.basis, charged: bill?.chargedArea, shared: bill?.sharedArea,
            disagreements: context.disagreements.filter { $0.field.hasPrefix("area_") },
            evidence: evidence(ofFacts: areas))
        describeTemperature(mine, bill)
        if let bill { describeRefund(mine, bill) }
        if let bill { describeMonth(mine, bill) }
    }

    private mutating func describeTemperature(_ mine: SeasonBill, _ bill: Evaluation?) {
        // Without a tariff the season is taken as October to April.
        let span =
            bill?.span
            ?? CivilDate(year: mine.season.startYear, month: 10, day: 15).flatMap { first in
                CivilDate(year: mine.season.startYear + 1, month: 4, day: 30).map { DaySpan(first, $0) }
            }
        let readings = context.temperatures.filter { entry in
            guard let day = entry.value.measuredAt?.local.date, entry.value.celsius != nil else { return false }
            return span?.contains(day) ?? true
        }
        let latest = readings.sorted {
            ($0.value.measuredAt?.microseconds ?? 0) > ($1.value.measuredAt?.microseconds ?? 0)
        }
        result.temperature = Explanation.Temperature(
            readings: latest.prefix(10).compactMap { entry in
                guard let celsius = entry.value.celsius, let at = entry.value.measuredAt else { return nil }
                return .init(celsius: celsius, at: at, method: entry.value.method, evidence: evidence(entry.source))
            },
            count: readings.count, supply: context.facts.supply, standard: bill?.tariff.refund?.threshold,
            isMetered: mine.subject.method != .byArea, evidence: evidence(ofFacts: ["supply_state", "supply_valve"]))
        if readings.isEmpty { result.gaps.append("room_temperature") }
    }

    private mutating func describeRefund(_ mine: SeasonBill, _ bill: Evaluation) {
        func note(_ standing: Explanation.Refund.Standing, _ refund: ColdRoomRefund? = nil, cold: Int = 0) {
            result.refund = Explanation.Refund(
                standing: standing, amount: refund?.amount ?? .zero, lines: refund?.lines ?? [],
                coldDays: refund.map { $0.lines.reduce(0) { $0 + $1.days.count } } ?? cold,
                contradictoryDays: refund?.contradictoryDays ?? [], readingsLeftOut: refund?.readingsLeftOut ?? 0)
        }
        guard let rule = bill.tariff.refund else { return note(.noRule) }
        let readings = context.temperatures.compactMap { entry -> ColdRoomRefund.Reading? in
            guard let celsius = entry.value.celsius, let at = entry.value.measuredAt else { return nil }
            return .init(day: at.local.date, temperature: celsius, method: entry.value.method)
        }
        do {
            let refund = try bill.refund(readings, of: mine.subject)
            if refund.readDays == 0 { return note(.noReadings, refund) }
            note(refund.amount > .zero ? .due : .none, refund)
        } catch {
            guard error.code == .billingMissingInput else { return note(.noRule) }
            // The room was cold, but no system states the area of the cold rooms.
            let counting = readings.filter { reading in
                bill.span.contains(reading.day) && reading.method.map { rule.evidence.contains($0) } ?? false
            }
            let cold = Set(counting.filter { $0.temperature < rule.threshold }.map(\.day)).count
            if cold > 0 { result.gaps.append("room_areas") }
            note(cold > 0 ? .roomAreasMissing : counting.isEmpty ? .noReadings : .none, cold: cold)
        }
    }

    /// The share of the month before the answer's day, or of the season's last month.
    private mutating func describeMonth(_ mine: SeasonBill, _ bill: Evaluation) {
        guard mine.subject.method == .byArea else { return }
        let (year, month, _) = min(result.asOf, bill.span.last.adding(days: 31)).components
        let (pastYear, past) = month == 1 ? (year - 1, 12) : (year, month - 1)
        guard let first = CivilDate(year: pastYear, month: past, day: 1),
            let next = CivilDate(year: year, month: month, day: 1)
        else { return }
        let days = bill.span.intersection(DaySpan(first, next.adding(days: -1))).days
        if days == 0 || bill.seasonDays == 0 { return }
        let exact = try? Ratio(yuan: mine.billed) * Ratio(Int128(days), over: Int128(max(days, bill.seasonDays)))
        guard let share = try? exact?.money(RoundingRule.Step(.fen, .halfUp)) else { return }
        result.month = Explanation.Month(
            year: pastYear, month: past, days: days, seasonDays: bill.seasonDays, share: share,
            formula: "\(mine.billed) 元 × \(days) 天 ÷ \(bill.seasonDays) 天 = \(share) 元")
    }

    mutating func noteFreshness(_ now: Instant) throws {
        var streams: [String] = []
        func note(_ record: AccountContext.Reference?) {
            if let name = record?.source, !streams.contains(name) { streams.append(name) }
        }
        for index in context.factSources.indices { note(context.factSources[index].source) }
        note(context.charges.first?.source)
        note(context.payments.first?.source)
        note(context.readings.first?.source)
        note(context.temperatures.first?.source)
        result.freshness = try supportingData.freshness(
            of: streams, now: now, staleAfterHours: settings.staleAfterHours)
    }
}
