/// How a byte that could not be decoded travels inside decoded text: as three bytes that UTF-8 never has, so that splitting
/// goes on, validation finds it, and ``restored(_:)`` brings it back.
enum Undecodable {
    static let lead: UInt8 = 0xFF

    @inline(__always)
    static func mark(_ byte: UInt8, at output: UnsafeMutablePointer<UInt8>) -> Int {
        output[0] = lead
        output[1] = 0x80 | byte >> 6
        output[2] = 0x80 | byte & 0x3F
        return 3
    }

    /// The text as UTF-8 with its undecodable bytes as they were.
    static func restored(_ marked: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(marked.count)
        var at = 0
        while at < marked.count {
            if marked[at] == lead && at + 2 < marked.count {
                bytes.append((marked[at + 1] & 0x3) << 6 | marked[at + 2] & 0x3F)
                at += 3
            } else {
                bytes.append(marked[at])
                at += 1
            }
        }
        return bytes
    }
}
