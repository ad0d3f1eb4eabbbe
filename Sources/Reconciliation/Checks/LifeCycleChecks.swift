import Billing
import HeatModel

extension AccountChecker {
    /// States that do not go together.
    func checkLife(_ sheet: AccountSheet) {
        checkStopped(sheet)
        guard let rule = plan.rule(.notFollowedUp) else { return }
        for order in sheet.orders
        where order.state.isEqual("completed") && !order.isFollowedUp && !order.completedAt.isEmpty {
            guard let today else {
                needsToday = true
                return
            }
            guard let done = Instant(order.completedAt.string) else { continue }
            // The books are open to the end of the day.
            let end = Instant(microseconds: Int64(today.dayNumber) * 86_400_000_000, offsetMinutes: 0).microseconds
            let local = done.microseconds + Int64(done.offsetMinutes) * 60_000_000
            let allowed = plan.rules.rules[rule].tolerance.rounded(places: 0, .up)?.units ?? 0
            if end - local <= allowed * 3_600_000_000 { continue }
            add(rule) {
                $0.subject = subject(order.source)
                $0.found = order.completedAt.string
                $0.evidence = [evidence(order.source)]
            }
        }
    }

    private func checkStopped(_ sheet: AccountSheet) {
        guard plan.hasSuspensions, let state = sheet.fact("supply_state"), state.isEqual("stopped") || state.isEqual("partial"),
            let rule = plan.rule(.stoppedUnasked)
        else { return }
        if sheet.disconnections.contains(where: \.holds) { return }
        // The season that the account is in: the last that anything is charged or suspended in.
        var season = Text(start: nil, count: 0)
        for text in sheet.charges.map(\.season) + sheet.suspensions.map(\.season)
        where season.isEmpty || season.lexicographicallyPrecedes(text) {
            season = text
        }
        let name = season.string
        if sheet.suspensions.contains(where: { $0.holds && ($0.season.isEmpty || $0.season.isEqual(season)) }) { return }
        if plan.isIncomplete(number, name) { return }
        add(rule) {
            $0.found = state.string
            $0.evidence = sheet.sources.map(evidence)
        }
    }

    /// Charges of a season that began when the premises were off the network.
    func checkDisconnected(
        _ season: String, from start: CivilDate, _ charges: [AccountSheet.ChargeRow], _ sheet: AccountSheet
    ) -> Bool {
        let row = sheet.disconnections.first { row in
            guard row.holds, let day = CivilDate(row.on.string) else { return false }
            return day <= start
        }
        let due = charges.reduce(Int64(0)) { $0 + ($1.due ?? 0) }
        guard let row, due != 0, let rule = plan.rule(.disconnectedCharged) else { return false }
        add(rule) {
            $0.season = season
            $0.money = due
            $0.found = Fen(due).description
            $0.expected = Fen.zero.description
            $0.detail = row.on.string
            $0.evidence = [evidence(row.source)] + charges.map { evidence($0.source) }
        }
        return true
    }
}
