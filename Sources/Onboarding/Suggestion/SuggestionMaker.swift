import HeatModel
import Records

/// Makes the suggestion for one stream out of what was read of it.
struct SuggestionMaker {
    let sample: StreamSample
    let profiles: [ColumnProfile]
    let reading: EntityReading
    let rival: EntityReading?
    let numbers: Numbers
    let index: Int
    let isMaster: Bool
    let codeTables: [CodeReading.Table]
    let lexicon: Lexicon

    private var entity: EntityKind { reading.kind }

    func make() -> Suggestion {
        let assigned = FieldAssignment(reading, profiles: profiles, sample: sample)
        let account = AccountSuggestion(self, assigned)
        let (key, keyEvidence) = KeyGuess(
            sample: sample, profiles: profiles, assigned: assigned, account: account, entity: entity
        ).result
        let rules = RuleWriter(
            sample: sample, profiles: profiles, entity: entity, codeTables: codeTables, lexicon: lexicon)
        var fields: [Suggestion.Field] = account.fields
        for pick in assigned.picks where entity.field(named: pick.candidate.field) != nil {
            fields.append(rules.field(pick))
        }
        if entity.field(named: "number") != nil, !fields.contains(where: { $0.field == "number" }), key.count == 1,
            sample.columns.contains(key[0]), entity != .season
        {
            fields.append(
                Suggestion.Field(
                    column: key[0], field: "number", alternatives: [], confidence: .likely,
                    rule: "{column: \(YAMLText.plain(key[0])), as: text}", evidence: ["the key identifies the record"],
                    held: nil))
        }
        let order = entity.fields.map(\.name)
        fields.sort { left, right in
            (order.firstIndex(of: left.field) ?? -1, left.column) < (
                order.firstIndex(of: right.field) ?? -1, right.column
            )
        }
        let used = Set(fields.map(\.column) + account.columns + key)
        let cursor = assigned.picks.first { $0.candidate.field == "updatedAt" }.map { sample.columns[$0.column] }
        let voided = assigned.picks.first { $0.candidate.field == "voided" && $0.confidence != .open }
        var remarks = account.remarks
        if sample.defects > 0 {
            remarks.append("\(sample.defects) records of the sample could not be split into fields")
        }
        for field in fields where field.confidence == .open {
            remarks.append("\(field.column): \(field.held ?? "several fields fit")")
        }
        var draft = MappingDraft(
            stream: sample.name, entity: entity, entityNote: entityNote, key: key, keyNote: keyEvidence,
            account: account.lines, voided: voided.map { rules.voided($0.column) } ?? nil,
            nulls: rules.nulls, fields: fields,
            unmapped: sample.columns.filter {
                !used.contains($0) && $0 != cursor && $0 != voided.map { sample.columns[$0.column] }
            },
            cursor: cursor, rows: sample.rowCount)
        remarks += MappingTrial(sample).mend(&draft)
        let followed = assigned.picks.first { $0.candidate.field == "updatedAt" && $0.confidence != .open }?.column
        let canFollow = followed.map { column in
            profiles[column].filled == profiles[column].rows
                && Set(profiles[column].counts.keys.map(\.count)).count == 1
                && profiles[column].slashes == 0
        }
        return Suggestion(
            stream: sample.name, entity: entity, entityConfidence: entityConfidence, entityEvidence: entityNote,
            rival: isNear ? rival?.kind : nil, key: key, keyEvidence: keyEvidence, cursor: cursor,
            canFollow: canFollow ?? false, fields: draft.fields,
            unmapped: draft.unmapped, introduces: isMaster, remarks: remarks, text: draft.text, rows: sample.rowCount)
    }

    // MARK: Entity

    private var isNear: Bool {
        guard let rival else { return false }
        return rival.score * 100 > 80 * reading.score
    }

    private var entityConfidence: Confidence {
        let most = reading.isTold ? Confidence.sure : .likely
        guard let rival else { return most }
        if rival.score * 100 > 93 * reading.score { return .open }
        return rival.score * 100 > 70 * reading.score && (reading.byTable?.score ?? 0) < 500 ? .likely : most
    }

    private var entityNote: String {
        let known = reading.candidates.count { ($0.first?.score ?? 0) > 500 && $0.first?.field != "" }
        var note = "\(known) of \(sample.columns.count) columns are of a \(entity.rawValue)"
        if let how = reading.byTable?.how { note += "; the stream's name: \(how)" }
        if !reading.isTold {
            note += "; \(entity == .account ? "premises have" : "an account has") the same fields, and none tells which"
        }
        if isNear, let rival { note += "; a \(rival.kind.rawValue) is near" }
        return note
    }
}
