package import Answers
package import Foundation

/// A JSON object that somebody sent, whichever door it came through: checked for UTF-8, for form, for depth, for fields that stand twice,
/// and for fields that are not known.
package struct JSONBody {
    package let members: [String: Any]

    /// Arrays and objects within one another that a body may have: none that is sent here has more than three.
    static let mostDepth = 32

    package init(_ bytes: [UInt8], fields: [String]) throws(Problem) {
        members = try Self.object(bytes)
        for name in members.keys.sorted() where !fields.contains(name) {
            throw Problem(
                .malformed, "unknown-field", "The body holds a field that is not known",
                detail: "\"\(name.prefix(64))\" is not known here; there are: \(fields.joined(separator: ", "))",
                parameter: String(name.prefix(64)))
        }
    }

    /// A text, or nil where it is missing or null.
    ///
    /// - Throws: a problem that names the field where it is anything else.
    package func text(_ name: String) throws(Problem) -> String? {
        guard let value = members[name], !(value is NSNull) else { return nil }
        guard let text = value as? String else { throw .parameter(name, "must be a text") }
        return text
    }

    /// A whole number, or nil where it is missing or null.
    ///
    /// - Throws: a problem that names the field where it is anything else, 1.5 and true among them.
    package func integer(_ name: String) throws(Problem) -> Int? {
        guard let value = members[name], !(value is NSNull) else { return nil }
        guard let number = value as? NSNumber, !Self.isBoolean(number), let whole = Int(exactly: number.doubleValue)
        else { throw .parameter(name, "must be a whole number") }
        return whole
    }

    /// Whether it is true or false, or nil where it is missing or null.
    ///
    /// - Throws: a problem that names the field where it is anything else.
    package func flag(_ name: String) throws(Problem) -> Bool? {
        guard let value = members[name], !(value is NSNull) else { return nil }
        guard let number = value as? NSNumber, Self.isBoolean(number) else {
            throw .parameter(name, "must be one of true, false")
        }
        return number.boolValue
    }

    /// JSON's true and false are numbers to its reader.
    package static func isBoolean(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }

    private static func isTooDeep(_ bytes: [UInt8]) -> Bool {
        var (depth, isText, isEscaped) = (0, false, false)
        for byte in bytes {
            if isText {
                if isEscaped {
                    isEscaped = false
                } else if byte == 0x5C {
                    isEscaped = true
                } else if byte == 0x22 {
                    isText = false
                }
                continue
            }
            switch byte {
            case 0x22: isText = true
            case 0x7B, 0x5B:
                depth += 1
                if depth > mostDepth { return true }
            case 0x7D, 0x5D: depth -= 1
            default: break
            }
        }
        return false
    }

    /// The members of a body whose fields nobody has named.
    package static func object(_ bytes: [UInt8]) throws(Problem) -> [String: Any] {
        if String(validating: bytes, as: UTF8.self) == nil {
            throw Problem(.malformed, "malformed-json", "The body is not UTF-8", detail: "JSON is UTF-8 (RFC 8259)")
        }
        // UTF-16 without a mark is UTF-8 full of NULs, and would be read as what no check has seen.
        if bytes.contains(0) {
            throw Problem(.malformed, "malformed-json", "The body is not JSON", detail: "a NUL stands in it")
        }
        if isTooDeep(bytes) {
            throw Problem(.malformed, "malformed-json", "The body is nested too deeply", detail: "at most \(mostDepth) levels")
        }
        let value: Any
        do {
            value = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
        } catch {
            throw Problem(.malformed, "malformed-json", "The body is not JSON", detail: "it must be one JSON object")
        }
        guard let object = value as? [String: Any] else {
            throw Problem(.malformed, "malformed-json", "The body is not a JSON object", detail: "it must be one JSON object")
        }
        if let key = RepeatedKey.first(in: bytes) {
            throw Problem(
                .malformed, "malformed-json", "A field stands twice in the body",
                detail: "\"\(key.prefix(64))\" may stand only once", parameter: String(key.prefix(64)))
        }
        return object
    }
}
