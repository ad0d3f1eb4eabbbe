import HeatModel
import JSONText

/// What counts as told of an account and is not what its view says: what was passed over as an old reading, what has vanished.
///
/// Of nearly every account there is none: what its view says counts as told.
struct EventMemory: Equatable {
    var orders: [String: OrderStanding] = [:]
    /// When each was paid, as far as that is known, and where it stood.
    var payments: [String: (standing: String, at: Int64)] = [:]
    var bills: [String: Fen] = [:]
    var state: String?
    var valve: String?

    init() {}

    static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }

    var isEmpty: Bool { orders.isEmpty && payments.isEmpty && bills.isEmpty && state == nil && valve == nil }

    init(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            var members = JSONMembers(bytes)
            while let (key, value) = members.next() {
                switch key.text {
                case "orders": Self.read(value) { name, parts in self.take(order: name, parts) }
                case "payments":
                    Self.read(value) { name, parts in
                        if parts.count == 2, let at = Int64(parts[1]) { payments[name] = (parts[0], at) }
                    }
                case "bills":
                    Self.read(value) { name, parts in
                        if let due = parts.first.flatMap({ Int64($0) }) { bills[name] = Fen(due) }
                    }
                case "state": state = value.text
                case "valve": valve = value.text
                default: break
                }
            }
        }
    }

    private mutating func take(order name: String, _ parts: [String]) {
        guard parts.count == 4, let stage = Int(parts[0]).flatMap({ OrderStage(rawValue: $0) }) else { return }
        orders[name] = OrderStanding(
            stage: stage, at: Int64(parts[1]), noticed: Int64(parts[2]), hasReturned: parts[3] == "1")
    }

    /// Each member's list, as texts.
    private static func read(_ object: UnsafeRawBufferPointer, _ take: (String, [String]) -> Void) {
        var members = JSONMembers(object)
        while let (name, list) = members.next() {
            var parts: [String] = []
            var elements = JSONMembers(list)
            while let (_, element) = elements.next() { parts.append(element.text) }
            take(name.quotedText, parts)
        }
    }

    var bytes: [UInt8] {
        var json = JSONBytes()
        json.raw("{")
        func write(_ name: String, _ entries: [String: [String]], _ json: inout JSONBytes) {
            if entries.isEmpty { return }
            json.key(name)
            json.raw("{")
            for (name, parts) in entries.sorted(by: { $0.key < $1.key }) { json.member(name, parts) }
            json.raw("}")
        }
        func text(_ number: Int64?) -> String { number.map { String($0) } ?? "" }
        write(
            "orders",
            orders.mapValues { ["\($0.stage.rawValue)", text($0.at), text($0.noticed), $0.hasReturned ? "1" : "0"] },
            &json)
        write("payments", payments.mapValues { [$0.standing, text($0.at)] }, &json)
        write("bills", bills.mapValues { [text($0.amount)] }, &json)
        json.member("state", state)
        json.member("valve", valve)
        json.raw("}")
        return json.bytes
    }
}

extension UnsafeRawBufferPointer {
    /// A key's inside as text, escapes resolved.
    fileprivate var quotedText: String {
        var quoted: [UInt8] = [0x22]
        quoted.append(contentsOf: self)
        quoted.append(0x22)
        return quoted.withUnsafeBytes { $0.text }
    }
}
