import Disclosure
import HeatModel
import Store

/// The fields in which two canonical bodies differ.
enum BodyDifference {
    /// - Throws: `store.corrupt`.
    static func fields(_ before: [UInt8]?, _ after: [UInt8]?) throws(HearthError) -> [String] {
        guard let before, let after else { return [] }
        let old = try StoredObject.members(of: before)
        let new = try StoredObject.members(of: after)
        return Set(old.keys).union(new.keys).sorted().compactMap { name in
            let one = old[name].map { "\($0)" }
            let other = new[name].map { "\($0)" }
            if one == other { return nil }
            return PersonalField.mask(ofKey: name) == nil ? "\(name) \(one ?? "–") → \(other ?? "–")" : name
        }
    }
}
