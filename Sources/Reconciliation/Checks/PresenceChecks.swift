import HeatModel
import JSONText
import Store

extension AccountChecker {
    /// Whether each system knows the account, and what was linked to it by little.
    func checkPresence(_ scanned: ScannedAccount, _ account: AccountID) {
        for entry in plan.missing {
            guard let present = scanned.sources.first(where: { $0.stream == entry.present }),
                !scanned.sources.contains(where: { $0.stream == entry.lacks })
            else { continue }
            add(entry.rule) {
                $0.money = scanned.charges.reduce(0) { $0 + $1.owed }
                $0.found = plan.streams[entry.present].name
                $0.expected = plan.streams[entry.lacks].name
                $0.evidence = [evidence(present)]
            }
        }
        checkStated(scanned)
        guard !plan.placed.isEmpty, let placed = plan.placed[account], let rule = plan.rule(.weakLink) else { return }
        var known: Set<String> = []
        if let phones = scanned.fact("holder_phones") {
            var cursor = JSONCursor(bytes: phones)
            if cursor.beginArray() {
                while cursor.nextElement() { known.insert(CheckPlan.digits(cursor.value().text)) }
            }
        }
        // A telephone that no system states contradicts nothing.
        known.remove("")
        if known.isEmpty { return }
        for record in placed where !record.phone.isEmpty && !known.contains(record.phone) {
            add(rule) {
                $0.subject = Self.subject(plan.streams[record.stream].name, record.key)
                $0.found = "place"
                $0.evidence = [.init(stream: record.stream, key: record.key)]
            }
        }
    }

    /// An account whose card and premises have vanished keeps its money: nobody else would name it.
    private func checkStated(_ scanned: ScannedAccount) {
        guard plan.statesAccounts, let rule = plan.ofEveryAccount.unstated else { return }
        let states = scanned.sources.contains { [.account, .premises].contains(plan.streams[$0.stream].entity) }
        if states { return }
        let kept = scanned.records
        guard let first = kept.first else { return }
        var counts: [String: Int] = [:]
        for record in kept { counts[plan.streams[record.stream].name, default: 0] += 1 }
        add(rule) {
            $0.money =
                scanned.charges.isEmpty
                ? -scanned.payments.reduce(0) { $0 + ($1.isReversed ? 0 : $1.amount ?? 0) }
                : scanned.charges.reduce(0) { $0 + $1.owed }
            $0.detail = counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            $0.evidence = [evidence(first)]
        }
    }
}
