import JSONText
import Store

extension AccountChecker {
    /// Charges that the account's view marks as another stream's, a finding a season and stream: mostly a stream that got another name
    /// and stands in `unified.yaml` under both.
    func checkRepeated(_ rows: [ScannedAccount.ChargeRow]) {
        guard let rule = plan.rule(.chargedTwice) else { return }
        var rest = rows
        while let head = rest.first {
            func isOfHead(_ row: ScannedAccount.ChargeRow) -> Bool {
                row.source.stream == head.source.stream && row.season.equals(head.season)
            }
            let same = rest.filter(isOfHead)
            rest.removeAll(where: isOfHead)
            add(rule) {
                $0.season = head.season.text
                $0.subject = plan.streams[head.source.stream].name
                $0.money = same.reduce(0) { $0 + ($1.due ?? 0) }
                $0.found = String(same.count)
                $0.expected = head.repeats.text
                $0.evidence = same.flatMap { pair($0.source, $0.repeats) }
            }
        }
    }

    /// Payments that the account's view marks as another stream's, a finding each.
    func checkRepeated(_ rows: [ScannedAccount.PaymentRow]) {
        guard let rule = plan.rule(.paidTwice) else { return }
        for row in rows where !row.isReversed {
            add(rule) {
                $0.season = row.season.text
                $0.subject = subject(row.source)
                $0.money = row.amount ?? 0
                $0.evidence = pair(row.source, row.repeats)
            }
        }
    }

    /// The row that counts and the one that repeats it: they have the same key.
    private func pair(_ source: ScannedAccount.Source, _ repeats: ViewBytes) -> [Finding.Evidence] {
        plan.streams.indices.filter { repeats.equals(Array(plan.streams[$0].name.utf8)) }.map {
            evidence(.init(stream: $0, key: source.key))
        } + [evidence(source)]
    }
}
