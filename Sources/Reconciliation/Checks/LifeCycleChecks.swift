import Billing
import HeatModel
import JSONText

extension AccountChecker {
    /// States that do not go together.
    func checkLife(_ scanned: ScannedAccount) {
        checkStopped(scanned)
        guard let rule = plan.ofEveryAccount.notFollowedUp else { return }
        for order in scanned.orders
        where order.state.equals("completed") && !order.isFollowedUp && !order.completedAt.isEmpty {
            guard let today else {
                needsToday = true
                return
            }
            guard let done = Instant(order.completedAt.text) else { continue }
            // The books are open to the end of the day.
            let end = Instant(microseconds: Int64(today.dayNumber) * 86_400_000_000, offsetMinutes: 0).microseconds
            let local = done.microseconds + Int64(done.offsetMinutes) * 60_000_000
            let allowed = plan.rules.rules[rule].tolerance.rounded(places: 0, .up)?.units ?? 0
            if end - local <= allowed * 3_600_000_000 { continue }
            add(rule) {
                $0.subject = subject(order.source)
                $0.found = order.completedAt.text
                $0.evidence = [evidence(order.source)]
            }
        }
    }

    private func checkStopped(_ scanned: ScannedAccount) {
        guard plan.hasSuspensions, let state = scanned.fact("supply_state"),
            state.equals("stopped") || state.equals("partial"),
            let rule = plan.rule(.stoppedUnasked)
        else { return }
        if scanned.disconnections.contains(where: { $0.record.holds }) { return }
        // The season that the account is in: the last that anything is charged or suspended in.
        var season = ViewBytes(start: nil, count: 0)
        for text in scanned.charges.map(\.season) + scanned.suspensions.map(\.season)
        where season.isEmpty || season.lexicographicallyPrecedes(text) {
            season = text
        }
        let name = season.text
        if scanned.suspensions.contains(where: { $0.record.holds && ($0.season.isEmpty || $0.season.equals(season)) }) {
            return
        }
        if plan.isIncomplete(number, name) { return }
        add(rule) {
            $0.found = state.text
            $0.evidence = scanned.sources.map(evidence)
        }
    }

    /// Charges of a season in which the premises were off the network all the time. False where there are none.
    ///
    /// - Throws: why the bill cannot be evaluated; the finding is there all the same, says so, and is worth the whole bill.
    func checkDisconnected(
        _ made: SeasonCase, in season: BilledSeason, _ lines: BilledRows, _ scanned: ScannedAccount
    ) throws(HearthError) -> Bool {
        guard made.isDisconnected, let first = made.disconnections.first, let rule = plan.rule(.disconnectedCharged)
        else { return false }
        // Heat that a meter has measured all the same is due.
        let right: Int64?
        let failure: HearthError?
        do throws(HearthError) {
            (right, failure) = (try plan.book.evaluate(made.subject).total.amount, nil)
        } catch {
            (right, failure) = (nil, error)
        }
        let billed = lines.billed.reduce(Int64(0)) { $0 + $1.due.amount }
        let due = billed - (right ?? 0)
        if due == 0, failure == nil { return false }
        let row = scanned.disconnections[first]
        add(rule) {
            $0.season = season.name
            $0.money = due
            $0.found = Fen(billed).description
            $0.expected = right.map { Fen($0).description } ?? ""
            $0.detail = row.on.text + (failure.map { "; not evaluated: \($0.code.name)" } ?? "")
            $0.evidence = [evidence(row.source)] + season.charges.map { evidence($0.source) }
        }
        if let failure { throw failure }
        return true
    }
}
