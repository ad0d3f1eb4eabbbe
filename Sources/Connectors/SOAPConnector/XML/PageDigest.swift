import Records

/// What the records of one answer were, as numbers: to tell a page that comes again from one that is new, whatever else the answer
/// says, a clock for instance. The order of the records does not matter.
struct PageDigest: Hashable {
    private(set) var records = 0
    private(set) var content: UInt64 = 0
    /// Of the key columns alone; 0 without any.
    private(set) var keys: UInt64 = 0
    /// The keys one by one, where they are to be counted.
    private(set) var allKeys: [UInt64] = []
    private let keyColumns: [Int]
    private let collectsKeys: Bool

    init(_ stream: SOAPStream) {
        let names = stream.fields.map(\.name)
        keyColumns = stream.key.compactMap { names.firstIndex(of: $0) }
        collectsKeys = stream.total?.scope == .pass && !stream.key.isEmpty && keyColumns.count == stream.key.count
    }

    mutating func take(_ batch: RawBatch) {
        let columns = batch.columns.count
        batch.bytes.withUnsafeBytes { bytes in
            batch.fields.withUnsafeBufferPointer { fields in
                for row in 0..<batch.rowCount {
                    var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
                    for column in 0..<columns { Self.mix(&hash, fields[row * columns + column], bytes) }
                    content &+= Self.finish(hash)
                    if keyColumns.isEmpty { continue }
                    var key: UInt64 = 0xC2B2_AE3D_27D4_EB4F
                    for column in keyColumns { Self.mix(&key, fields[row * columns + column], bytes) }
                    let finished = Self.finish(key)
                    keys &+= finished
                    if collectsKeys { allKeys.append(finished) }
                }
            }
        }
        records += batch.rowCount + batch.defects.count
        for defect in batch.defects {
            var hash: UInt64 = 0x1656_67B1_9E37_79F9
            defect.raw.withUnsafeBytes { Self.mix(&hash, ByteRange(offset: 0, length: Int32($0.count)), $0) }
            content &+= Self.finish(hash)
            if !keyColumns.isEmpty { keys &+= Self.finish(hash) }
        }
    }

    /// Eight bytes at a time; the length keeps NULL, empty and neighbouring fields apart.
    @inline(__always)
    private static func mix(_ hash: inout UInt64, _ field: ByteRange, _ bytes: UnsafeRawBufferPointer) {
        hash = (hash ^ UInt64(truncatingIfNeeded: field.length)) &* 0xFF51_AFD7_ED55_8CCD
        var at = Int(field.offset)
        var left = Int(field.length)
        while left >= 8 {
            hash = (hash ^ bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)) &* 0xC4CE_B9FE_1A85_EC53
            hash ^= hash >> 29
            at += 8
            left -= 8
        }
        var tail: UInt64 = 0
        while left > 0 {
            tail = tail << 8 | UInt64(bytes[at])
            at += 1
            left -= 1
        }
        hash = (hash ^ tail) &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash >> 32
    }

    private static func finish(_ hash: UInt64) -> UInt64 {
        var z = hash
        z = (z ^ (z >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        return z ^ (z >> 33)
    }
}
