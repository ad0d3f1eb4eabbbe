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
        var words = clean(text)
        let personal = request.values.compactMap { field, value in field.mask.map { (value, $0) } }
        for (value, mask) in personal.sorted(by: { $0.0.count > $1.0.count }) {
            words = words.replacing(value, with: mask.text(value))
        }
        for (value, _) in personal { words = withoutParts(of: value, in: words) }
        let known = Set([request.values[.account], request.values[.order]].compactMap(\.self))
        return words.replacing(/[0-9](?:[ \-]?[0-9]){10,17}[Xx]?/) { match in
            let number = match.output.filter { $0 != " " && $0 != "-" }
            return known.contains(String(number))
                ? String(match.output) : PersonalField.Mask.number.text(String(number))
        }
    }

    /// Letters in a row, of a value that holds any, and digits of a number, by which a part of it is known.
    private static let leastLetters = 4
    private static let leastDigits = 7

    /// Without what of a value stands in a text: a system may quote it in part, cut off, on one line or with other marks between.
    private static func withoutParts(of value: String, in text: String) -> String {
        func isTold(_ character: Character) -> Bool { character.isLetter || character.isNumber }
        let told = value.filter(isTold).map(\.self)
        let length = min(told.count, told.allSatisfy(\.isNumber) ? leastDigits : leastLetters)
        if length < 2 { return text }
        let parts = Set((0...told.count - length).map { Array(told[$0..<$0 + length]) })
        let characters = Array(text)
        let places = characters.indices.filter { isTold(characters[$0]) }
        if places.count < length { return text }
        var hidden: [ClosedRange<Int>] = []
        for start in 0...places.count - length {
            let window = places[start..<start + length]
            guard parts.contains(window.map { characters[$0] }) else { continue }
            let range = places[start]...places[start + length - 1]
            if let last = hidden.last, range.lowerBound <= last.upperBound + 1 {
                hidden[hidden.count - 1] = last.lowerBound...range.upperBound
            } else {
                hidden.append(range)
            }
        }
        var result = characters
        for range in hidden.reversed() { result.replaceSubrange(range, with: "***") }
        return String(result)
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
