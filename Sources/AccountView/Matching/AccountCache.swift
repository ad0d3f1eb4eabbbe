import Glibc
import Store

/// The account numbers met last, in a table of fixed size: rows of one account tend to come together.
struct AccountCache {
    private static let slots = 1 << 14
    private static let width = 24
    private var ids = [Int64](repeating: 0, count: slots)
    private var lengths = [UInt8](repeating: 0, count: slots)
    private var bytes = [UInt8](repeating: 0, count: slots * width)
    /// Where the last number asked for belongs: the next row is often of the same account.
    private var last = 0

    private static func slot(_ number: UnsafeRawBufferPointer) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in number { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int((hash ^ (hash >> 29)) & UInt64(slots - 1))
    }

    mutating func find(_ number: UnsafeRawBufferPointer) -> AccountID? {
        if holds(number, at: last) { return AccountID(ids[last]) }
        last = Self.slot(number)
        return holds(number, at: last) ? AccountID(ids[last]) : nil
    }

    private func holds(_ number: UnsafeRawBufferPointer, at slot: Int) -> Bool {
        let length = number.count
        guard length > 0, Int(lengths[slot]) == length, let wanted = number.baseAddress else { return false }
        return bytes.withUnsafeBytes { bytes in
            guard let held = bytes.baseAddress else { return false }
            return memcmp(held + slot * Self.width, wanted, length) == 0
        }
    }

    mutating func insert(_ number: UnsafeRawBufferPointer, _ account: AccountID) {
        let length = number.count
        guard length > 0, length <= Self.width else { return }
        let slot = Self.slot(number)
        let start = slot * Self.width
        lengths[slot] = UInt8(length)
        ids[slot] = account.number
        for index in 0..<length { bytes[start + index] = number[index] }
    }

    mutating func remove(_ number: UnsafeRawBufferPointer) {
        let slot = Self.slot(number)
        if holds(number, at: slot) { lengths[slot] = 0 }
    }

    mutating func removeAll() {
        lengths.withUnsafeMutableBytes { if let start = $0.baseAddress { memset(start, 0, $0.count) } }
    }
}
