/// A temperature in tenths of a degree Celsius.
public struct TenthsOfDegree: Hashable, Sendable, Comparable {
    public var tenths: Int32

    @inlinable
    public init(_ tenths: Int32) { self.tenths = tenths }

    @inlinable public static func < (left: TenthsOfDegree, right: TenthsOfDegree) -> Bool { left.tenths < right.tenths }
}

extension TenthsOfDegree: DigitTextual, Codable {
    public static var textCapacity: Int { ExactDecimal.textCapacity }

    /// °C with one place: `19.2`.
    public func write(to text: inout DigitText) { ExactDecimal(units: Int64(tenths), places: 1).write(to: &text) }

    /// Reads a decimal with at most one significant place.
    public init?(_ text: String) {
        guard let value = ExactDecimal(text)?.exactly(places: 1), let tenths = Int32(exactly: value.units) else {
            return nil
        }
        self.init(tenths)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = TenthsOfDegree(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a temperature with one place")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
