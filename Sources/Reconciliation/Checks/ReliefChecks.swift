import Billing
import HeatModel
import JSONText

extension AccountChecker {
    /// What need not be paid: reliefs by rule, and money back for cold rooms.
    func checkReliefs(
        of season: BilledSeason, by right: Evaluation, _ subject: BillingCase, agrees: Bool, _ scanned: ScannedAccount
    ) {
        // A line of its own takes off what it states, with either sign.
        let booked = season.charges.reduce(Int64(0)) { sum, row in
            sum + (row.reduction ?? 0) + (row.item.equals("reduction") ? abs(row.due ?? 0) : 0)
        }
        let granted = right.reliefs.reduce(Int64(0)) { $0 + $1.amount.amount }
        var extra = booked - granted
        if let refund = refund(right, subject, scanned) {
            if let amount = refund.amount {
                if extra >= amount { extra -= amount } else { report(refund, in: season.name, worth: amount, scanned) }
            } else if extra <= 0 {
                report(refund, in: season.name, worth: nil, scanned)
            } else {
                // Something was given back, and what it should be is not known.
                extra = 0
            }
        }
        let rule = plan.rule(.relief)
        if !agrees || !isBeyond(extra, rule) { return }
        add(rule) {
            $0.season = season.name
            $0.money = -extra
            $0.found = Fen(booked).description
            $0.expected = Fen(booked - extra).description
            $0.evidence = season.charges.map { evidence($0.source) }
        }
    }

    private struct Refund {
        /// Fen; nil where the rule asks for the area of the cold rooms, which no system states.
        var amount: Int64?
        var detail: String
        var days: Set<CivilDate>
    }

    private func report(_ refund: Refund, in season: String, worth amount: Int64?, _ scanned: ScannedAccount) {
        add(plan.rule(.refundMissing)) {
            $0.season = season
            $0.money = amount ?? 0
            $0.found = Fen.zero.description
            $0.expected = amount.map { Fen($0).description } ?? ""
            $0.detail = refund.detail
            $0.evidence = scanned.temperatures.filter { row in
                Instant(row.measuredAt.text).map { refund.days.contains($0.local.date) } ?? false
            }.map { evidence($0.source) }
        }
    }

    private func refund(_ right: Evaluation, _ subject: BillingCase, _ scanned: ScannedAccount) -> Refund? {
        guard let rule = right.tariff.refund, plan.rule(.refundMissing) != nil, !scanned.temperatures.isEmpty else {
            return nil
        }
        var isCold = false
        let readings = scanned.temperatures.compactMap { row -> ColdRoomRefund.Reading? in
            guard let celsius = TenthsOfDegree(row.celsius.text), let at = Instant(row.measuredAt.text) else {
                return nil
            }
            if celsius < rule.threshold { isCold = true }
            return .init(
                day: at.local.date, temperature: celsius, method: RoomTemperature.Method(rawValue: row.method.text))
        }
        if !isCold { return nil }
        var subject = subject
        let isAreaKnown = rule.scope == .charged || subject.coldRoomsArea != nil
        if !isAreaKnown { subject.coldRoomsArea = right.chargedArea }
        guard let refund = try? right.refund(readings, of: subject), !refund.lines.isEmpty else { return nil }
        let detail =
            isAreaKnown
            ? refund.lines.map(\.formula).joined(separator: "; ") : "the area of the cold rooms is not known"
        if isAreaKnown, refund.amount == .zero { return nil }
        return Refund(
            amount: isAreaKnown ? refund.amount.amount : nil, detail: detail, days: Set(refund.lines.flatMap(\.days)))
    }
}
