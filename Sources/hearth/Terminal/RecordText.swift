import Disclosure
import Foundation

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
            return PersonalField.mask(ofKey: name) == nil ? "\(name) \(one ?? "–") → \(other ?? "–")" : name
        }
    }

    static func object(_ body: [UInt8]) -> [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]) ?? [:]
    }
}
