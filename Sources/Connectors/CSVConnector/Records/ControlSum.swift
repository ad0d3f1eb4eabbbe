import HeatModel

/// An exact sum of decimal texts, at nine places.
struct ControlSum: Equatable {
    private(set) var units: Int128 = 0
    /// A text that is no decimal was met: no sum can agree.
    private(set) var isBroken = false
    private static let places = 9

    init() {}

    /// Reads a stated sum; nil where the text is no decimal.
    init?(stated text: String) {
        add(Array(text.utf8)[...])
        if isBroken { return nil }
    }

    /// Adds a text such as `-1,234.50`; an empty one counts as 0.
    mutating func add<Bytes: Collection<UInt8>>(_ text: Bytes) {
        var value: Int128 = 0
        var isNegative = false
        var fraction: Int?
        var digits = 0
        for (index, byte) in text.enumerated() {
            switch byte {
            case 0x30...0x39 where digits < 30 && (fraction ?? 0) < Self.places:
                value = value * 10 + Int128(byte - 0x30)
                digits += 1
                if let places = fraction { fraction = places + 1 }
            case 0x30 where fraction != nil: break
            case 0x2B where index == 0: break
            case 0x2D where index == 0: isNegative = true
            case 0x2E where fraction == nil: fraction = 0
            case 0x2C where fraction == nil: break
            case 0x20: break
            default:
                isBroken = true
                return
            }
        }
        for _ in (fraction ?? 0)..<Self.places { value *= 10 }
        let (sum, overflow) = units.addingReportingOverflow(isNegative ? -value : value)
        units = sum
        if overflow { isBroken = true }
    }
}
