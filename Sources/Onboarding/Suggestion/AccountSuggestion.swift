import HeatModel
import Records

/// How a stream's records find their account.
struct AccountSuggestion {
    /// The lines under `account:`, indented by two, with comments.
    private(set) var lines: [String] = []
    /// What it is told of as a field.
    private(set) var fields: [Suggestion.Field] = []
    private(set) var columns: [String] = []
    private(set) var remarks: [String] = []
    private(set) var numberColumn: Int?

    init(_ maker: SuggestionMaker, _ assigned: FieldAssignment) {
        let sample = maker.sample
        let entity = maker.reading.kind
        if !entity.belongsToAccount { return }
        func pick(_ field: String) -> FieldAssignment.Pick? { assigned.picks.first { $0.candidate.field == field } }
        let taken = Set(assigned.picks.filter { !$0.candidate.field.hasPrefix("account.") }.map(\.column))
        func name(_ column: Int) -> String { YAMLText.plain(sample.columns[column]) }

        // The number: by its name, or by values that are known account numbers.
        var number = pick("account.number")
        var shared = number.flatMap { maker.numbers.accounts(maker.index, $0.column) }
        if (shared?.share ?? 1_000) < 50 {
            remarks.append(
                "\(sample.columns[number!.column]) is called as an account number, and none of its values is one")
            number = nil
            shared = nil
        }
        if number == nil || number?.confidence == .open {
            let byValues = sample.columns.indices.filter { !taken.contains($0) }.compactMap {
                maker.numbers.accounts(maker.index, $0)
            }.filter { $0.share > 500 && $0.of >= 5 }.max { $0.share < $1.share }
            if let byValues, number?.column != byValues.column || shared == nil {
                shared = byValues
                let candidate = EntityReading.Candidate(
                    field: "account.number", score: byValues.share, evidence: [], byName: 0, byValues: byValues.share)
                number = FieldAssignment.Pick(
                    column: byValues.column, candidate: candidate, confidence: .likely, rivals: [], rivalColumns: [])
            }
        }
        if let found = number {
            var evidence = found.candidate.evidence
            var confidence = found.confidence
            if let shared {
                evidence.append("\(shared.hits) of \(shared.of) values stand in \(shared.with)")
                if shared.share > 800 { confidence = .sure } else if shared.share < 300 { confidence = .open }
            }
            lines.append(
                "  column: \(name(found.column))        # \(confidence.rawValue): \(YAMLText.oneLine(evidence.joined(separator: "; ")))"
            )
            lines.append("  as: accountNumber")
            fields.append(
                Suggestion.Field(
                    column: sample.columns[found.column], field: "account.number", alternatives: found.rivals,
                    confidence: confidence, rule: "{column: \(name(found.column)), as: accountNumber}",
                    evidence: evidence, held: nil))
            columns.append(sample.columns[found.column])
            numberColumn = found.column
            let lengths = Set(
                maker.profiles[found.column].counts.keys.filter { $0.allSatisfy(\.isNumber) }.map(\.count))
            if lengths.contains(8), lengths.contains(where: { $0 < 8 }) {
                remarks.append(
                    "\(sample.columns[found.column]) holds numbers of 8 and of fewer digits: where a spreadsheet took leading zeros, `as: accountNumber(8)` gives them back"
                )
            }
        }
        identify(maker, pick("account.id"), taken)
        place(maker, pick, introduces: maker.isMaster)
        if maker.isMaster { lines.append("  introduces: true        # the stream that brings accounts in") }
        if lines.isEmpty, entity.belongsToAccount, !(entity == .workOrderEvent && pick("workOrder") != nil) {
            remarks.append("no column names the account: give `account:` before a sync")
        }
    }

    /// Another system's own id.
    private mutating func identify(_ maker: SuggestionMaker, _ id: FieldAssignment.Pick?, _ taken: Set<Int>) {
        let sample = maker.sample
        if let registered = maker.numbers.registers(maker.index) {
            lines.append(
                "  registers: {system: \(sample.name.source), column: \(YAMLText.plain(registered))}        # this row says whose id it is"
            )
            add(registered, "account.id", .likely, id?.candidate.evidence ?? [])
            return
        }
        // A column called so, or one whose values are known ids.
        let columns =
            id.map { [$0.column] }
            ?? sample.columns.indices.filter { column in
                let words = ColumnName.pieces(sample.columns[column])
                let isCalled = words.last == "id" || sample.columns[column].lowercased().hasSuffix("id")
                return !taken.contains(column) && column != numberColumn && isCalled
            }
        let found = columns.compactMap { column in
            maker.numbers.system(maker.index, column, least: id == nil ? 5 : 1).map { (column, $0) }
        }
        .max { $0.1.shared.share < $1.1.shared.share }
        if let (column, match) = found {
            let evidence =
                (id?.candidate.evidence ?? []) + [
                    "\(match.shared.hits) of \(match.shared.of) values stand in \(match.shared.with)"
                ]
            lines.append(
                "  crosswalk: {system: \(match.system), column: \(YAMLText.plain(sample.columns[column]))}        # \(YAMLText.oneLine(evidence.joined(separator: "; ")))"
            )
            add(sample.columns[column], "account.id", match.shared.share > 900 ? .sure : .likely, evidence)
        } else if let id {
            remarks.append(
                "\(sample.columns[id.column]) looks like a system's own id of the account, and no stream says whose")
        }
    }

    /// By place, where the stream does not make accounts itself.
    private mutating func place(
        _ maker: SuggestionMaker, _ pick: (String) -> FieldAssignment.Pick?, introduces: Bool
    ) {
        let sample = maker.sample
        guard !introduces, maker.reading.kind != .account, maker.reading.kind != .premises,
            let community = pick("community"), community.confidence != .open
        else { return }
        let parts = ["building", "unit", "room"].compactMap { part in pick(part).map { (part, $0) } }
        var text = "community: \(YAMLText.plain(sample.columns[community.column]))"
        if let address = pick("address"), address.confidence != .open {
            text += ", column: \(YAMLText.plain(sample.columns[address.column]))"
            add(sample.columns[address.column], "address", address.confidence, address.candidate.evidence)
        } else if parts.count == 3 {
            text += parts.map { ", \($0.0): \(YAMLText.plain(sample.columns[$0.1.column]))" }.joined()
        } else {
            return
        }
        lines.append("  address: {\(text)}")
        add(sample.columns[community.column], "community", community.confidence, community.candidate.evidence)
    }

    private mutating func add(_ column: String, _ field: String, _ confidence: Confidence, _ evidence: [String]) {
        columns.append(column)
        if fields.contains(where: { $0.field == field }) { return }
        fields.append(
            Suggestion.Field(
                column: column, field: field, alternatives: [], confidence: confidence, rule: "", evidence: evidence,
                held: nil))
    }
}
