package import Disclosure
import HeatModel

/// A field of an action, by the name that requests, templates and the configuration have for it.
package enum ActionField: String, Sendable, Hashable, CaseIterable {
    /// Number of the account.
    case account
    /// The system's number of the order that it is about.
    case order
    /// What is wrong: `noHeat`, `notWarm`, `leak`, `temperature`, `valve`, `other` …
    case problem
    /// What the customer says.
    case words
    case phone
    /// `true` or `false`.
    case urgent
    /// When somebody should come: an instant with its offset.
    case wantedAt
    case reason
    /// `satisfied`, `neutral` or `dissatisfied`.
    case satisfaction
    case note
    /// Days, of a suspension: `2026-11-15`.
    case from, to
    /// Number of the notice that is told.
    case notice
    /// Number of the conversation that a message belongs to.
    case conversation
    /// Where a message goes, sealed by whoever can open it.
    case address
    /// When a message is worth nothing any more: an instant with its offset.
    case until

    /// How it is shown to whom may not see personal data; nil where it is none.
    package var mask: PersonalField.Mask? {
        switch self {
        case .account, .order, .problem, .urgent, .wantedAt, .satisfaction, .from, .to, .notice, .conversation, .until:
            nil
        case .address: .whole
        case .words: PersonalField.mask(ofKey: "description")
        case .phone: PersonalField.mask(ofKey: "phone")
        case .reason: PersonalField.mask(ofKey: "reason")
        case .note: PersonalField.mask(ofKey: "note")
        }
    }

    /// What is wrong with a value, in words that do not repeat it; nil where nothing is.
    func problem(with value: String) -> String? {
        if value.isEmpty { return "is empty" }
        let most = mask == nil ? 64 : 2000
        if value.count > most { return "is longer than \(most) characters" }
        if value.unicodeScalars.contains(where: { $0.value < 0x20 && $0 != "\n" && $0 != "\t" || $0.value == 0x7F }) {
            return "holds control characters"
        }
        switch self {
        case .urgent: return value == "true" || value == "false" ? nil : "must be true or false"
        case .wantedAt, .until:
            return Instant(value) == nil ? "must be an instant such as 2026-12-01T09:00:00+08:00" : nil
        case .from, .to: return CivilDate(value) == nil ? "must be a day such as 2026-11-15" : nil
        case .satisfaction:
            return ["satisfied", "neutral", "dissatisfied"].contains(value)
                ? nil : "must be satisfied, neutral or dissatisfied"
        default: return nil
        }
    }
}
