import HeatModel
import Records

/// What identifies a row: what is declared, else what is unique in the sample.
struct KeyGuess {
    let sample: StreamSample
    let profiles: [ColumnProfile]
    let assigned: FieldAssignment
    let account: AccountSuggestion
    let entity: EntityKind

    var result: (key: [String], evidence: String) {
        if !sample.declaredKey.isEmpty { return (sample.declaredKey, "declared, or configured") }
        let rows = sample.rowCount
        func column(_ field: String) -> Int? { assigned.picks.first { $0.candidate.field == field }?.column }
        if entity == .season, let season = column("season"), profiles[season].isUnique {
            return ([sample.columns[season]], "unique in \(rows) rows")
        }
        let unique = sample.columns.indices.filter { profiles[$0].isUnique }
        let states = entity == .account || entity == .premises
        if states, let number = account.numberColumn, unique.contains(number), !unique.contains(where: isID) {
            return ([sample.columns[number]], "the account's number, unique in \(rows) rows")
        }
        if let best = unique.first(where: isID) ?? column("number").flatMap({ unique.contains($0) ? $0 : nil })
            ?? column("serial").flatMap({ unique.contains($0) ? $0 : nil })
        {
            return ([sample.columns[best]], "unique in \(rows) rows")
        }
        if states, let number = account.numberColumn {
            return ([sample.columns[number]], "the account's number; not unique in the sample")
        }
        let wanted = [
            "workOrder", "account.number", "season", "item", "meter", "at", "readAt", "paidAt", "measuredAt", "from",
            "on", "amount", "due",
        ]
        let parts = wanted.compactMap { $0 == "account.number" ? account.numberColumn : column($0) }
        var key: [Int] = []
        for part in parts where !key.contains(part) {
            key.append(part)
            if key.count > 1, isUnique(key) {
                return (key.map { sample.columns[$0] }, "together unique in \(rows) rows")
            }
        }
        if sample.batches.first?.origin.kind == .file, !key.isEmpty {
            return (
                key.map { sample.columns[$0] } + ["occurrence"], "nothing tells all rows apart: equal ones are numbered"
            )
        }
        let first = key.isEmpty ? [0] : key
        return (first.map { sample.columns[$0] }, "NOT unique in the sample: find what identifies a row")
    }

    private func isID(_ column: Int) -> Bool {
        let name = sample.columns[column].lowercased()
        let last = ColumnName.pieces(sample.columns[column]).last ?? ""
        let isCalled =
            ["id", "no", "number", "bh", "code", "lsh", "key", "pk"].contains(last) || name.hasSuffix("id")
            || name.hasSuffix("编号") || name.hasSuffix("流水号") || name.hasSuffix("单号") || name.hasSuffix("no")
        // An account's number identifies its card, and no line of it.
        if column == account.numberColumn { return entity == .account || entity == .premises }
        return isCalled && profiles[column].share(\.dates) < 900
    }

    private func isUnique(_ columns: [Int]) -> Bool {
        var seen: Set<String> = []
        let values = columns.map { sample.values($0) }
        for row in 0..<sample.rowCount { seen.insert(values.map { $0[row] ?? "" }.joined(separator: "\u{1F}")) }
        return seen.count * 1_000 >= 985 * sample.rowCount
    }
}
