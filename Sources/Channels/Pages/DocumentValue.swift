import JSONText

/// A document of ours as a tree, its members in their order. Pages show documents by it: what a document does not say is ``none``, and
/// what it has one day that no page knows harms none.
package enum DocumentValue: Sendable {
    package struct Member: Sendable {
        package var name: String
        package var value: DocumentValue
    }

    case object([Member])
    case list([DocumentValue])
    case text(String)
    /// As it is written.
    case number(String)
    case flag(Bool)
    case none

    /// - Parameter json: as ``AnswerDocument`` has it, without blanks between its parts.
    package init(_ json: [UInt8]) {
        self = json.withUnsafeBytes { bytes in
            var cursor = JSONCursor(bytes: bytes)
            return Self.read(&cursor, depth: 0)
        }
    }

    private static func read(_ cursor: inout JSONCursor, depth: Int) -> DocumentValue {
        // Ours are never so deep.
        guard depth < 64 else {
            cursor.skip()
            return .none
        }
        if cursor.beginObject() {
            var members: [Member] = []
            while let key = cursor.nextKey() {
                members.append(
                    Member(name: String(decoding: key, as: UTF8.self), value: read(&cursor, depth: depth + 1)))
            }
            return .object(members)
        }
        if cursor.beginArray() {
            var items: [DocumentValue] = []
            while cursor.nextElement() { items.append(read(&cursor, depth: depth + 1)) }
            return .list(items)
        }
        let value = cursor.value()
        if let text = value.jsonText { return .text(text) }
        if let flag = value.boolean { return .flag(flag) }
        return value.isEmpty || value.equals("null") ? .none : .number(value.text)
    }

    package subscript(name: String) -> DocumentValue {
        members.first { $0.name == name }?.value ?? .none
    }

    package var members: [Member] { if case .object(let members) = self { members } else { [] } }
    package var items: [DocumentValue] { if case .list(let items) = self { items } else { [] } }

    /// A text, or a number as it is written.
    package var text: String? {
        switch self {
        case .text(let text), .number(let text): text
        case .flag, .list, .object, .none: nil
        }
    }

    package var isThere: Bool { if case .none = self { false } else { true } }
    package var integer: Int64? { if case .number(let text) = self { Int64(text) } else { nil } }
    package var flag: Bool? { if case .flag(let flag) = self { flag } else { nil } }
}
