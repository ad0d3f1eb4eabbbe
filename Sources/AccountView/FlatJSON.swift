/// Reads a canonical body in place: a flat JSON object without blanks, whose values are strings, integers, booleans and
/// arrays of strings. Nothing is decoded; a value is the range of its JSON text.
public struct FlatJSON {
    public let bytes: UnsafeRawBufferPointer

    /// Where the next field begins.
    private var position = 1

    public init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The next key (without quotes) and value (JSON text), in order; nil after the last.
    public mutating func next() -> (key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)? {
        let count = bytes.count
        guard position < count, bytes[position] == 0x22 else { return nil }
        let keyStart = position + 1
        let keyEnd = endOfString(from: position)
        let valueStart = keyEnd + 1
        position = endOfValue(from: valueStart)
        let value = UnsafeRawBufferPointer(rebasing: bytes[valueStart..<position])
        if position < count, bytes[position] == 0x2C { position += 1 }
        return (UnsafeRawBufferPointer(rebasing: bytes[keyStart..<keyEnd - 1]), value)
    }

    /// The JSON text of a key's value, nil where the key is not there.
    public func value(of key: StaticString) -> UnsafeRawBufferPointer? {
        key.withUTF8Buffer { value(of: UnsafeRawBufferPointer($0)) }
    }

    public func value(of key: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        var fields = FlatJSON(bytes: bytes)
        while let (name, value) = fields.next() {
            if name.equals(key) { return value }
        }
        return nil
    }

    /// Index after the closing quote of the string that opens at `index`.
    private func endOfString(from index: Int) -> Int {
        var index = index + 1
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x5C {
                index += 2
            } else if byte == 0x22 {
                return index + 1
            } else {
                index += 1
            }
        }
        return bytes.count
    }

    private func endOfValue(from index: Int) -> Int {
        var index = index
        guard index < bytes.count else { return index }
        switch bytes[index] {
        case 0x22: return endOfString(from: index)
        case 0x5B:
            index += 1
            while index < bytes.count, bytes[index] != 0x5D {
                index = bytes[index] == 0x22 ? endOfString(from: index) : index + 1
            }
            return min(index + 1, bytes.count)
        default:
            while index < bytes.count, bytes[index] != 0x2C, bytes[index] != 0x7D { index += 1 }
            return index
        }
    }
}

extension UnsafeRawBufferPointer {
    public func part(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self[range]) }

    public func equals(_ other: UnsafeRawBufferPointer) -> Bool {
        if count != other.count { return false }
        for index in 0..<count where self[index] != other[index] { return false }
        return true
    }

    public func equals(_ text: StaticString) -> Bool { text.withUTF8Buffer { equals(UnsafeRawBufferPointer($0)) } }

    /// Byte order.
    public func precedes(_ other: UnsafeRawBufferPointer) -> Bool {
        for index in 0..<Swift.min(count, other.count) where self[index] != other[index] {
            return self[index] < other[index]
        }
        return count < other.count
    }

    /// An optional sign and digits; nil for anything else.
    public var integer: Int64? {
        guard count > 0 else { return nil }
        let negative = self[0] == 0x2D
        var value: Int64 = 0
        for byte in self[(negative ? 1 : 0)...] {
            guard byte &- 0x30 <= 9 else { return nil }
            value = value * 10 + Int64(byte &- 0x30)
        }
        return negative ? -value : value
    }

    /// A JSON string's inside.
    public var unquoted: UnsafeRawBufferPointer {
        count >= 2 && self[0] == 0x22 ? UnsafeRawBufferPointer(rebasing: self[1..<count - 1]) : self
    }
}
