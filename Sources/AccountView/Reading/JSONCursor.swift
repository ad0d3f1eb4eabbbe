public import HeatModel

/// Walks a JSON text in place, front to back, once. Nothing is decoded: a scalar is the range of its text.
///
/// The text is one that Hearth wrote: without blanks between its parts. In any other the walk ends early; it never reads beyond the bytes.
///
/// ```
/// var cursor = JSONCursor(bytes: view)
/// cursor.beginObject()
/// while let key = cursor.nextKey() { key.equals("charges") ? read(&cursor) : cursor.skip() }
/// ```
public struct JSONCursor {
    public let bytes: UnsafeRawBufferPointer
    public private(set) var position = 0

    public init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Steps into an object; false, and nothing is done, where none begins here.
    @discardableResult
    public mutating func beginObject() -> Bool { take(0x7B) }

    /// Steps into an array; false, and nothing is done, where none begins here.
    @discardableResult
    public mutating func beginArray() -> Bool { take(0x5B) }

    /// The next key of the object, without quotes; nil once it ends.
    public mutating func nextKey() -> UnsafeRawBufferPointer? {
        _ = take(0x2C)
        guard position < bytes.count, bytes[position] == 0x22 else {
            _ = take(0x7D)
            return nil
        }
        let start = position + 1
        position = endOfString(from: position)
        let key = bytes.part(start..<max(start, position - 1))
        _ = take(0x3A)
        return key
    }

    /// Whether the array has another element, which begins here then.
    public mutating func nextElement() -> Bool {
        _ = take(0x2C)
        if position >= bytes.count || take(0x5D) { return false }
        return true
    }

    /// The text of the value that begins here, whatever it is; a string's with its quotes.
    public mutating func value() -> UnsafeRawBufferPointer {
        let start = position
        skip()
        return bytes.part(start..<position)
    }

    /// Goes behind the value that begins here.
    public mutating func skip() {
        guard position < bytes.count else { return }
        switch bytes[position] {
        case 0x22: position = endOfString(from: position)
        case 0x7B, 0x5B: skipNested()
        default:
            while position < bytes.count {
                let byte = bytes[position]
                if byte == 0x2C || byte == 0x7D || byte == 0x5D { return }
                position += 1
            }
        }
    }

    private mutating func skipNested() {
        var depth = 0
        while position < bytes.count {
            switch bytes[position] {
            case 0x22:
                position = endOfString(from: position)
                continue
            case 0x7B, 0x5B: depth += 1
            case 0x7D, 0x5D: depth -= 1
            default: break
            }
            position += 1
            if depth == 0 { return }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    /// Index after the closing quote of the string that opens at `index`.
    private func endOfString(from index: Int) -> Int {
        var index = index + 1
        let count = bytes.count
        while index < count {
            let byte = bytes[index]
            if byte == 0x22 { return index + 1 }
            index += byte == 0x5C ? 2 : 1
        }
        return count
    }
}

extension UnsafeRawBufferPointer {
    /// A JSON string as text, escapes resolved; any other value as it is written.
    public var text: String {
        let inside = unquoted
        if !inside.contains(0x5C) { return String(decoding: inside, as: UTF8.self) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(inside.count)
        var index = 0
        while index < inside.count {
            let byte = inside[index]
            guard byte == 0x5C, index + 1 < inside.count else {
                bytes.append(byte)
                index += 1
                continue
            }
            let escaped = inside[index + 1]
            index += 2
            switch escaped {
            case 0x6E: bytes.append(0x0A)
            case 0x72: bytes.append(0x0D)
            case 0x74: bytes.append(0x09)
            case 0x62: bytes.append(0x08)
            case 0x66: bytes.append(0x0C)
            case 0x75:
                let digits = inside.part(index..<Swift.min(index + 4, inside.count))
                if let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16),
                    let scalar = Unicode.Scalar(code)
                {
                    bytes.append(contentsOf: Array(Character(scalar).utf8))
                }
                index = Swift.min(index + 4, inside.count)
            default: bytes.append(escaped)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A JSON string that holds a decimal, or a number; nil for anything else.
    public var decimal: ExactDecimal? {
        unquoted.withMemoryRebound(to: UInt8.self) { ExactDecimal(ascii: $0) }
    }

    /// `true` or `false`; nil for anything else.
    public var boolean: Bool? { equals("true") ? true : equals("false") ? false : nil }
}
