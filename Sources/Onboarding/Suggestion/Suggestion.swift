public import HeatModel
public import Records

/// How sure a suggestion is.
public enum Confidence: String, Sendable, Codable {
    /// Name and values agree, and nothing else fits.
    case sure
    /// Nothing else fits, but what speaks for it is weak.
    case likely
    /// Several fields fit, or the meaning of its values is not known: a person decides.
    case open
}

/// What a stream may be mapped as. Nothing of it is applied by itself.
public struct Suggestion: Sendable {
    public struct Field: Sendable {
        public var column: String
        /// As mapping files write it: `area.building`; `account.number` for the account's number. Of several the best one.
        public var field: String
        /// Others that fit as well.
        public var alternatives: [String]
        public var confidence: Confidence
        /// What the rule says: `{column: ysje, as: money(yuan)}`.
        public var rule: String
        public var evidence: [String]
        /// Why it stands as a comment; nil where it is applied.
        public var held: String?
        /// Whether a yes is all that is lacking.
        public var canBeAccepted: Bool { held != nil && !rule.isEmpty && !rule.contains("?") }
    }

    public let stream: StreamName
    public let entity: EntityKind
    public let entityConfidence: Confidence
    public let entityEvidence: String
    /// The entity that fits next best, where that is near.
    public let rival: EntityKind?
    public let key: [String]
    public let keyEvidence: String
    /// The column that grows with each change, as far as names and values tell.
    public let cursor: String?
    /// Whether every row of the sample has the cursor, in texts whose order is that of time.
    let canFollow: Bool
    public internal(set) var fields: [Field]
    /// Columns that no field takes.
    public let unmapped: [String]
    /// Whether this stream brings accounts in.
    public let introduces: Bool
    /// What to look at, a line each.
    public let remarks: [String]
    /// The mapping file, with comments. `plan` accepts it as it is.
    public internal(set) var text: String
    public let rows: Int

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
    public var applied: [Field] { fields.filter { $0.held == nil } }
}

/// Suggestions for the streams of some sources, made together: what one says helps to read another.
public struct SuggestionSet: Sendable {
    public let suggestions: [Suggestion]
    /// Streams that fit no entity, and why.
    public let unread: [(stream: StreamName, why: String)]
    /// `unified.yaml` for them.
    public let unified: String
}
