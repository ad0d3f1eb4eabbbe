/// Memory that grows and is never given back before its owner goes.
final class ByteBuffer {
    private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)

    deinit { memory.deallocate() }

    /// Room for so many bytes; what was there is lost.
    func reserve(_ count: Int) -> UnsafeMutableRawPointer {
        if count > memory.count {
            memory.deallocate()
            memory = .allocate(byteCount: count + count / 2, alignment: 16)
        }
        return memory.baseAddress!
    }
}
