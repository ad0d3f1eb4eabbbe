import CZstd

/// The two texts of a row.
typealias PackedTexts = (body: UnsafeRawBufferPointer, beside: UnsafeRawBufferPointer?)

/// What the rows of one subject have in common, in zstd's own form, ready for use.
final class PackingDictionary {
    let number: Int64
    /// Thousandths that its samples were packed to.
    let share: Int
    let decompressing: OpaquePointer?
    /// A reader needs none.
    private(set) lazy var compressing: OpaquePointer? = bytes.withUnsafeBytes {
        ZSTD_createCDict($0.baseAddress, $0.count, level)
    }
    private let bytes: [UInt8]
    private let level: Int32

    /// Rows that it takes to make one, and bytes of one: the larger ones pack no better.
    static let fewest = 32
    private static let size = 16 << 10
    /// Rows that are looked at, and bytes: of four times as many rows one takes four times as long to make, and packs no better.
    static let mostSamples = 256
    private static let mostBytes = 8 << 20
    /// Dictionaries of a subject, and shapes.
    static let most: Int64 = 32

    init(_ number: Int64, share: Int, _ bytes: UnsafeRawBufferPointer, level: Int32) {
        self.number = number
        self.share = share
        self.bytes = Array(bytes)
        self.level = level
        decompressing = ZSTD_createDDict(bytes.baseAddress, bytes.count)
    }

    deinit {
        ZSTD_freeDDict(decompressing)
        if let compressing { ZSTD_freeCDict(compressing) }
    }

    /// Nil where the samples have nothing in common that is worth it.
    static func trained(
        on samples: some Collection<PackedTexts>
    ) -> [UInt8]? {
        var text: [UInt8] = []
        var sizes: [Int] = []
        for (body, beside) in samples where text.count < mostBytes {
            let start = text.count
            text.append(contentsOf: body)
            if let beside { text.append(contentsOf: beside) }
            sizes.append(text.count - start)
        }
        let room = min(size, text.count / 8)
        if room < 256 { return nil }
        return [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            let made = ZDICT_trainFromBuffer(buffer.baseAddress, room, text, sizes, UInt32(sizes.count))
            count = ZDICT_isError(made) == 0 ? made : 0
        }.nonEmpty
    }
}

extension [UInt8] {
    fileprivate var nonEmpty: Self? { isEmpty ? nil : self }
}
