import Synchronization

/// Names of requests: what a caller sends as `X-Request-Id` where that is harmless, else one of ours.
package enum RequestNumber {
    private static let process = UInt32.random(in: 0...UInt32.max)
    private static let counter = Atomic<UInt64>(0)

    /// Sixteen hexadecimal digits; the first eight are the process's.
    package static func next() -> String {
        let number = counter.add(1, ordering: .relaxed).newValue
        return String(unsafeUninitializedCapacity: 16) { bytes in
            let value = UInt64(process) << 32 | (number & 0xFFFF_FFFF)
            for place in 0..<16 {
                let digit = UInt8(truncatingIfNeeded: value >> UInt64(60 - place * 4)) & 15
                bytes[place] = digit < 10 ? 0x30 + digit : 0x57 + digit
            }
            return 16
        }
    }

    package static func accepted(_ stated: String?) -> String? {
        guard let stated, (1...64).contains(stated.utf8.count),
            stated.utf8.allSatisfy({
                $0 &- 0x30 <= 9 || ($0 | 0x20) &- 0x61 < 26 || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F
            })
        else { return nil }
        return stated
    }
}
