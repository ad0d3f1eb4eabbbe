/// Reads numbers as legacy systems and spreadsheets spell them, exactly. It is the one reader of amounts, for fields and for
/// control sums alike, so that what a mapping reads without complaint a trailer's sum reads too.
///
/// Plain ASCII (`-1,234.50`) is read in one pass. What that pass cannot read goes to ``OddAmount``, which knows the other
/// spellings.
public enum AmountText {
    /// Why a text is no number that can be kept.
    public enum Fault: UInt8, Sendable {
        case none
        case notANumber
        /// Digits other than 0 stand beyond the places kept.
        case tooPrecise
        /// The units do not stay below 10¹⁸.
        case tooLarge
    }

    /// Reads a number as units of 10⁻ᵖˡᵃᶜᵉˢ.
    ///
    /// Commas may stand only at the thousands. Places beyond `places` must be 0 unless `rounds`, which rounds halves away from zero.
    /// - Parameters:
    ///   - allowsCurrency: whether a sign or word for yuan (¥, 元, RMB, CNY) may stand beside the number, and the $ that PostgreSQL's
    ///     `money` carries under most locales.
    ///   - result: set only where there is no fault.
    @inlinable
    @inline(__always)
    public static func read(
        _ start: UnsafePointer<UInt8>, count: Int, places: Int, rounds: Bool = false, allowsCurrency: Bool,
        into result: inout Int64
    ) -> Fault {
        let fault = readPlainly(start, count, places, rounds, &result)
        if fault == .none || fault == .tooPrecise { return fault }
        return readOddly(start, count, places, rounds, allowsCurrency, &result)
    }

    /// Reads a number of any size up to 36 digits, with currency signs, as units of 10⁻ᵖˡᵃᶜᵉˢ: for sums.
    ///
    /// - Returns: nil for what is no number, has more places than asked for, or is too large.
    public static func read(_ text: UnsafeBufferPointer<UInt8>, places: Int) -> Int128? {
        guard let start = text.baseAddress else { return nil }
        var units: Int64 = 0
        switch readPlainly(start, text.count, places, false, &units) {
        case .none: return Int128(units)
        case .tooPrecise: return nil
        case .notANumber, .tooLarge:
            return OddAmount(text, allowsCurrency: true)?.units(places: places, rounds: false).value
        }
    }

    /// Whether a text is empty or holds blanks only, U+00A0 and the ideographic blank among them.
    public static func isBlank(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        if text.allSatisfy({ $0 == 0x20 || $0 &- 9 < 5 }) { return true }
        return String(decoding: text, as: UTF8.self).unicodeScalars.allSatisfy(OddAmount.isBlank)
    }

    @inlinable
    @inline(__always)
    static func readPlainly(
        _ start: UnsafePointer<UInt8>, _ count: Int, _ places: Int, _ rounds: Bool, _ result: inout Int64
    ) -> Fault {
        var index = 0
        var isNegative = false
        if count > 0, start[0] == 0x2D || start[0] == 0x2B {
            isNegative = start[0] == 0x2D
            index = 1
        }
        var units: Int64 = 0
        var digits = 0
        while index < count {
            let digit = start[index] &- 0x30
            if digit > 9 { break }
            if units >= 100_000_000_000_000_000 { return .tooLarge }
            units = units &* 10 &+ Int64(digit)
            digits &+= 1
            index &+= 1
        }
        if index < count, start[index] == 0x2C {
            guard readGroups(start, count, &index, &units, digits) else { return .notANumber }
            if units >= 100_000_000_000_000_000 { return .tooLarge }
        }
        var kept = 0
        var roundsUp = false
        if index < count {
            guard start[index] == 0x2E else { return .notANumber }
            index &+= 1
            var seen = 0
            while index < count {
                let digit = start[index] &- 0x30
                if digit > 9 { return .notANumber }
                if seen < places {
                    if units >= 100_000_000_000_000_000 { return .tooLarge }
                    units = units &* 10 &+ Int64(digit)
                    kept &+= 1
                } else if digit != 0 {
                    if !rounds {
                        // Whether the rest is a number at all matters more than its places.
                        return onlyDigits(start, count, index) ? .tooPrecise : .notANumber
                    }
                    if seen == places, digit >= 5 { roundsUp = true }
                }
                seen &+= 1
                index &+= 1
            }
            digits &+= seen
        }
        if digits == 0 { return .notANumber }
        while kept < places {
            if units >= 100_000_000_000_000_000 { return .tooLarge }
            units = units &* 10
            kept &+= 1
        }
        if roundsUp { units &+= 1 }
        result = isNegative ? 0 &- units : units
        return .none
    }

    /// Whole digits after the first group, comma by comma.
    @usableFromInline
    @inline(never)
    static func readGroups(
        _ start: UnsafePointer<UInt8>, _ count: Int, _ index: inout Int, _ units: inout Int64, _ digits: Int
    ) -> Bool {
        guard digits >= 1, digits <= 3 else { return false }
        while index < count, start[index] == 0x2C {
            guard index + 4 <= count, units < 100_000_000_000_000 else { return false }
            for offset in 1...3 {
                let digit = start[index + offset] &- 0x30
                if digit > 9 { return false }
                units = units * 10 + Int64(digit)
            }
            index += 4
        }
        return true
    }

    @usableFromInline
    static func onlyDigits(_ start: UnsafePointer<UInt8>, _ count: Int, _ from: Int) -> Bool {
        for index in from..<count where start[index] &- 0x30 > 9 { return false }
        return true
    }

    @usableFromInline
    @inline(never)
    static func readOddly(
        _ start: UnsafePointer<UInt8>, _ count: Int, _ places: Int, _ rounds: Bool, _ allowsCurrency: Bool,
        _ result: inout Int64
    ) -> Fault {
        let text = UnsafeBufferPointer(start: start, count: count)
        guard let amount = OddAmount(text, allowsCurrency: allowsCurrency) else { return .notANumber }
        let (fault, value) = amount.units(places: places, rounds: rounds)
        guard let value else { return fault }
        guard value.magnitude < 1_000_000_000_000_000_000, let units = Int64(exactly: value) else { return .tooLarge }
        result = units
        return .none
    }
}
