import Glibc
import HeatModel

/// A range of bytes that live elsewhere.
typealias Text = UnsafeRawBufferPointer

/// Walks an account view in place. A view is written by Hearth itself: JSON without blanks. Bytes that are no such view end the walk
/// early; nothing outside of them is read.
struct ViewScanner {
    let base: UnsafePointer<UInt8>
    let end: Int
    var position: Int

    init(_ bytes: Text) {
        // An empty buffer has no address, and nothing of it is read.
        base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? UnsafePointer(bitPattern: 8)!
        end = bytes.count
        position = 0
    }

    @inline(__always) var byte: UInt8 { position < end ? base[position] : 0 }

    @inline(__always)
    func text(_ start: Int, _ end: Int) -> Text { Text(start: base + start, count: max(0, end - start)) }

    /// Steps into an object or array.
    @inline(__always)
    mutating func open(_ bracket: UInt8) -> Bool {
        guard byte == bracket else { return false }
        position += 1
        return true
    }

    /// Inside an object: the next key, without its quotes, with the value ahead; nil behind the object.
    @inline(__always)
    mutating func nextKey() -> Text? {
        if byte == 0x2C { position += 1 }
        guard byte == 0x22 else {
            position = min(end, position + 1)
            return nil
        }
        let start = position + 1
        position = endOfString(position)
        let key = text(start, position - 1)
        position = min(end, position + 1)
        return key
    }

    /// Inside an array: whether another element is ahead; steps behind the array where not.
    @inline(__always)
    mutating func nextElement() -> Bool {
        if byte == 0x2C { position += 1 }
        if byte != 0x5D, position < end { return true }
        position = min(end, position + 1)
        return false
    }

    /// The JSON text of the value ahead.
    @inline(__always)
    mutating func value() -> Text {
        let start = position
        skip()
        return text(start, position)
    }

    @inline(__always)
    mutating func skip() {
        switch byte {
        case 0x22: position = endOfString(position)
        case 0x5B, 0x7B: skipNested()
        default:
            while position < end, base[position] != 0x2C, base[position] != 0x7D, base[position] != 0x5D {
                position += 1
            }
        }
    }

    private mutating func skipNested() {
        var depth = 0
        while position < end {
            switch base[position] {
            case 0x22: position = endOfString(position)
            case 0x5B, 0x7B:
                depth += 1
                position += 1
            case 0x5D, 0x7D:
                depth -= 1
                position += 1
                if depth == 0 { return }
            default: position += 1
            }
        }
    }

    /// Behind the closing quote of the string that opens at `start`.
    @inline(__always)
    private func endOfString(_ start: Int) -> Int {
        var index = start + 1
        while index < end {
            guard let found = memchr(base + index, 0x22, end - index) else { return end }
            let quote = UnsafeRawPointer(found) - UnsafeRawPointer(base)
            var slashes = 0
            while quote - slashes - 1 > start, base[quote - slashes - 1] == 0x5C { slashes += 1 }
            if slashes % 2 == 0 { return quote + 1 }
            index = quote + 1
        }
        return end
    }
}

extension UnsafeRawBufferPointer {
    @inline(__always)
    func isEqual(_ name: StaticString) -> Bool {
        count == name.utf8CodeUnitCount && (count == 0 || memcmp(baseAddress!, name.utf8Start, count) == 0)
    }

    @inline(__always)
    func isEqual(_ other: UnsafeRawBufferPointer) -> Bool {
        count == other.count && (count == 0 || memcmp(baseAddress!, other.baseAddress!, count) == 0)
    }

    @inline(__always)
    func isEqual(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { isEqual($0) } }

    /// The inside of a JSON string; everything else as it is.
    @inline(__always)
    var inside: UnsafeRawBufferPointer {
        count >= 2 && self[0] == 0x22 ? UnsafeRawBufferPointer(rebasing: self[1..<count - 1]) : self
    }

    @inline(__always)
    var whole: Int64? {
        guard count > 0, count < 20 else { return nil }
        let negative = self[0] == 0x2D
        var value: Int64 = 0
        for index in (negative ? 1 : 0)..<count {
            let digit = self[index] &- 0x30
            guard digit <= 9 else { return nil }
            value = value &* 10 &+ Int64(digit)
        }
        return negative ? -value : value
    }

    var decimal: ExactDecimal? { inside.withMemoryRebound(to: UInt8.self) { ExactDecimal(ascii: $0) } }

    var isTrue: Bool { isEqual("true") }

    /// The text of a JSON value; a string without quotes and escapes.
    var string: String {
        let inner = inside
        guard inner.contains(0x5C) else { return String(decoding: inner, as: UTF8.self) }
        var bytes: [UInt8] = []
        var index = 0
        while index < inner.count {
            guard inner[index] == 0x5C, index + 1 < inner.count else {
                bytes.append(inner[index])
                index += 1
                continue
            }
            if inner[index + 1] == 0x75, index + 5 < inner.count {
                let code = inner[(index + 2)...(index + 5)].reduce(UInt32(0)) { $0 << 4 | UInt32(Self.digit($1)) }
                bytes.append(contentsOf: String(Unicode.Scalar(code).map(Character.init) ?? "?").utf8)
                index += 6
            } else {
                bytes.append(inner[index + 1])
                index += 2
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8 { byte < 0x40 ? byte &- 0x30 : (byte | 0x20) &- 0x57 }
}
