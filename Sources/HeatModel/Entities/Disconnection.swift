/// A disconnection from the network (销户, 拆网). Coded as the flat canonical body of a ``EntityKind/disconnection``.
public struct Disconnection: Sendable, Hashable {
    public enum State: String, Sendable, CaseIterable {
        case requested
        case approved
        case disconnected
        case restored
    }

    public var on: CivilDate?
    public var restorable: Bool?
    public var state: State?
    public var reason: String?
    /// 作废.
    public var voided: Bool?

    /// A record that states nothing yet.
    public init() {}

    package enum Key: String, CaseIterable {
        case on
        case restorable
        case state
        case reason
        case voided
    }
}
