import HeatModel

/// Exact numbers from text.
enum Numbers {
    /// 1,000 亿元. A larger amount is a mistake in the source, and sums over a run must stay within 64 bits.
    static let largestFen: Int64 = 10_000_000_000_000

    /// Reads `-1,234.50` as units of 10⁻ᵖˡᵃᶜᵉˢ.
    ///
    /// Commas may stand only at the thousands. Places beyond `places` must be 0 unless `rounds`, which rounds halves away from zero.
    @inline(__always)
    static func read(_ text: Text, places: Int, rounds: Bool, into result: inout Int64) -> Fault {
        let count = text.count
        var index = 0
        var isNegative = false
        if count > 0, text.start[0] == 0x2D || text.start[0] == 0x2B {
            isNegative = text.start[0] == 0x2D
            index = 1
        }
        var units: Int64 = 0
        var digits = 0
        while index < count {
            let digit = text.start[index] &- 0x30
            if digit > 9 { break }
            if units >= 100_000_000_000_000_000 { return .outOfRange }
            units = units &* 10 &+ Int64(digit)
            digits &+= 1
            index &+= 1
        }
        if index < count, text.start[index] == 0x2C {
            guard readGroups(text, &index, &units, digits) else { return .badDecimal }
            if units >= 100_000_000_000_000_000 { return .outOfRange }
        }
        var kept = 0
        var roundsUp = false
        if index < count {
            guard text.start[index] == 0x2E else { return .badDecimal }
            index &+= 1
            var seen = 0
            while index < count {
                let digit = text.start[index] &- 0x30
                if digit > 9 { return .badDecimal }
                if seen < places {
                    if units >= 100_000_000_000_000_000 { return .outOfRange }
                    units = units &* 10 &+ Int64(digit)
                    kept &+= 1
                } else if digit != 0 {
                    if !rounds {
                        // Whether the rest is a number at all matters more than its places.
                        return onlyDigits(text, index) ? .tooPrecise : .badDecimal
                    }
                    if seen == places, digit >= 5 { roundsUp = true }
                }
                seen &+= 1
                index &+= 1
            }
            digits &+= seen
        }
        if digits == 0 { return .badDecimal }
        while kept < places {
            if units >= 100_000_000_000_000_000 { return .outOfRange }
            units = units &* 10
            kept &+= 1
        }
        if roundsUp { units &+= 1 }
        result = isNegative ? 0 &- units : units
        return .none
    }

    /// Whole digits after the first group, comma by comma.
    @inline(never)
    private static func readGroups(_ text: Text, _ index: inout Int, _ units: inout Int64, _ digits: Int) -> Bool {
        guard digits >= 1, digits <= 3 else { return false }
        while index < text.count, text[index] == 0x2C {
            guard index + 4 <= text.count, units < 100_000_000_000_000 else { return false }
            for offset in 1...3 {
                let digit = text[index + offset] &- 0x30
                if digit > 9 { return false }
                units = units * 10 + Int64(digit)
            }
            index += 4
        }
        return true
    }

    private static func onlyDigits(_ text: Text, _ from: Int) -> Bool {
        for index in from..<text.count where text[index] &- 0x30 > 9 { return false }
        return true
    }
}
