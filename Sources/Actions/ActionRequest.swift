import Disclosure
import Foundation
package import HeatModel
package import Store

/// What is asked for, checked: a kind and its fields.
package struct ActionRequest: Sendable, Hashable {
    package let kind: ActionKind
    package let values: [ActionField: String]

    /// - Parameter values: by the fields' names.
    /// - Throws: ``HearthError`` `action.badField` or `action.missingField`, which name the field and not its value.
    package init(_ kind: ActionKind, _ values: [String: String]) throws(HearthError) {
        self.kind = kind
        var checked: [ActionField: String] = [:]
        let known = kind.required.union(kind.optional)
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            guard let field = ActionField(rawValue: name), known.contains(field) else {
                throw HearthError(
                    .actionBadField, "\(kind.rawValue) has no field \"\(name)\"", at: .address(name),
                    advice: NearestName.advice(name, among: known.map(\.rawValue).sorted()))
            }
            if let problem = field.problem(with: value) {
                throw HearthError(
                    .actionBadField, "the field \(name) \(problem)", at: .address(name),
                    advice: "correct it, and ask again")
            }
            checked[field] = value
        }
        for field in kind.required.sorted(by: { $0.rawValue < $1.rawValue }) where checked[field] == nil {
            throw HearthError(
                .actionMissingField, "\(kind.rawValue) needs the field \(field.rawValue)",
                at: .address(field.rawValue), advice: "add it, and ask again")
        }
        self.values = checked
    }

    /// What the outbox keeps.
    ///
    /// - Throws: `store.corrupt` where the payload is none of ours.
    package init(kind: String, payload: [UInt8]) throws(HearthError) {
        do {
            guard let kind = ActionKind(rawValue: kind) else { throw HearthError(.actionUnknownKind, "unknown kind") }
            try self.init(kind, try JSONDecoder().decode([String: String].self, from: Data(payload)))
        } catch {
            throw HearthError(
                .storeCorrupt, "an action of the outbox cannot be read", at: .address("store"), cause: error)
        }
    }

    /// What it is about: an account by its number, a conversation by a name that no account has. Of one the actions go one after the other.
    package var account: String { values[.account] ?? values[.conversation].map(Self.name(ofConversation:)) ?? "" }

    package static func name(ofConversation number: some StringProtocol) -> String { "conversation/" + number }

    /// One JSON object, its keys in order: equal requests have equal bytes.
    package var payload: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let named = Dictionary(uniqueKeysWithValues: values.map { ($0.key.rawValue, $0.value) })
            return Array(try encoder.encode(named))
        }
    }

}

/// What we ask a system to keep with what it does, so that we find it again.
enum ActionReference {
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// How much of a reference must be left for it to be known by it: 40 bits of chance.
    static let leastPrefix = 8

    /// Sixteen characters that mean nothing, 80 bits of chance: so that also a part of it, where a system cuts it, is ours alone.
    static func make() -> String {
        var random = SystemRandomNumberGenerator()
        return String(decoding: (0..<16).map { _ in alphabet[Int(random.next(upperBound: UInt32(32)))] }, as: UTF8.self)
    }
}

extension StoredAction {
    /// What was asked for, by the names of its fields, what is personal masked.
    package var maskedFields: [String: String] {
        do {
            let request = try ActionRequest(kind: self.request.kind, payload: self.request.payload)
            return Dictionary(
                uniqueKeysWithValues: request.values.map { field, value in
                    (field.rawValue, field.mask.map { $0.text(value) } ?? value)
                })
        } catch {
            return ["unreadable": error.message]
        }
    }
}
