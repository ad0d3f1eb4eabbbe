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
        guard plan.hasSuspensions, let state = sheet.fact("supply_state"),
            state.isEqual("stopped") || state.isEqual("partial"),
            let rule = plan.rule(.stoppedUnasked)
        else { return }
        if sheet.disconnections.contains(where: { $0.record.holds }) { return }
        // The season that the account is in: the last that anything is charged or suspended in.
        var season = Text(start: nil, count: 0)
        for text in sheet.charges.map(\.season) + sheet.suspensions.map(\.season)
        where season.isEmpty || season.lexicographicallyPrecedes(text) {
            season = text
        }
        let name = season.string
        if sheet.suspensions.contains(where: { $0.record.holds && ($0.season.isEmpty || $0.season.isEqual(season)) }) {
            return
        }
        if plan.isIncomplete(number, name) { return }
        add(rule) {
            $0.found = state.string
            $0.evidence = sheet.sources.map(evidence)
        }
    }

    /// Charges of a season in which the premises were off the network all the time. False where there are none.
    func checkDisconnected(
        _ made: SeasonCase, _ season: String, _ lines: BilledRows, _ charges: ArraySlice<AccountSheet.ChargeRow>,
        _ sheet: AccountSheet
    ) -> Bool {
        guard made.isDisconnected, let first = made.disconnections.first, let rule = plan.rule(.disconnectedCharged)
        else { return false }
        // Heat that a meter has measured all the same is due.
        let right = (try? plan.book.evaluate(made.subject))?.total.amount ?? 0
        let billed = lines.billed.reduce(Int64(0)) { $0 + $1.due.amount }
        let due = billed - right
        if due == 0 { return false }
        let row = sheet.disconnections[first]
        add(rule) {
            $0.season = season
            $0.money = due
            $0.found = Fen(billed).description
            $0.expected = Fen(right).description
            $0.detail = row.on.string
            $0.evidence = [evidence(row.source)] + charges.map { evidence($0.source) }
        }
        return true
    }
}
