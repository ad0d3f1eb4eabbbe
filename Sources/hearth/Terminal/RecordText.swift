import Foundation
import HeatModel

/// Record keys for people: the parts of a key of several columns joined by a comma.
enum RecordKey {
    static func text(_ bytes: [UInt8]) -> String { text(String(decoding: bytes, as: UTF8.self)) }
    static func text(_ key: String) -> String { key.replacingOccurrences(of: "\u{1F}", with: ",") }
    static func bytes(_ text: String) -> [UInt8] { Array(text.replacingOccurrences(of: ",", with: "\u{1F}").utf8) }
}

/// The fields in which two canonical bodies differ.
enum BodyDifference {
    static func fields(_ before: [UInt8]?, _ after: [UInt8]?) -> [String] {
        guard let before, let after else { return [] }
        let old = object(before)
        let new = object(after)
        return Set(old.keys).union(new.keys).sorted().compactMap { name in
            let one = old[name].map { "\($0)" }
            let other = new[name].map { "\($0)" }
            if one == other { return nil }
            return PersonalData.isPersonal(name) ? name : "\(name) \(one ?? "–") → \(other ?? "–")"
        }
    }

    static func object(_ body: [UInt8]) -> [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]) ?? [:]
    }
}

/// What is shown of personal fields unless a person asks for more.
enum PersonalData {
    private static let keys = Set(EntityKind.allCases.flatMap(\.fields).filter(\.isPersonal).map(\.jsonKey))

    static func isPersonal(_ jsonKey: String) -> Bool { keys.contains(jsonKey) }

    /// The JSON keys of those of some fields that are personal.
    static func keys(of fields: [String]) -> [String] {
        let named = Set(fields)
        return Set(
            EntityKind.allCases.flatMap(\.fields).filter { $0.isPersonal && named.contains($0.name) }.map(\.jsonKey)
        )
        .sorted()
    }

    /// `张*明`, `138****5678`; everything else keeps its first and last character.
    static func mask(_ text: String) -> String {
        let characters = Array(text)
        switch characters.count {
        case 0: return text
        case 1: return "*"
        case 2: return "\(characters[0])*"
        case 11 where characters.allSatisfy(\.isNumber):
            return String(characters.prefix(3)) + "****" + String(characters.suffix(4))
        default:
            return
                "\(characters[0])\(String(repeating: "*", count: min(characters.count - 2, 8)))\(characters[characters.count - 1])"
        }
    }

    /// A decoded JSON value with the personal fields in it masked.
    static func masked(_ value: Any, key: String? = nil) -> Any {
        if let object = value as? [String: Any] {
            // What the systems say of a personal field on which they disagree.
            let field = object["values"] is [String: Any] ? object["field"] as? String : nil
            let inherited = key.flatMap { isPersonal($0) ? $0 : nil }
            return object.reduce(into: [String: Any]()) { result, entry in
                result[entry.key] = masked(
                    entry.value, key: entry.key == "values" ? field ?? entry.key : inherited ?? entry.key)
            }
        }
        if let list = value as? [Any] { return list.map { masked($0, key: key) } }
        if let text = value as? String, let key, isPersonal(key) { return mask(text) }
        return value
    }
}
