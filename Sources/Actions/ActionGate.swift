package import Store

/// What decides, at the moment of sending, whether an action is still to be sent, and with which values: what was true when it was
/// accepted may be true no more.
///
/// ``decide(_:in:)`` and the note that sending begins are one transaction, so that nothing the store knows lies between the two.
package protocol ActionGate: Sendable {
    /// Before that transaction, once for each send: may wait, for fresh data say. Blocks its thread.
    ///
    /// - Returns: nil to go on.
    func prepare(_ action: StoredAction) throws -> ActionVerdict?
    func decide(_ action: StoredAction, in store: any StoreWriter) throws -> ActionVerdict
    /// What was decided to be sent: what a probe asks for.
    func values(_ action: StoredAction, in store: any StoreReader) throws -> [String: String]
}

package enum ActionVerdict: Sendable, Hashable {
    /// With these values beside those of the request.
    case send([String: String])
    /// Not before so many milliseconds have passed.
    case later(Int64, why: String)
    /// What it was for is gone.
    case never(why: String)
}
