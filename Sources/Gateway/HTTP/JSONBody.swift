import Answers
import Foundation

/// A JSON object that a caller sent: checked for UTF-8, for form, for fields that stand twice, and for fields that are not known.
struct JSONBody {
    let members: [String: Any]

    init(_ bytes: [UInt8], fields: [String]) throws(Problem) {
        members = try Self.object(bytes)
        for name in members.keys.sorted() where !fields.contains(name) {
            throw Problem(
                400, "unknown-field", "The body holds a field that is not known",
                detail: "\"\(name.prefix(64))\" is not known here; there are: \(fields.joined(separator: ", "))",
                parameter: String(name.prefix(64)))
        }
    }

    static func object(_ bytes: [UInt8]) throws(Problem) -> [String: Any] {
        if String(validating: bytes, as: UTF8.self) == nil {
            throw Problem(400, "malformed-json", "The body is not UTF-8", detail: "JSON is UTF-8 (RFC 8259)")
        }
        // UTF-16 without a mark is UTF-8 full of NULs, and would be read as what no check has seen.
        if bytes.contains(0) {
            throw Problem(400, "malformed-json", "The body is not JSON", detail: "a NUL stands in it")
        }
        let value: Any
        do {
            value = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
        } catch {
            throw Problem(400, "malformed-json", "The body is not JSON", detail: "it must be one JSON object")
        }
        guard let object = value as? [String: Any] else {
            throw Problem(400, "malformed-json", "The body is not a JSON object", detail: "it must be one JSON object")
        }
        if let key = RepeatedKey.first(in: bytes) {
            throw Problem(
                400, "malformed-json", "A field stands twice in the body",
                detail: "\"\(key.prefix(64))\" may stand only once", parameter: String(key.prefix(64)))
        }
        return object
    }
}
