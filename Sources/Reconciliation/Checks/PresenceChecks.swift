import HeatModel
import Store

extension AccountChecker {
    /// Whether each system knows the account, and what was linked to it by little.
    func checkPresence(_ sheet: AccountSheet, _ account: AccountID) {
        for entry in plan.missing {
            guard let present = sheet.sources.first(where: { $0.stream == entry.present }),
                !sheet.sources.contains(where: { $0.stream == entry.lacks })
            else { continue }
            add(entry.rule) {
                $0.money = sheet.charges.reduce(0) { $0 + $1.owed }
                $0.found = plan.streams[entry.present].name
                $0.expected = plan.streams[entry.lacks].name
                $0.evidence = [evidence(present)]
            }
        }
        guard let placed = plan.placed[account], let rule = plan.rule(.weakLink) else { return }
        var known: Set<String> = []
        if let phones = sheet.fact("holder_phones") {
            var scanner = ViewScanner(phones)
            if scanner.open(0x5B) {
                while scanner.nextElement() { known.insert(CheckPlan.digits(scanner.value().string)) }
            }
        }
        // A telephone that nobody states contradicts nothing.
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
}
