/// An amount of money in whole fen (分, 1/100 元). Sums that leave 64 bits trap rather than wrap.
public struct Fen: Hashable, Sendable, Comparable, AdditiveArithmetic {
    public var amount: Int64

    @inlinable
    public init(_ amount: Int64) { self.amount = amount }

    public static let zero = Fen(0)

    @inlinable public static func < (left: Fen, right: Fen) -> Bool { left.amount < right.amount }
    @inlinable public static func + (left: Fen, right: Fen) -> Fen { Fen(left.amount + right.amount) }
    @inlinable public static func - (left: Fen, right: Fen) -> Fen { Fen(left.amount - right.amount) }
    @inlinable public static prefix func - (value: Fen) -> Fen { Fen(-value.amount) }
}

extension Fen: DigitTextual, Codable {
    public static var textCapacity: Int { 32 }

    /// 元 with two places and a comma at each thousand: `2,846.40`.
    public func write(to text: inout DigitText) {
        let magnitude = amount.magnitude
        let (yuan, fen) = magnitude.quotientAndRemainder(dividingBy: 100)
        if amount < 0 { text.put("-") }
        var group: UInt64 = 1
        while yuan / group >= 1000 { group *= 1000 }
        text.put(yuan / group)
        while group > 1 {
            group /= 1000
            text.put(",")
            text.put(yuan / group % 1000, width: 3)
        }
        text.put(".")
        text.put(fen, width: 2)
    }

    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(Int64.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(amount)
    }
}
