/// Walks the members of a JSON object or the elements of an array without blanks, whatever is nested in them. Nothing is
/// decoded; a value is the range of its JSON text.
public struct JSONMembers {
    public let bytes: UnsafeRawBufferPointer
    private var position = 1
    private let isObject: Bool

    /// - Parameter bytes: `{…}` or `[…]`; anything else has no members.
    public init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        isObject = bytes.first == 0x7B
        if !isObject, bytes.first != 0x5B { position = bytes.count }
    }

    /// The next key (without quotes; empty in an array) and value; nil after the last.
    public mutating func next() -> (key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)? {
        guard position < bytes.count - 1 else { return nil }
        var key = bytes.part(position..<position)
        if isObject {
            guard bytes[position] == 0x22 else { return nil }
            let end = endOfString(position)
            key = bytes.part(position + 1..<end - 1)
            position = end + 1
        }
        let start = min(position, bytes.count)
        position = endOfValue(start)
        // What is no JSON ends here: nothing stands where a value should.
        if position == start {
            position = bytes.count
            return nil
        }
        let value = bytes.part(start..<position)
        if position < bytes.count, bytes[position] == 0x2C { position += 1 }
        return (key, value)
    }

    /// The value of an object's key.
    public static func value(of key: StaticString, in object: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        var members = JSONMembers(object)
        while let (name, value) = members.next() {
            if name.equals(key) { return value }
        }
        return nil
    }

    /// Index after the closing quote of the string that opens at `index`.
    private func endOfString(_ index: Int) -> Int {
        var index = index + 1
        while index < bytes.count, bytes[index] != 0x22 { index += bytes[index] == 0x5C ? 2 : 1 }
        return min(index + 1, bytes.count)
    }

    private func endOfValue(_ start: Int) -> Int {
        var index = start
        var depth = 0
        while index < bytes.count {
            switch bytes[index] {
            case 0x22:
                index = endOfString(index)
                if depth == 0 { return index }
                continue
            case 0x5B, 0x7B: depth += 1
            case 0x5D, 0x7D:
                if depth == 0 { return index }
                depth -= 1
                if depth == 0 { return index + 1 }
            case 0x2C where depth == 0: return index
            default: break
            }
            index += 1
        }
        return index
    }
}

extension UnsafeRawBufferPointer {
    /// A JSON string's text with its escapes resolved; nil for what is no string.
    public var jsonText: String? {
        guard count >= 2, self[0] == 0x22 else { return nil }
        let inside = unquoted
        guard inside.contains(0x5C) else { return String(decoding: inside, as: UTF8.self) }
        var out: [UInt8] = []
        var index = 0
        while index < inside.count {
            let byte = inside[index]
            index += 1
            guard byte == 0x5C, index < inside.count else {
                out.append(byte)
                continue
            }
            let escape = inside[index]
            index += 1
            switch escape {
            case 0x6E: out.append(0x0A)
            case 0x74: out.append(0x09)
            case 0x72: out.append(0x0D)
            case 0x62: out.append(0x08)
            case 0x66: out.append(0x0C)
            case 0x75:
                // Our own writer escapes control characters only: one unit, never a surrogate.
                let digits = inside.part(index..<Swift.min(index + 4, inside.count))
                let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16) ?? 0xFFFD
                out.append(contentsOf: String(Character(Unicode.Scalar(value) ?? "\u{FFFD}")).utf8)
                index += digits.count
            default: out.append(escape)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}

extension JSONBytes {
    /// A comma, unless an object or array has just been opened.
    public mutating func separate() {
        if let last, last != 0x7B, last != 0x5B { raw(",") }
    }

    /// `"name":`, after a comma where one is needed.
    public mutating func key(_ name: String) {
        separate()
        string(name)
        raw(":")
    }

    /// A member of an object; one without a value is left out.
    public mutating func member(_ name: String, _ value: String?) {
        guard let value else { return }
        key(name)
        string(value)
    }

    public mutating func member(_ name: String, _ value: Int64?) {
        guard let value else { return }
        key(name)
        integer(value)
    }

    public mutating func member(_ name: String, _ value: Bool) {
        key(name)
        raw(value ? "true" : "false")
    }

    public mutating func member(_ name: String, _ values: [String]) {
        key(name)
        raw("[")
        for value in values {
            separate()
            string(value)
        }
        raw("]")
    }
}
