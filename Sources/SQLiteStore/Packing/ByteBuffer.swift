/// Memory that grows and is never given back before its owner goes.
final class ByteBuffer {
    private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)

    /// Bytes that were appended since it was last rewound.
    private(set) var count = 0

    deinit { memory.deallocate() }

    /// What was appended.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

    func rewind() { count = 0 }

    func append(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        if count + bytes.count > memory.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(
                byteCount: (count + bytes.count) * 2, alignment: 16)
            larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<count]))
            memory.deallocate()
            memory = larger
        }
        (memory.baseAddress! + count).copyMemory(from: base, byteCount: bytes.count)
        count += bytes.count
    }

    /// Room for so many bytes; what was there is lost.
    func reserve(_ count: Int) -> UnsafeMutableRawPointer {
        if count > memory.count {
            memory.deallocate()
            memory = .allocate(byteCount: count + count / 2, alignment: 16)
        }
        return memory.baseAddress!
    }
}
