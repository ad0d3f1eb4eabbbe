import Glibc

/// Bytes that grow, without bounds, uniqueness or exclusivity checks. Freed by its owner.
struct ByteStore {
    private(set) var start: UnsafeMutablePointer<UInt8>
    private(set) var capacity: Int
    var count = 0

    init(capacity: Int) {
        self.capacity = max(capacity, 64)
        start = .allocate(capacity: self.capacity)
    }

    @inline(__always)
    mutating func append(_ source: UnsafePointer<UInt8>, _ length: Int) {
        if count + length > capacity { grow(by: length) }
        memcpy(start + count, source, length)
        count += length
    }

    @inline(never)
    private mutating func grow(by length: Int) {
        let wanted = max(capacity * 2, count + length)
        let next = UnsafeMutablePointer<UInt8>.allocate(capacity: wanted)
        next.update(from: start, count: count)
        start.deallocate()
        start = next
        capacity = wanted
    }

    mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { if let base = $0.baseAddress { append(base, $0.count) } }
    }

    func slice(_ range: Range<Int>) -> [UInt8] {
        Array(UnsafeBufferPointer(start: start + range.lowerBound, count: range.count))
    }

    /// Drops the first bytes.
    mutating func drop(_ length: Int) {
        memmove(start, start + length, count - length)
        count -= length
    }

    func free() { start.deallocate() }
}
