import HeatModel

/// What of an account a notice is about, as the store keeps it. One notice of a rule for each.
enum Occasion: Hashable, Sendable {
    /// A season's bill.
    case season(String)
    /// An order that the crew says is done: how often it was opened again before, and whether it is asked about once more.
    case done(order: String, round: Int, isAgain: Bool)
    case state(order: String, WorkOrderState)
    case outage(stream: Int64, key: [UInt8], NoticeRules.Phase)

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    var text: String {
        switch self {
        case .season(let season): season
        case .done(let order, let round, let isAgain): "\(order)#\(round).\(isAgain ? 2 : 1)"
        case .state(let order, let state): "\(order)#\(state.rawValue)"
        case .outage(let stream, let key, let phase): "\(stream)/\(Self.hex(key))#\(phase.rawValue)"
        }
    }

    /// Nil where the text is none of ours.
    init?(_ text: String, of kind: NoticeRules.Kind) {
        if kind == .arrears {
            self = .season(text)
            return
        }
        guard let mark = text.lastIndex(of: "#") else { return nil }
        let subject = String(text[..<mark])
        let rest = text[text.index(after: mark)...]
        switch kind {
        case .arrears: return nil
        case .followUp:
            let parts = rest.split(separator: ".")
            guard parts.count == 2, let round = Int(parts[0]) else { return nil }
            self = .done(order: subject, round: round, isAgain: parts[1] == "2")
        case .progress:
            guard let state = WorkOrderState(rawValue: String(rest)) else { return nil }
            self = .state(order: subject, state)
        case .outage:
            let parts = subject.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, let stream = Int64(parts[0]), let phase = NoticeRules.Phase(rawValue: String(rest)),
                parts[1].utf8.count % 2 == 0
            else { return nil }
            var key: [UInt8] = []
            var digits = parts[1][...]
            while !digits.isEmpty {
                guard let byte = UInt8(digits.prefix(2), radix: 16) else { return nil }
                key.append(byte)
                digits = digits.dropFirst(2)
            }
            self = .outage(stream: stream, key: key, phase)
        }
    }
}
