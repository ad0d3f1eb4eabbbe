import Billing
import HeatModel

extension AccountChecker {
    /// What need not be paid: reliefs by rule, and money back for cold rooms.
    func checkReliefs(
        _ right: Evaluation, _ subject: BillingCase, agrees: Bool, _ season: String,
        _ charges: [AccountSheet.ChargeRow], _ sheet: AccountSheet
    ) {
        // A line of its own takes off what it states, with either sign.
        let booked = charges.reduce(Int64(0)) { sum, row in
            sum + (row.reduction ?? 0) + (row.item.isEqual("reduction") ? abs(row.due ?? 0) : 0)
        }
        let granted = right.reliefs.reduce(Int64(0)) { $0 + $1.amount.amount }
        var extra = booked - granted
        if let refund = refund(right, subject, sheet) {
            if let amount = refund.amount {
                if extra >= amount { extra -= amount } else { tell(refund, season, amount, sheet) }
            } else if extra <= 0 {
                tell(refund, season, nil, sheet)
            } else {
                // Something was given back, and what it should be cannot be told.
                extra = 0
            }
        }
        let rule = plan.rule(.relief)
        if !agrees || !isBeyond(extra, rule) { return }
        add(rule) {
            $0.season = season
            $0.money = -extra
            $0.found = Fen(booked).description
            $0.expected = Fen(booked - extra).description
            $0.evidence = charges.map { evidence($0.source) }
        }
    }

    private struct Refund {
        /// Fen; nil where the rule asks for the area of the cold rooms, which nobody states.
        var amount: Int64?
        var detail: String
        var days: Set<CivilDate>
    }

    private func tell(_ refund: Refund, _ season: String, _ amount: Int64?, _ sheet: AccountSheet) {
        add(plan.rule(.refundMissing)) {
            $0.season = season
            $0.money = amount ?? 0
            $0.found = Fen.zero.description
            $0.expected = amount.map { Fen($0).description } ?? ""
            $0.detail = refund.detail
            $0.evidence = sheet.temperatures.filter { row in
                Instant(row.measuredAt.string).map { refund.days.contains($0.local.date) } ?? false
            }.map { evidence($0.source) }
        }
    }

    private func refund(_ right: Evaluation, _ subject: BillingCase, _ sheet: AccountSheet) -> Refund? {
        guard let rule = right.tariff.refund, plan.rule(.refundMissing) != nil, !sheet.temperatures.isEmpty else {
            return nil
        }
        var isCold = false
        let readings = sheet.temperatures.compactMap { row -> ColdRoomRefund.Reading? in
            guard let celsius = TenthsOfDegree(row.celsius.string), let at = Instant(row.measuredAt.string) else {
                return nil
            }
            if celsius < rule.threshold { isCold = true }
            return .init(
                day: at.local.date, temperature: celsius, method: RoomTemperature.Method(rawValue: row.method.string))
        }
        if !isCold { return nil }
        var subject = subject
        let isAreaKnown = rule.scope == .charged || subject.coldRoomsArea != nil
        if !isAreaKnown { subject.coldRoomsArea = right.chargedArea }
        guard let refund = try? right.refund(readings, of: subject), !refund.lines.isEmpty else { return nil }
        let detail =
            isAreaKnown ? refund.lines.map(\.formula).joined(separator: "; ") : "the area of the cold rooms is not known"
        if isAreaKnown, refund.amount == .zero { return nil }
        return Refund(
            amount: isAreaKnown ? refund.amount.amount : nil, detail: detail, days: Set(refund.lines.flatMap(\.days)))
    }
}
