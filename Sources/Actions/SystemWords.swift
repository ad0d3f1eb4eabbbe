import Disclosure
import Foundation
import HeatModel

/// What a legacy system says, as it may be kept and shown.
enum SystemWords {
    /// Without control characters, and no longer than people read.
    static func clean(_ text: String) -> String {
        let kept = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }
        var words = String(String.UnicodeScalarView(kept)).trimmingCharacters(in: .whitespaces)
        if words.count > 200 {
            var kept = words.prefix(199)
            // What is left of a number at the cut would not be known for one.
            while kept.last?.isNumber == true { kept.removeLast() }
            words = kept + "…"
        }
        return words
    }

    /// With what is personal in the request masked wherever the system repeats it, and telephone and ID numbers of anybody.
    static func masked(_ text: String, of request: ActionRequest) -> String {
        let personal = request.values.compactMap { field, value in field.mask.map { FreeText.Value(value, $0) } }
        let known = [request.values[.account], request.values[.order]].compactMap(\.self)
        return FreeText(personal: personal, known: known).masked(clean(text), of: .company)
    }
}

enum ActionErrors {
    static func unknownKind(_ kind: ActionKind) -> HearthError {
        HearthError(
            .actionUnknownKind, "the system cannot be asked for \(kind.rawValue)",
            advice: "add it under the source's actions, or ask another system")
    }

    static func noProof(_ message: String) -> HearthError {
        HearthError(
            .actionNoProof, message,
            advice: "it may have taken effect or not; it is asked about again before anything is sent")
    }
}
