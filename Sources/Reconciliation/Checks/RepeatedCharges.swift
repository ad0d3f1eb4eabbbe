import JSONText
import Store

extension AccountChecker {
    /// The account without the charges that a second stream states again under the same key, of each of which it is a finding: mostly
    /// a stream that got another name and stands in `unified.yaml` under both. The bill is judged without them.
    func chargedOnce(_ scanned: ScannedAccount) -> ScannedAccount {
        typealias Repeated = (row: ScannedAccount.ChargeRow, first: ScannedAccount.ChargeRow)
        guard let rule = plan.rule(.chargedTwice) else { return scanned }
        func name(_ row: ScannedAccount.ChargeRow) -> String { plan.streams[row.source.stream].name }
        var again: [Repeated] = []
        var once = scanned
        once.charges.removeAll { row in
            let first = scanned.charges.first { $0.states(row) && name($0) < name(row) }
            if let first { again.append((row, first)) }
            return first != nil
        }
        while let head = again.first {
            func isOfHead(_ repeated: Repeated) -> Bool {
                repeated.row.source.stream == head.row.source.stream && repeated.row.season.equals(head.row.season)
            }
            let same = again.filter(isOfHead)
            again.removeAll(where: isOfHead)
            add(rule) {
                $0.season = head.row.season.text
                $0.subject = name(head.row)
                $0.money = same.reduce(0) { $0 + ($1.row.due ?? 0) }
                $0.found = String(same.count)
                $0.expected = name(head.first)
                $0.evidence = same.flatMap { [evidence($0.first.source), evidence($0.row.source)] }
            }
        }
        return once
    }
}
