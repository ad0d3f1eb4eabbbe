/// A value whose text is a few digits and signs, as every answer is full of: money, measures, days, instants.
public protocol DigitTextual: CustomStringConvertible {
    /// Bytes that the text may need at most.
    static var textCapacity: Int { get }

    func write(to text: inout DigitText)
}

extension DigitTextual {
    public var description: String {
        // On the stack: most of these texts are short enough for a string without storage.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.textCapacity) { buffer in
            var text = DigitText(buffer)
            write(to: &text)
            return String(decoding: UnsafeBufferPointer(rebasing: buffer[..<text.count]), as: UTF8.self)
        }
    }
}

/// Writes a ``DigitTextual``'s text in ASCII to memory that its caller has made room in.
public struct DigitText {
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    /// Bytes written so far.
    public private(set) var count = 0

    public init(_ buffer: UnsafeMutableBufferPointer<UInt8>) { self.buffer = buffer }

    public mutating func put(_ character: Unicode.Scalar) {
        buffer[count] = UInt8(truncatingIfNeeded: character.value)
        count += 1
    }

    /// In decimal, with zeros before it up to a width.
    public mutating func put(_ value: UInt64, width: Int = 1) {
        var digits = 1
        var limit: UInt64 = 10
        while digits < 19, value >= limit {
            digits += 1
            limit *= 10
        }
        if digits == 19, value >= 10_000_000_000_000_000_000 { digits = 20 }
        let end = count + max(width, digits)
        var rest = value
        var place = end
        while place > count {
            place -= 1
            buffer[place] = 0x30 + UInt8(rest % 10)
            rest /= 10
        }
        count = end
    }

    mutating func put(_ value: Int, width: Int) { put(UInt64(value.magnitude), width: width) }
}
