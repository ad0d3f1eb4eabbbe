/// Arithmetic of whole numbers that learning needs.
enum Whole {
    /// The logarithm to base 2 times 256, of a number of 1 at least.
    static func log2(_ value: UInt64) -> Int64 {
        if value <= 1 { return 0 }
        let whole = 63 - value.leadingZeroBitCount
        // The mantissa in 1…2 as 32 bits, squared once a bit of the result.
        var mantissa = whole >= 32 ? value >> (whole - 32) : value << (32 - whole)
        var result = Int64(whole)
        for _ in 0..<8 {
            let square = mantissa.multipliedFullWidth(by: mantissa)
            mantissa = square.high << 32 | square.low >> 32
            result <<= 1
            if mantissa >> 33 != 0 {
                mantissa >>= 1
                result |= 1
            }
        }
        return result
    }

    static func root(_ value: UInt64) -> UInt64 {
        if value == 0 { return 0 }
        var guess = UInt64(1) << UInt64((64 - value.leadingZeroBitCount + 1) / 2)
        while true {
            let next = (guess + value / guess) / 2
            if next >= guess { return guess }
            guess = next
        }
    }

    /// e to the power of -x, both times 65,536; 0 beyond 16.
    struct Exponential: Sendable {
        private let table: [Int32]
        /// Steps of 1/256.
        init() {
            // (1 - 1/256 + 1/131072 - …) over and over, in 62 bits: e^(-1/256) = 0.99610136947…
            var table: [Int32] = []
            var value: UInt64 = 1 << 40
            let factor: UInt64 = 1_095_225_038_176  // e^(-1/256) times 2^40
            for _ in 0..<(16 * 256) {
                table.append(Int32(value >> 24))
                let product = value.multipliedFullWidth(by: factor)
                value = product.high << 24 | product.low >> 40
            }
            self.table = table
        }

        @inline(__always)
        func callAsFunction(minus x: Int64) -> Int32 {
            let index = Int(x >> 8)
            return index < table.count ? table[max(0, index)] : 0
        }
    }
}
