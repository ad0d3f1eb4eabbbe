package import HeatModel
package import Records

/// How sure a suggestion is.
package enum Confidence: String, Sendable, Codable {
    /// Name and values agree, and nothing else fits.
    case sure
    /// Nothing else fits, but what speaks for it is weak.
    case likely
    /// Several fields fit, or the meaning of its values is not known: a person decides.
    case open
}

/// What a stream may be mapped as. Nothing of it is applied by itself.
package struct Suggestion: Sendable {
    package struct Field: Sendable {
        package var column: String
        /// As mapping files write it: `area.building`; `account.number` for the account's number. Of several the best one.
        package var field: String
        /// Others that fit as well.
        package var alternatives: [String]
        package var confidence: Confidence
        /// What the rule says: `{column: ysje, as: money(yuan)}`.
        package var rule: String
        package var evidence: [String]
        /// Why it stands as a comment; nil where it is applied.
        package var held: String?
        /// Whether a yes is all that is lacking.
        package var canBeAccepted: Bool { held != nil && !rule.isEmpty && !rule.contains("?") }
    }

    package let stream: StreamName
    package let entity: EntityKind
    package let entityConfidence: Confidence
    package let entityEvidence: String
    /// The entity that fits next best, where that is near.
    package let rival: EntityKind?
    package let key: [String]
    package let keyEvidence: String
    /// The column that grows with each change, as far as names and values tell.
    package let cursor: String?
    /// Whether every row of the sample has the cursor, in texts whose order is that of time.
    let canFollow: Bool
    package internal(set) var fields: [Field]
    /// Columns that no field takes.
    package let unmapped: [String]
    /// Whether this stream brings accounts in.
    package let introduces: Bool
    /// What to look at, a line each.
    package let remarks: [String]
    /// The mapping file, with comments. `plan` accepts it as it is.
    package internal(set) var text: String
    package let rows: Int

    /// Takes over a field that was held: a person has decided. Where its codes are not known, nothing changes.
    mutating func accept(_ field: Field) {
        guard let index = fields.firstIndex(where: { $0.field == field.field && $0.held != nil }), field.canBeAccepted
        else { return }
        fields[index].held = nil
        fields[index].confidence = .likely
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        text = lines.map { line in
            line.hasPrefix("  # \(field.field):") ? "  " + line.dropFirst(4) : line == "fields: {}" ? "fields:" : line
        }.joined(separator: "\n")
    }

    /// The fields that the file fills as it stands.
    package var applied: [Field] { fields.filter { $0.held == nil } }
}

/// Suggestions for the streams of some sources, made together: what one says helps to read another.
package struct SuggestionSet: Sendable {
    package let suggestions: [Suggestion]
    /// Streams that fit no entity, and why.
    package let unread: [(stream: StreamName, why: String)]
    /// `unified.yaml` for them.
    package let unified: String
}
