/// A temperature measured in a home. Coded as the flat canonical body of a ``EntityKind/roomTemperature``.
public struct RoomTemperature: Sendable, Hashable {
    public enum Method: String, Sendable, CaseIterable {
        case visit
        case device
        case selfReported
    }

    public var celsius: TenthsOfDegree?
    public var measuredAt: Instant?
    public var method: Method?
    public var place: String?
    public var workOrder: String?

    /// A record that states nothing yet.
    public init() {}

    package enum Key: String, CaseIterable {
        case celsius
        case measuredAt = "measured_at"
        case method
        case place
        case workOrder = "work_order"
    }
}
