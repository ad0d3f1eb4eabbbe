public import Glibc

/// Walks a JSON text in place, front to back, once. Nothing is decoded: a value is the range of its text.
///
/// The text is one that Hearth wrote: without blanks between its parts. In any other the walk ends early; it never reads beyond
/// the bytes, and it always ends.
///
/// ```
/// var cursor = JSONCursor(bytes: view)
/// cursor.beginObject()
/// while let key = cursor.nextKey() { key.equals("charges") ? read(&cursor) : cursor.skip() }
/// ```
@frozen
public struct JSONCursor {
    public let bytes: UnsafeRawBufferPointer
    @usableFromInline var position = 0

    @inlinable
    public init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Steps into an object; false, and nothing is done, where none begins here.
    @inlinable @inline(__always) @discardableResult
    public mutating func beginObject() -> Bool { take(0x7B) }

    /// Steps into an array; false, and nothing is done, where none begins here.
    @inlinable @inline(__always) @discardableResult
    public mutating func beginArray() -> Bool { take(0x5B) }

    /// Whether an array begins here.
    @inlinable @inline(__always)
    public var isAtArray: Bool { position < bytes.count && bytes[position] == 0x5B }

    /// The next key of the object, without quotes, with its value ahead; nil once the object ends, which it is behind then.
    @inlinable @inline(__always)
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

    /// Whether the array has another element, which begins here then; behind the array where not.
    @inlinable @inline(__always)
    public mutating func nextElement() -> Bool {
        _ = take(0x2C)
        if take(0x5D) || position >= bytes.count { return false }
        return bytes[position] != 0x2C && bytes[position] != 0x7D
    }

    /// The text of the value that begins here, whatever it is; a string's with its quotes.
    @inlinable @inline(__always)
    public mutating func value() -> UnsafeRawBufferPointer {
        let start = position
        skip()
        return bytes.part(start..<position)
    }

    /// Goes behind the value that begins here.
    @inlinable @inline(__always)
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

    @inlinable
    mutating func skipNested() {
        var depth = 0
        while position < bytes.count {
            let byte = bytes[position]
            if byte == 0x22 {
                position = endOfString(from: position)
                continue
            }
            position += 1
            // Brackets are braces with a bit less, and nothing else outside of strings is.
            switch byte | 0x20 {
            case 0x7B: depth += 1
            case 0x7D:
                depth -= 1
                if depth == 0 { return }
            default: break
            }
        }
    }

    @inlinable @inline(__always)
    mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    @inlinable @inline(__always)
    func endOfString(from index: Int) -> Int { bytes.endOfString(from: index) }
}

extension UnsafeRawBufferPointer {
    /// Index after the closing quote of the JSON string that opens at `index`; the number of bytes where none closes it.
    @inlinable @inline(__always)
    public func endOfString(from index: Int) -> Int {
        var next = index + 1
        while let quote = firstQuote(from: next) {
            // An odd number of backslashes before it makes it part of the string.
            var slashes = 0
            while quote - slashes - 1 > index, self[quote - slashes - 1] == 0x5C { slashes += 1 }
            if slashes & 1 == 0 { return quote + 1 }
            next = quote + 1
        }
        return count
    }

    /// Most strings end within a few bytes: eight at a look cost less than a call.
    @inlinable @inline(__always)
    func firstQuote(from start: Int) -> Int? {
        guard let base = baseAddress else { return nil }
        var next = start
        let near = Swift.min(count, start + 32) - 8
        while next <= near {
            let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: next, as: UInt64.self))
            let other = word ^ 0x2222_2222_2222_2222
            let quotes = (other &- 0x0101_0101_0101_0101) & ~other & 0x8080_8080_8080_8080
            if quotes != 0 { return next + quotes.trailingZeroBitCount >> 3 }
            next += 8
        }
        guard next < count, let found = memchr(base + next, 0x22, count - next) else { return nil }
        return UnsafeRawPointer(found) - base
    }
}
