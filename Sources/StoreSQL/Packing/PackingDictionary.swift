import CZstd

/// The two texts of a row.
package typealias PackedTexts = (body: UnsafeRawBufferPointer, beside: UnsafeRawBufferPointer?)

/// What the rows of one subject have in common, in zstd's own form, ready for use.
final class PackingDictionary {
    let number: Int64
    /// Thousandths that its samples were packed to.
    let share: Int
    let check: Check
    let decompressing: OpaquePointer?
    /// A reader needs none.
    private(set) lazy var compressing: OpaquePointer? = bytes.withUnsafeBytes {
        ZSTD_createCDict($0.baseAddress, $0.count, level)
    }
    private let bytes: [UInt8]
    private let level: Int32

    /// What tells that a row is not what was stored.
    enum Check {
        /// zstd's checksum of the text, at the frame's end: so are rows of no dictionary, and of dictionaries that stores have from before.
        case ofText
        /// Four bytes in front of the frame: a frame is an eighth of its text to go through.
        case ofFrame
    }

    /// Rows that it takes to make one, and bytes of one: the larger ones pack no better.
    static let fewest = 32
    private static let size = 8 << 10
    /// Rows that are looked at, and bytes: of four times as many rows one takes four times as long to make, and packs no better.
    static let mostSamples = 256
    private static let mostBytes = 8 << 20
    /// Dictionaries of a subject, and shapes.
    static let most: Int64 = 32

    init(_ number: Int64, share: Int, _ bytes: UnsafeRawBufferPointer, check: Check, level: Int32) {
        self.number = number
        self.share = share
        self.check = check
        self.bytes = Array(bytes)
        self.level = level
        decompressing = ZSTD_createDDict(bytes.baseAddress, bytes.count)
    }

    deinit {
        ZSTD_freeDDict(decompressing)
        if let compressing { ZSTD_freeCDict(compressing) }
    }

    /// The last of the samples as they are, with what zstd counts in all of them. Choosing the parts that most samples share (as zstd's trainer
    /// does) takes twenty times as long, and packs no better.
    ///
    /// Nil where there is too little of them.
    static func made(of samples: some Collection<PackedTexts>, level: Int32) -> [UInt8]? {
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
        var parameters = ZDICT_params_t()
        parameters.compressionLevel = level
        return text.withUnsafeBytes { text in
            [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                let made = ZDICT_finalizeDictionary(
                    buffer.baseAddress, room, text.baseAddress! + text.count - room, room, text.baseAddress, sizes,
                    UInt32(sizes.count), parameters)
                count = ZDICT_isError(made) == 0 ? made : 0
            }.nonEmpty
        }
    }
}

extension [UInt8] {
    fileprivate var nonEmpty: Self? { isEmpty ? nil : self }
}
