/// A heat meter read over a stretch of time; the unit is the published one and never converted. Coded as the flat canonical body of a ``EntityKind/meterReading``.
public struct MeterReading: Sendable, Hashable {
    public enum Unit: String, Sendable, CaseIterable {
        case kWh
        case GJ
        case MWh
        case MJ
        /// Water that went through, where heat is charged by it.
        case m3
    }

    public var meter: String?
    public var season: String?
    public var readAt: Instant?
    public var startValue: ExactDecimal?
    public var endValue: ExactDecimal?
    public var consumption: ExactDecimal?
    public var unit: Unit?
    public var flow: ExactDecimal?
    public var supplyTemperature: TenthsOfDegree?
    public var returnTemperature: TenthsOfDegree?
    /// 作废.
    public var voided: Bool?

    /// A record that states nothing yet.
    public init() {}

    package enum Key: String, CaseIterable {
        case meter
        case season
        case readAt = "read_at"
        case startValue = "start_value"
        case endValue = "end_value"
        case consumption
        case unit
        case flow
        case supplyTemperature = "supply_temperature"
        case returnTemperature = "return_temperature"
        case voided
    }
}
