/// Which run brought each record of an account, packed: kept beside the account's view, which is made of the same versions.
///
/// For each record the number of its stream, its run's number and the length of its key (LEB128), and its key.
public struct RecordRuns: Sendable {
    public private(set) var bytes: [UInt8] = []

    public init() {}

    public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    public mutating func append(_ stream: StreamID, key: UnsafeRawBufferPointer, _ run: RunID) {
        append(UInt64(bitPattern: stream.number))
        append(UInt64(bitPattern: run.number))
        append(UInt64(key.count))
        bytes.append(contentsOf: key)
    }

    private mutating func append(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Hands out what was packed. Bytes that are nothing of the kind end the walk; nothing outside of them is read.
    public static func forEach(
        in bytes: UnsafeRawBufferPointer, _ body: (StreamID, _ key: UnsafeRawBufferPointer, RunID) throws -> Void
    ) rethrows {
        var place = 0
        func number() -> Int64? {
            var number: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 64, by: 7) where place < bytes.count {
                let byte = bytes[place]
                place += 1
                number |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { return Int64(bitPattern: number) }
            }
            return nil
        }
        while let stream = number(), let run = number(), let count = number(), count >= 0,
            count <= Int64(bytes.count - place)
        {
            let end = place + Int(count)
            try body(StreamID(stream), UnsafeRawBufferPointer(rebasing: bytes[place..<end]), RunID(run))
            place = end
        }
    }
}
