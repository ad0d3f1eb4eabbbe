/// Memory for one intermediate text, kept from row to row.
struct Scratch: ~Copyable {
    private(set) var pointer: UnsafeMutablePointer<UInt8>
    private var capacity: Int

    init() {
        capacity = 256
        pointer = .allocate(capacity: capacity)
    }

    deinit { pointer.deallocate() }

    /// Makes room for `count` bytes; what was there before is lost if it grows.
    mutating func reserve(_ count: Int) {
        if count <= capacity { return }
        pointer.deallocate()
        capacity = max(count, capacity * 2)
        pointer = .allocate(capacity: capacity)
    }
}
