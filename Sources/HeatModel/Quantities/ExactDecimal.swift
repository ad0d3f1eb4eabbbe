/// An exact decimal with a fixed number of places: `units × 10⁻ᵖˡᵃᶜᵉˢ`. Areas (㎡), prices and measured heat are kept in it.
///
/// Two values are equal only if both units and places are: `1.50` and `1.500` are different statements of the same
/// number; compare with ``compare(_:)`` where only the number counts.
public struct ExactDecimal: Hashable, Sendable {
    public var units: Int64
    /// 0…18.
    public var places: UInt8

    @inlinable
    public init(units: Int64, places: UInt8) {
        self.units = units
        self.places = places
    }

    public static let powersOfTen: [Int64] = {
        var powers: [Int64] = [1]
        for _ in 0..<18 { powers.append(powers.last! * 10) }
        return powers
    }()

    /// What a division or a loss of places does with the remainder.
    public enum Rounding: String, Sendable, CaseIterable {
        /// 四舍五入, away from zero on a tie.
        case halfUp
        /// 截断, toward zero.
        case truncate
        case halfEven
        /// Away from zero whenever anything is left.
        case up
    }

    /// The value with `places` places, or nil where digits would be lost or 64 bits do not hold it.
    @inlinable
    public func exactly(places target: UInt8) -> ExactDecimal? {
        if target == places { return self }
        if target > places {
            let (units, overflow) = self.units.multipliedReportingOverflow(by: Self.power(target - places))
            return overflow ? nil : ExactDecimal(units: units, places: target)
        }
        let power = Self.power(places - target)
        return units % power == 0 ? ExactDecimal(units: units / power, places: target) : nil
    }

    /// The value rounded to `places` places; nil only where 64 bits do not hold it.
    public func rounded(places target: UInt8, _ rounding: Rounding) -> ExactDecimal? {
        if target >= places { return exactly(places: target) }
        let quotient = Self.divide(Int128(units), by: Int128(Self.power(places - target)), rounding)
        return Int64(exactly: quotient).map { ExactDecimal(units: $0, places: target) }
    }

    @usableFromInline
    static func power(_ exponent: UInt8) -> Int64 { powersOfTen[Int(exponent)] }

    /// `numerator ÷ denominator` as a whole number under a rounding rule. The denominator is not 0.
    public static func divide(_ numerator: Int128, by denominator: Int128, _ rounding: Rounding) -> Int128 {
        let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: denominator)
        if remainder == 0 { return quotient }
        let away: Int128 = (numerator < 0) != (denominator < 0) ? -1 : 1
        let doubled = remainder.magnitude * 2
        switch rounding {
        case .truncate: return quotient
        case .up: return quotient + away
        case .halfUp: return doubled >= denominator.magnitude ? quotient + away : quotient
        case .halfEven:
            if doubled == denominator.magnitude { return quotient % 2 == 0 ? quotient : quotient + away }
            return doubled > denominator.magnitude ? quotient + away : quotient
        }
    }

    /// −1, 0 or 1 by the number alone, whatever the places.
    public func compare(_ other: ExactDecimal) -> Int {
        let widest = max(places, other.places)
        let left = Int128(units) * Int128(Self.power(widest - places))
        let right = Int128(other.units) * Int128(Self.power(widest - other.places))
        return left == right ? 0 : (left < right ? -1 : 1)
    }
}

extension ExactDecimal {
    /// Reads an optional sign, digits, and an optional point with digits; nil for anything else (no exponent, no grouping,
    /// no blanks). The places are as written.
    @inlinable
    public init?(ascii bytes: UnsafeBufferPointer<UInt8>) {
        var index = 0
        let count = bytes.count
        var negative = false
        if count > 0, bytes[0] == 0x2D || bytes[0] == 0x2B {
            negative = bytes[0] == 0x2D
            index = 1
        }
        var units: Int64 = 0
        var places: UInt8 = 0
        var digits = 0
        var seenPoint = false
        while index < count {
            let byte = bytes[index]
            if byte &- 0x30 <= 9 {
                let (product, overflow) = units.multipliedReportingOverflow(by: 10)
                let (sum, overflow2) = product.addingReportingOverflow(Int64(byte &- 0x30))
                if overflow || overflow2 { return nil }
                units = sum
                digits += 1
                if seenPoint {
                    if places == 18 { return nil }
                    places += 1
                }
            } else if byte == 0x2E, !seenPoint {
                seenPoint = true
            } else {
                return nil
            }
            index += 1
        }
        if digits == 0 { return nil }
        self.init(units: negative ? -units : units, places: places)
    }

    public init?(_ text: String) {
        var text = text
        let parsed = text.withUTF8 { ExactDecimal(ascii: $0) }
        guard let parsed else { return nil }
        self = parsed
    }
}

extension ExactDecimal: DigitTextual, Codable {
    public static var textCapacity: Int { 300 }

    /// Always all places: `26.000`.
    public func write(to text: inout DigitText) {
        if units < 0 { text.put("-") }
        let places = Int(places)
        // A number of more places than 18 is below 1.
        let one: UInt64? = places <= 18 ? UInt64(Self.powersOfTen[places]) : nil
        text.put(one.map { units.magnitude / $0 } ?? 0)
        if places == 0 { return }
        text.put(".")
        text.put(one.map { units.magnitude % $0 } ?? units.magnitude, width: places)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = ExactDecimal(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an exact decimal")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
