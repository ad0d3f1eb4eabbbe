public import Glibc
public import HeatModel

/// What the range of a value's JSON text says.
extension UnsafeRawBufferPointer {
    @inlinable @inline(__always)
    public func part(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self[range]) }

    @inlinable @inline(__always)
    public func equals(_ other: UnsafeRawBufferPointer) -> Bool {
        if count != other.count { return false }
        guard let one = baseAddress, let other = other.baseAddress else { return true }
        return memcmp(one, other, count) == 0
    }

    @inlinable @inline(__always)
    public func equals(_ text: StaticString) -> Bool {
        if count != text.utf8CodeUnitCount { return false }
        guard let base = baseAddress else { return true }
        return memcmp(base, text.utf8Start, count) == 0
    }

    @inlinable @inline(__always)
    public func equals(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { equals($0) } }

    /// Byte order.
    @inlinable @inline(__always)
    public func precedes(_ other: UnsafeRawBufferPointer) -> Bool {
        guard let one = baseAddress, let start = other.baseAddress else { return count < other.count }
        let order = memcmp(one, start, Swift.min(count, other.count))
        return order != 0 ? order < 0 : count < other.count
    }

    /// A JSON string's inside, its escapes as they are; any other value as it is written.
    @inlinable @inline(__always)
    public var unquoted: UnsafeRawBufferPointer {
        count >= 2 && self[0] == 0x22 ? UnsafeRawBufferPointer(rebasing: self[1..<count - 1]) : self
    }

    /// A JSON string as text, escapes resolved; any other value as it is written.
    public var text: String {
        let inside = unquoted
        if !inside.contains(0x5C) { return String(decoding: inside, as: UTF8.self) }
        var text: [UInt8] = []
        JSONEscape.resolve(inside, into: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// A JSON string as text, escapes resolved; nil for any other value.
    public var jsonText: String? { count >= 2 && self[0] == 0x22 ? text : nil }

    /// An optional sign and digits; nil for anything else, and for what is no 64-bit number.
    @inlinable @inline(__always)
    public var integer: Int64? {
        guard count > 0 else { return nil }
        let isNegative = self[0] == 0x2D
        var index = isNegative ? 1 : 0
        // Eighteen digits fit whatever they are.
        guard index < count, count <= 18 else { return longInteger }
        var value: Int64 = 0
        while index < count {
            let digit = self[index] &- 0x30
            guard digit <= 9 else { return nil }
            value = value &* 10 &+ Int64(digit)
            index += 1
        }
        return isNegative ? -value : value
    }

    @usableFromInline var longInteger: Int64? {
        let digits = self[0] == 0x2D ? dropFirst() : self[...]
        guard !digits.isEmpty, digits.allSatisfy({ $0 &- 0x30 <= 9 }) else { return nil }
        return Int64(String(decoding: self, as: UTF8.self))
    }

    /// A JSON string that holds a decimal, or a number; nil for anything else.
    public var decimal: ExactDecimal? {
        unquoted.withMemoryRebound(to: UInt8.self) { ExactDecimal(ascii: $0) }
    }

    /// `true` or `false`; nil for anything else.
    public var boolean: Bool? { equals("true") ? true : equals("false") ? false : nil }
}
