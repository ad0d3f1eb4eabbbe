package import HeatModel

/// One thing to look for, as `reconciliation.yaml` says it.
package struct Rule: Sendable {
    /// What the program knows how to compare.
    package enum Check: String, Sendable, CaseIterable {
        case accountMissing, accountUnstated, accountUnknown, orphan, ambiguous, contradictory, unreadable,
            repeatedRows, repeatedMoney,
            sharedPlace, weakLink, paidTwice, chargedTwice
        case disagreement
        case lineArrears, lineProduct, balance, payments, reversedCounted, unposted
        case tariff, relief, notRecomputed
        case suspendedCharged, disconnectedCharged, stoppedUnasked, refundMissing, notFollowedUp
        case controlTotals, runBooks
    }

    package enum Severity: String, Sendable, CaseIterable {
        case critical, high, medium, low
    }

    package var id: String
    package var check: Check
    package var severity: Severity
    /// A difference up to this is no finding: 元, hours, or the unit of the field.
    package var tolerance: ExactDecimal
    /// Whether a season should not be closed while such a finding stands.
    package var blocks: Bool
    package var zh: String
    package var en: String
    /// JSON keys of fields, kinds of cause, or kinds of entity; empty for all, `*` for the rest.
    package var selection: [String]
    /// Streams, where the check asks for one that has the account and one that has not.
    package var present: String
    package var lacks: String
    package var place: Place

    /// In fen.
    var allowedFen: Int64 { tolerance.rounded(places: 2, .truncate)?.units ?? 0 }

    /// The family that the id begins with: `tariff`.
    package var family: Substring { id.prefix { $0 != "." } }
}

/// Everything that a reconciliation looks for.
package struct RuleSet: Sendable {
    /// In the order of the file.
    package var rules: [Rule]
    /// The folder of the tariff files.
    package var tariffs: String
    /// Of accounts that do not say theirs.
    package var city: String?
    /// SHA-256 of the file's bytes.
    package var version: String

    /// The rule of a check that names this; else the one that takes the rest.
    func index(of check: Rule.Check, for name: String = "") -> Int? {
        var rest: Int?
        for (index, rule) in rules.enumerated() where rule.check == check {
            if rule.selection.contains(name) { return index }
            if rule.selection.isEmpty || rule.selection.contains("*") { rest = rest ?? index }
        }
        return rest
    }
}
