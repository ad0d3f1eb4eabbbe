/// Hashes of the keys of a window of records. Two keys of one hash only cost a question to the store.
struct KeyHashes {
    /// Zero is a free place. A power of two, at least twice as many places as hashes.
    private var places: [UInt64] = []
    private var count = 0

    mutating func removeAll() {
        if count == 0 { return }
        for index in places.indices { places[index] = 0 }
        count = 0
    }

    /// False where the hash was in.
    mutating func insert(_ key: UnsafeRawBufferPointer) -> Bool {
        if count * 2 >= places.count { grow() }
        let hash = Self.hash(key)
        return place(hash)
    }

    private mutating func place(_ hash: UInt64) -> Bool {
        let mask = places.count - 1
        var index = Int(truncatingIfNeeded: hash) & mask
        while places[index] != 0 {
            if places[index] == hash { return false }
            index = (index + 1) & mask
        }
        places[index] = hash
        count += 1
        return true
    }

    private mutating func grow() {
        let before = places
        places = [UInt64](repeating: 0, count: max(before.count * 2, 4096))
        count = 0
        for hash in before where hash != 0 { _ = place(hash) }
    }

    /// Eight bytes at a time; never zero.
    private static func hash(_ key: UnsafeRawBufferPointer) -> UInt64 {
        var hash = UInt64(truncatingIfNeeded: key.count) &* 0x9E37_79B9_7F4A_7C15
        var offset = 0
        while offset + 8 <= key.count {
            hash = mix(hash ^ key.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset += 8
        }
        var rest: UInt64 = 0
        for byte in key[offset...] { rest = rest << 8 | UInt64(byte) }
        return mix(hash ^ rest) | 1
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }
}
