/// Writes a short text of digits and signs, for the values that every answer is full of.
struct DigitText {
    fileprivate var buffer: UnsafeMutableBufferPointer<UInt8>
    fileprivate var count = 0

    mutating func put(_ character: Unicode.Scalar) {
        buffer[count] = UInt8(truncatingIfNeeded: character.value)
        count += 1
    }

    /// In decimal, with zeros before it up to a width.
    mutating func put(_ value: UInt64, width: Int = 1) {
        var digits = 1
        var rest = value / 10
        while rest > 0 {
            digits += 1
            rest /= 10
        }
        let end = count + max(width, digits)
        rest = value
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

extension String {
    /// - Parameter capacity: Bytes that the text may need at most.
    init(digits capacity: Int, _ write: (inout DigitText) -> Void) {
        // On the stack: most of these texts are short enough for a string without storage.
        self = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { buffer in
            var text = DigitText(buffer: buffer)
            write(&text)
            return String(decoding: UnsafeBufferPointer(rebasing: buffer[..<text.count]), as: UTF8.self)
        }
    }
}
