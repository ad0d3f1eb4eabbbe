import Foundation
public import HeatModel

/// A stored body or view as values, where two of them are compared or one is shown member by member. What answers are made of is read
/// in place (`JSONText`).
public enum StoredObject {
    /// - Throws: `store.corrupt` for what is no JSON object: it is not taken for one that states nothing.
    public static func members(of json: [UInt8]) throws(HearthError) -> [String: Any] {
        let value: Any
        do {
            value = try JSONSerialization.jsonObject(with: Data(json))
        } catch {
            throw unreadable(cause: error)
        }
        guard let members = value as? [String: Any] else { throw unreadable() }
        return members
    }

    private static func unreadable(cause: (any Error)? = nil) -> HearthError {
        HearthError(
            .storeCorrupt, "a record or view in the store is no JSON object", at: .address("store"),
            advice: "\(.verifyAudit) shows what was altered; restore the store from a copy, or build it again",
            cause: cause)
    }
}
