import Foundation
import HeatModel
import Understanding

/// What a customer's words or keys give where something is asked for.
enum SlotReader {
    /// The value of what is asked for; nil where the words do not give it.
    static func value(of slot: Slot, in text: String, _ heard: Slots?, bound: [String]) -> String? {
        let text = text.precomposedStringWithCompatibilityMapping
        switch slot {
        case .account:
            if let number = heard?.account, isAccount(number) { return number }
            let digits = text.filter { !" -".contains($0) }
            return isAccount(digits) ? digits : nil
        case .idLastSix:
            if let digits = heard?.idLastSix { return digits }
            let digits = text.filter { !$0.isWhitespace }.uppercased()
            return isLastSix(digits) ? digits : nil
        case .phone:
            let digits = text.filter(\.isASCIIDigit)
            return (7...15).contains(digits.count) && text.filter(\.isLetter).count <= 12 ? digits : nil
        case .address: return heard.flatMap { stated(.address, $0) }
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
            if text.contains("不满意") || text.contains("差") { return "1" }
            if text.contains("一般") || text.contains("还行") { return "3" }
            if text.contains("满意") || text.contains("好") { return "5" }
            return nil
        case .photo: return nil
        case .symptom, .time, .words: return text.isEmpty ? nil : String(text.prefix(300))
        }
    }

    /// The same where it is told in passing.
    static func stated(_ slot: Slot, _ heard: Slots) -> String? {
        switch slot {
        case .account: heard.account.flatMap { isAccount($0) ? $0 : nil }
        case .address: address(heard)
        case .symptom: heard.symptom
        case .time: heard.time
        case .temperature: heard.temperature
        // Digits beside a question are not taken for a proof of who speaks.
        default: nil
        }
    }

    /// 阳光花园3号楼2单元501: without a building or a room it is no address.
    private static func address(_ heard: Slots) -> String? {
        guard let community = heard.community, let building = heard.building, let room = heard.room else { return nil }
        let unit = heard.unit.map { "\($0)单元" } ?? ""
        return "\(community)\(building)号楼\(unit)\(room)"
    }

    static func isAccount(_ text: String) -> Bool {
        (4...20).contains(text.utf8.count) && text.allSatisfy(\.isASCIIDigit)
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
