import HeatModel

/// Exact numbers from text.
enum Numbers {
    /// 1,000 亿元. A larger amount is a mistake in the source, and sums over a run must stay within 64 bits.
    static let largestFen: Int64 = 10_000_000_000_000

    /// Reads what an operation's column holds as units of its source places.
    @inline(__always)
    static func read(_ text: Text, _ operation: UnsafePointer<Operation>, into result: inout Int64) -> Fault {
        let fault = AmountText.read(
            text.start, count: text.count, places: Int(operation.pointee.sourcePlaces),
            rounds: operation.pointee.rounds,
            allowsCurrency: operation.pointee.allowsCurrency, into: &result)
        switch fault {
        case .none: return .none
        case .notANumber: return .badDecimal
        case .tooPrecise: return .tooPrecise
        case .tooLarge: return .outOfRange
        }
    }
}
