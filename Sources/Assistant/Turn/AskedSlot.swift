import Foundation
import HeatModel
import Understanding

/// What a customer's words or keys give where something is asked for.
enum AskedSlot {
    /// The value of what is asked for; nil where the words do not give it.
    ///
    /// - Parameter digits: that the number of every account has; nil where a company's differ.
    static func value(
        of slot: Slot, in text: String, _ heard: Slots?, bound: [String], accountDigits digits: Int? = nil
    ) -> String? {
        let text = text.precomposedStringWithCompatibilityMapping
        switch slot {
        case .account:
            if let number = heard?.account, isAccount(number, digits) { return number }
            let written = SaidDigits.written(text)
            if isAccount(written, digits) { return written }
            let rows = rows(written).filter { $0.count == digits ?? usualDigits }
            return rows.count == 1 ? rows[0] : nil
        case .idLastSix:
            if let digits = heard?.idLastSix { return digits }
            let rows = rows(SaidDigits.written(text)).filter { $0.count == 6 || $0.count == 18 }
            guard rows.count == 1 else { return nil }
            let six = String(rows[0].suffix(6))
            return isLastSix(six) ? six : nil
        case .phone:
            if let phone = heard?.phone { return phone }
            let digits = SaidDigits.written(text).filter(\.isASCIIDigit)
            return (7...15).contains(digits.count) && text.filter(\.isLetter).count <= 12 ? digits : nil
        case .address: return heard.flatMap { stated(.address, $0, accountDigits: digits) }
        case .temperature:
            if let stated = heard?.temperature { return stated }
            let number = text.filter { $0.isASCIIDigit || $0 == "." }
            return tenths(number) == nil ? nil : number
        case .which:
            let digits = text.filter(\.isASCIIDigit)
            if bound.contains(digits) { return digits }
            let ends = bound.filter { digits.count >= 3 && $0.hasSuffix(digits) }
            return ends.count == 1 ? ends[0] : nil
        case .satisfaction:
            if let score = Int(text), (1...5).contains(score) { return "\(score)" }
            // Turned round before what it turns round.
            let isBad = ["不满意", "不太满意", "不好", "不太好", "没好", "没修好", "差"].contains(where: text.contains)
            if isBad, !text.contains("不差") { return "1" }
            if text.contains("一般") || text.contains("还行") { return "3" }
            if text.contains("满意") || text.contains("好") { return "5" }
            return nil
        case .photo: return nil
        case .symptom, .time, .words: return text.isEmpty ? nil : String(text.prefix(300))
        }
    }

    /// The same where it is told in passing.
    static func stated(_ slot: Slot, _ heard: Slots, accountDigits digits: Int?) -> String? {
        switch slot {
        case .account: heard.account.flatMap { isAccount($0, digits) ? $0 : nil }
        case .address: AddressPieces(heard).whole
        case .phone: heard.phone
        case .symptom: heard.symptom
        case .time: heard.time
        case .temperature: heard.temperature
        // Digits beside a question are not taken for a proof of who speaks.
        default: nil
        }
    }

    /// Digits of most companies' numbers: what has so many is one wherever it is said.
    private static let usualDigits = 8

    static func isAccount(_ text: String, _ digits: Int?) -> Bool {
        guard (4...20).contains(text.utf8.count), text.allSatisfy(\.isASCIIDigit) else { return false }
        if let digits { return text.utf8.count == digits }
        // The last six of an identity card, the whole of one, or a mobile telephone.
        return ![6, 15, 18].contains(text.utf8.count) && !(text.utf8.count == 11 && text.hasPrefix("1"))
    }

    /// How many digits somebody said where the number of an account has another count of them; nil where they said no row of digits, or
    /// more than that.
    static func wrongCount(in text: String, accountDigits digits: Int?) -> Int? {
        guard let digits else { return nil }
        let written = SaidDigits.written(text.precomposedStringWithCompatibilityMapping)
        let rows = rows(written).map { $0.filter(\.isASCIIDigit) }
        guard rows.count == 1, (3...20).contains(rows[0].count), rows[0].count != digits,
            written.filter(\.isLetter).count <= 10
        else { return nil }
        return rows[0].count
    }

    /// Words that are the number of an account, and at most the word for it, or the last six beside it.
    static func loneAccount(_ text: String, _ digits: Int?) -> String? {
        guard let (number, letters) = inFewWords(text, digits) else { return nil }
        return ["户号", ""].contains(String(letters.prefix(2))) ? number : nil
    }

    /// The number in a few words that put another right: 不对,是 01000024.
    static func corrected(_ text: String, _ digits: Int?) -> String? {
        // Digits beside it may be the proof that is asked for.
        let written = SaidDigits.written(text.precomposedStringWithCompatibilityMapping)
        return written.filter(\.isASCIIDigit).count == digits ?? usualDigits ? inFewWords(text, digits)?.number : nil
    }

    /// The one number of an account in a few words, and the letters of these.
    private static func inFewWords(_ text: String, _ digits: Int?) -> (number: String, letters: String)? {
        let written = SaidDigits.written(text.precomposedStringWithCompatibilityMapping)
        let letters = written.filter { $0.isLetter && $0 != "X" }
        let numbers = rows(written).filter { $0.count == digits ?? usualDigits }
        return letters.count <= 10 && numbers.count == 1 ? (numbers[0], letters) : nil
    }

    /// The last six of an identity card that are told together with a number.
    static func lastSix(beside number: String, _ words: String) -> String? {
        let rest = SaidDigits.written(words.precomposedStringWithCompatibilityMapping).replacing(number, with: ",")
        let found = rows(rest).filter { $0.count == 6 }
        return found.count == 1 && isLastSix(found[0]) ? found[0] : nil
    }

    /// Digits in a row, with an X behind them.
    private static func rows(_ text: String) -> [String] {
        var found: [String] = []
        var row = ""
        for character in text {
            if character.isASCIIDigit {
                row.append(character)
            } else {
                if !row.isEmpty { found.append(character == "X" ? row + "X" : row) }
                row = ""
            }
        }
        return row.isEmpty ? found : found + [row]
    }

    static func isLastSix(_ text: String) -> Bool {
        text.utf8.count == 6 && text.prefix(5).allSatisfy(\.isASCIIDigit)
            && text.last.map { $0.isASCIIDigit || $0 == "X" } == true
    }

    /// Tenths of a degree: of `13-14` the lower. Nil for what no home has.
    static func tenths(_ text: String) -> Int? {
        let first = text.split(separator: "-").first.map(String.init) ?? text
        let parts = first.split(separator: ".", maxSplits: 1).map(String.init)
        guard let whole = parts.first.flatMap({ Int($0) }), (0...45).contains(whole) else { return nil }
        let tenth = parts.count > 1 ? parts[1].first?.wholeNumberValue ?? 0 : 0
        return whole * 10 + tenth
    }
}

extension Character {
    var isASCIIDigit: Bool { isASCII && isNumber }
}
