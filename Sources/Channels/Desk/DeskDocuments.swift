import Foundation
import Pages

/// What of the documents the page shows.
struct HandOffList: Decodable {
    var handOffs: [Item]
    /// After which one there are more.
    var next: Int64?

    struct Item: Decodable {
        var handOff: Int64
        var conversation: Int64
        var state: String
        var why: String
        var owner: String?
        var channel: String?
        var accountNumber: String?
        var waitedSeconds: Int64?
        var elderly: Bool?
        var suggested: String?
    }
}

struct HandOffDocument: Decodable {
    var handOff: Int64
    var conversation: Int64
    var state: String
    var why: String
    var owner: String?
    var accountNumber: String?
    var card: CardValue
    var account: CardValue?
}

struct ConversationDocument: Decodable {
    var turns: [Turn]
    var channel: String

    struct Turn: Decodable {
        var turn: Int64?
        var speaker: String?
        var at: String?
        var words: String?
    }
}

/// A part of a card, whatever it is: cards grow, and what is new is shown as it is.
enum CardValue: Decodable {
    case text(String)
    case number(String)
    case flag(Bool)
    case list([CardValue])
    case object([(name: String, value: CardValue)])
    case none

    private struct Name: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        if let fields = try? decoder.container(keyedBy: Name.self) {
            self = .object(
                try fields.allKeys.sorted { $0.stringValue < $1.stringValue }.map {
                    ($0.stringValue, try fields.decode(CardValue.self, forKey: $0))
                })
            return
        }
        if var items = try? decoder.unkeyedContainer() {
            var list: [CardValue] = []
            while !items.isAtEnd { list.append(try items.decode(CardValue.self)) }
            self = .list(list)
            return
        }
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .none
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let flag = try? value.decode(Bool.self) {
            self = .flag(flag)
        } else {
            self = .number("\(try value.decode(Decimal.self))")
        }
    }

    subscript(name: String) -> CardValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// Nil where it is no text and no number.
    var text: String? {
        switch self {
        case .text(let text), .number(let text): text
        case .flag, .list, .object, .none: nil
        }
    }

    var isTrue: Bool { if case .flag(true) = self { true } else { false } }

    /// For a person; nil where it has parts, or is nothing.
    func words(_ say: Tongue) -> String? {
        if case .flag(let flag) = self { flag ? say("是", "yes") : say("否", "no") } else { text }
    }
}
