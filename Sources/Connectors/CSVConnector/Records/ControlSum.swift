import HeatModel

/// An exact sum of amounts as texts, at nine places. They are read as the mapping reads them: ``AmountText``.
struct ControlSum: Equatable {
    private(set) var units: Int128 = 0
    /// A text that is no amount was met: no sum can agree.
    private(set) var isBroken = false
    private static let places = 9

    init() {}

    /// Reads a stated sum; nil where the text is no amount.
    init?(stated text: String) {
        var text = text
        text.withUTF8 { add($0) }
        if isBroken || text.isEmpty { return nil }
    }

    /// Reads a stated number of records; nil where the text is no whole number.
    static func count(stated text: String) -> Int64? {
        var text = text
        return text.withUTF8 { AmountText.read($0, places: 0) }.flatMap { Int64(exactly: $0) }
    }

    /// Adds a text such as `-1,234.50`; a blank one counts as 0.
    mutating func add(_ text: UnsafeBufferPointer<UInt8>) {
        if text.isEmpty { return }
        guard let value = AmountText.read(text, places: Self.places) else {
            if !AmountText.isBlank(text) { isBroken = true }
            return
        }
        let (sum, overflow) = units.addingReportingOverflow(value)
        units = sum
        if overflow { isBroken = true }
    }
}
