public import HeatModel

/// Appends JSON to memory of its own. An answer is made of hundreds of short pieces, so a piece costs one comparison and its
/// copy; an array would ask each time whether it is shared.
///
/// ```swift
/// var json = JSONBytes()
/// json.raw("{")
/// json.member("account_number", "00012345")
/// json.raw("}")
/// let bytes = json.bytes
/// ```
public struct JSONBytes: ~Copyable {
    @usableFromInline var memory: UnsafeMutableRawPointer
    @usableFromInline var capacity: Int
    @usableFromInline var written = 0

    /// Bytes written so far.
    @inlinable public var count: Int { written }

    public init(capacity: Int = 256) {
        self.capacity = max(capacity, 64)
        memory = .allocate(byteCount: self.capacity, alignment: 1)
    }

    deinit { memory.deallocate() }

    /// A copy of what was written.
    public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    @inlinable
    public var last: UInt8? { count > 0 ? memory.load(fromByteOffset: count - 1, as: UInt8.self) : nil }

    /// What was written, in place: valid within the call.
    @inlinable
    public borrowing func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: memory, count: count))
    }

    /// What was written, as text.
    public var text: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }

    public mutating func removeAll() { written = 0 }

    public mutating func removeLast(_ bytes: Int) {
        precondition(bytes <= count, "no more can be taken away than was written")
        written -= bytes
    }

    /// Room for so many bytes more.
    @inlinable @inline(__always)
    mutating func reserve(_ more: Int) {
        if capacity - count < more { grow(more) }
    }

    @usableFromInline
    mutating func grow(_ more: Int) {
        let wanted = max(capacity * 2, count + more)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 1)
        larger.copyMemory(from: memory, byteCount: count)
        memory.deallocate()
        memory = larger
        capacity = wanted
    }

    @inlinable
    public mutating func raw(_ text: StaticString) {
        raw(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @inlinable
    public mutating func raw(_ buffer: UnsafeRawBufferPointer) {
        guard let start = buffer.baseAddress else { return }
        reserve(buffer.count)
        memory.advanced(by: count).copyMemory(from: start, byteCount: buffer.count)
        written += buffer.count
    }

    @inlinable
    public mutating func raw(_ other: [UInt8]) { other.withUnsafeBytes { raw($0) } }

    /// Text that needs no escapes, or that a string will be made of later.
    @inlinable
    public mutating func raw(_ text: String) { Self.withBytes(of: text) { raw($0) } }

    /// `"name":`, after a comma unless it is an object's first. The name needs no escapes.
    @inlinable
    public mutating func key(_ name: StaticString, droppingLast dropped: Int = 0, isFirst: Bool) {
        let length = name.utf8CodeUnitCount - dropped
        reserve(length + 4)
        if !isFirst { put(0x2C) }
        put(0x22)
        memory.advanced(by: count).copyMemory(from: name.utf8Start, byteCount: length)
        written += length
        put(0x22)
        put(0x3A)
    }

    @inlinable
    public mutating func integer(_ value: Int64) {
        write(atMost: 20) { text in
            if value < 0 { text.put("-") }
            text.put(value.magnitude)
        }
    }

    /// The text of money, a measure, a day or an instant, without quotes.
    @inlinable
    public mutating func digits<Value: DigitTextual>(_ value: Value) {
        write(atMost: Value.textCapacity) { value.write(to: &$0) }
    }

    @inlinable @inline(__always)
    mutating func write(atMost most: Int, _ body: (inout DigitText) -> Void) {
        reserve(most)
        let free = memory.advanced(by: count).assumingMemoryBound(to: UInt8.self)
        var text = DigitText(UnsafeMutableBufferPointer(start: free, count: most))
        body(&text)
        written += text.count
    }

    /// The same as a JSON string.
    @inlinable
    public mutating func string<Value: DigitTextual>(_ value: Value) {
        write(atMost: Value.textCapacity + 2) { text in
            text.put("\"")
            value.write(to: &text)
            text.put("\"")
        }
    }

    /// Money in yuan without commas, as the twin of an amount in fen has it: `"2846.40"`.
    @inlinable
    public mutating func yuan(_ fen: Int64) { string(ExactDecimal(units: fen, places: 2)) }

    @inlinable
    public mutating func string(_ text: String) { Self.withBytes(of: text) { string($0) } }

    /// A JSON string of UTF-8 bytes.
    public mutating func string(_ text: UnsafeRawBufferPointer) {
        reserve(text.count + 2)
        put(0x22)
        var start = 0
        var index = 0
        while index < text.count {
            // Eight at a time, as long as none needs an escape.
            if index + 8 <= text.count, !Self.needsEscape(text.loadUnaligned(fromByteOffset: index, as: UInt64.self)) {
                index += 8
                continue
            }
            let byte = text[index]
            if JSONEscape.letter(of: byte) != 0 {
                raw(text.part(start..<index))
                escape(byte)
                start = index + 1
            }
            index += 1
        }
        raw(text.part(start..<text.count))
        reserve(1)
        put(0x22)
    }

    /// Whether one of eight bytes is below 0x20, a quote or a backslash. A byte that is one sets its highest bit; borrows may set
    /// one too many, never one too few.
    private static func needsEscape(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = word ^ (ones * 0x22)
        let slashes = word ^ (ones * 0x5C)
        let found = (word &- ones * 0x20) & ~word | (quotes &- ones) & ~quotes | (slashes &- ones) & ~slashes
        return found & (ones * 0x80) != 0
    }

    private mutating func escape(_ byte: UInt8) {
        reserve(6)
        JSONEscape.write(byte) { put($0) }
    }

    /// Room has been made.
    @inlinable @inline(__always)
    mutating func put(_ byte: UInt8) {
        memory.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        written += 1
    }

    @inlinable @inline(__always)
    static func withBytes(of text: String, _ body: (UnsafeRawBufferPointer) -> Void) {
        let known: Void? = text.utf8.withContiguousStorageIfAvailable { body(UnsafeRawBufferPointer($0)) }
        if known != nil { return }
        var text = text
        text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
}
