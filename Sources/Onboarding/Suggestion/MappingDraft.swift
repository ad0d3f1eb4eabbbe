import HeatModel
import Records

/// A mapping file that is being written.
struct MappingDraft {
    var stream: StreamName
    var entity: EntityKind
    var entityNote: String
    var key: [String]
    var keyNote: String
    /// Lines under `account:`.
    var account: [String]
    var voided: String?
    var nulls: [String]
    var fields: [Suggestion.Field]
    var unmapped: [String]
    var cursor: String?
    var rows: Int

    /// Fields of the entity; the account's own are told under `account:`.
    private var entityFields: [Suggestion.Field] { fields.filter { !$0.rule.isEmpty && $0.field != "account.number" } }

    var text: String {
        var lines = [
            "# Suggested from \(rows) rows of \(stream). \"sure\": name and values agree; \"likely\": nothing else fits; \"open\": yours to decide,",
            "# and a comment until then. Look at it with preview before a sync.",
            "# \(entity.rawValue): \(YAMLText.oneLine(entityNote))", "entity: \(entity.rawValue)", "from: \(stream)",
            "key: \(YAMLText.list(key))        # \(keyNote)",
        ]
        if !account.isEmpty {
            lines.append("account:")
            lines += account
        } else if entity.belongsToAccount, !(entity == .workOrderEvent) {
            lines.append(
                "account: {column: \(YAMLText.plain(key.first ?? "")), as: accountNumber}        # open: no column names the account; this one is wrong unless you say so"
            )
        }
        if let voided { lines.append("voided: \(voided)") }
        if !nulls.isEmpty { lines.append("null: [\(nulls.map(YAMLText.quoted).joined(separator: ", "))]") }
        let applied = entityFields.filter { $0.held == nil }
        lines.append(applied.isEmpty ? "fields: {}" : "fields:")
        let width = entityFields.map(\.field.count).max() ?? 0
        for field in entityFields {
            let blanks = String(repeating: " ", count: width - field.field.count + 1)
            let why = ([field.held].compactMap { $0 } + field.evidence).joined(separator: "; ")
            let mark = field.held == nil ? "  " : "  # "
            lines.append(
                "\(mark)\(field.field):\(blanks)\(field.rule)        # \(field.confidence.rawValue): \(YAMLText.oneLine(why))"
            )
        }
        if let cursor {
            lines.append(
                "# \(YAMLText.oneLine(cursor)) grows with each change: `cursor: \(YAMLText.oneLine(cursor))` in the stream's configuration"
            )
        }
        if !unmapped.isEmpty { lines.append("# Not mapped: \(YAMLText.oneLine(unmapped.joined(separator: ", ")))") }
        return lines.joined(separator: "\n") + "\n"
    }
}
