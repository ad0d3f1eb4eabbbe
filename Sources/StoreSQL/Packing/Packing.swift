import CZstd
import HeatModel

/// Packs the texts of a row, and unpacks them: its body, and what stands beside it (the columns as pulled of a record, the runs of a view).
///
/// A row that has the shape of its stream is packed by that (``ShapeCodec``), any other as one zstd frame without its magic number: the length
/// of the body, doubled, and one more where something stands beside it (LEB128), then the two. The row names the shape, or the dictionary that
/// the frame needs; 0 is none. A row that is not what was stored is told by its check (``PackingDictionary/Check``).
///
/// Of one connection, and used as that one is: by one thread at a time.
package final class Packing {
    let table: PackingTable
    private let compressor: OpaquePointer?
    private let decompressor: OpaquePointer?
    /// By number.
    var dictionaries: [Int64: PackingDictionary] = [:]
    var shapes: [Int64: ShapeCodec] = [:]
    private var lastShape: ShapeCodec?
    var subjects: [Int64: Subject] = [:]
    var lastSubject: Subject?
    private let plain = ByteBuffer()
    private let packed = ByteBuffer()
    /// What nothing is unpacked into at present.
    private var spare: [ByteBuffer] = []

    /// Rows that resemble each other, packed with one dictionary: those of a stream by its number, and the views.
    package final class Subject {
        package static let views: Int64 = 0

        let number: Int64
        var dictionary: PackingDictionary?
        var shape: ShapeCodec?
        /// How many there are.
        var dictionaries: Int64 = 0
        var shapes: Int64 = 0
        /// Rows since it was last asked whether the shape still suits them, and those that it did not.
        var rows = 0
        var misfits = 0
        var isShapeless = false
        /// Bytes since ``Packing/prepare(_:_:)`` looked at them, before and after.
        var plainBytes = 0
        var packedBytes = 0
        var isHopeless = false

        init(_ number: Int64) { self.number = number }
    }

    /// zstd's fastest level with entropy coding: levels above it gain 2 % and take up to five times as long.
    static let level: Int32 = 1
    /// What every frame begins with, and no row keeps.
    private static let magicCount = 4
    /// No row is larger: SQLite's own bound.
    private static let most: UInt64 = 1_000_000_000

    /// - Throws: `store.failed` where there is no memory for it.
    package init(_ table: PackingTable) throws {
        self.table = table
        compressor = ZSTD_createCCtx()
        decompressor = ZSTD_createDCtx()
        guard compressor != nil, decompressor != nil else {
            throw HearthError(.storeFailed, "there is no memory to pack rows with", at: .address("store"))
        }
        ZSTD_CCtx_setParameter(compressor, ZSTD_c_compressionLevel, Self.level)
        ZSTD_CCtx_setParameter(compressor, ZSTD_c_dictIDFlag, 0)
    }

    deinit {
        ZSTD_freeCCtx(compressor)
        ZSTD_freeDCtx(decompressor)
    }

    /// To be called where a transaction is taken back: a dictionary that it made is not there.
    package func forgetUncommitted() {
        dictionaries = [:]
        shapes = [:]
        lastShape = nil
        subjects = [:]
        lastSubject = nil
    }

    // MARK: Packing

    /// The packed row, until the next call, and what it is to name.
    package func pack(
        _ body: UnsafeRawBufferPointer, _ beside: UnsafeRawBufferPointer?, as subject: Subject
    ) throws -> (packing: Int64, bytes: UnsafeRawBufferPointer) {
        subject.rows += 1
        if let shape = subject.shape, let beside, let bytes = shape.pack(body, beside) {
            return (shape.number, bytes)
        }
        subject.misfits += 1
        let bytes = try pack(body, beside, with: subject.dictionary)
        subject.plainBytes += body.count + (beside?.count ?? 0)
        subject.packedBytes += bytes.count
        return (subject.dictionary?.number ?? 0, bytes)
    }

    /// With no shape; of no dictionary where that is nil.
    package func packAlone(
        _ body: UnsafeRawBufferPointer, _ beside: UnsafeRawBufferPointer?
    ) throws -> UnsafeRawBufferPointer { try pack(body, beside, with: nil) }

    func pack(
        _ body: UnsafeRawBufferPointer, _ beside: UnsafeRawBufferPointer?, with dictionary: PackingDictionary?
    ) throws -> UnsafeRawBufferPointer {
        let head = UInt64(body.count) << 1 | (beside == nil ? 0 : 1)
        let start = plain.reserve(10 + body.count + (beside?.count ?? 0))
        var text = start.assumingMemoryBound(to: UInt8.self)
        LEB128.put(head, &text)
        var end = UnsafeMutableRawPointer(text)
        if let base = body.baseAddress { end.copyMemory(from: base, byteCount: body.count) }
        end += body.count
        if let beside, let base = beside.baseAddress {
            end.copyMemory(from: base, byteCount: beside.count)
            end += beside.count
        }
        let room = ZSTD_compressBound(end - start)
        let out = packed.reserve(room)
        let check = dictionary?.check ?? .ofText
        ZSTD_CCtx_setParameter(compressor, ZSTD_c_checksumFlag, check == .ofText ? 1 : 0)
        ZSTD_CCtx_refCDict(compressor, dictionary?.compressing)
        let size = ZSTD_compress2(compressor, out, room, start, end - start)
        if ZSTD_isError(size) != 0 {
            throw HearthError(
                .storeFailed, "a row cannot be packed (\(String(cString: ZSTD_getErrorName(size))))",
                at: .address("store"))
        }
        let frame = UnsafeRawBufferPointer(start: out + Self.magicCount, count: size - Self.magicCount)
        guard check == .ofFrame, let dictionary else { return frame }
        out.storeBytes(of: ShapeCodec.check(frame, dictionary.number).littleEndian, as: UInt32.self)
        return UnsafeRawBufferPointer(start: out, count: size)
    }

    // MARK: Unpacking

    /// Hands out what was packed: the bytes live as long as the call, also where `use` unpacks other rows. Nil where the row is nothing
    /// of the kind.
    package func unpacking<Result>(
        _ row: UnsafeRawBufferPointer, packing number: Int64,
        _ use: (_ body: UnsafeRawBufferPointer, _ beside: UnsafeRawBufferPointer?) throws -> Result
    ) throws -> Result? {
        // What is in memory first: the file says of a number whether it is a shape or a dictionary. Most rows are as the one before.
        if let lastShape, lastShape.number == number { return try unpacking(row, by: lastShape, use) }
        var dictionary = dictionaries[number]
        if number != 0, dictionary == nil {
            if let shape = try shape(number) {
                lastShape = shape
                return try unpacking(row, by: shape, use)
            }
            dictionary = try self.dictionary(number)
            if dictionary == nil { return nil }
        }
        var row = row
        if let dictionary, dictionary.check == .ofFrame {
            guard row.count >= 4 else { return nil }
            let check = UInt32(littleEndian: row.loadUnaligned(as: UInt32.self))
            row = UnsafeRawBufferPointer(rebasing: row[4...])
            if check != ShapeCodec.check(row, number) { return nil }
        }
        let count = Self.magicCount + row.count
        let frame = packed.reserve(count)
        frame.storeBytes(of: ZSTD_MAGICNUMBER.littleEndian, as: UInt32.self)
        if let base = row.baseAddress { (frame + Self.magicCount).copyMemory(from: base, byteCount: row.count) }
        let size = ZSTD_getFrameContentSize(frame, count)
        guard size <= Self.most else { return nil }
        ZSTD_DCtx_refDDict(decompressor, dictionary?.decompressing)
        let memory = spare.popLast() ?? ByteBuffer()
        defer { spare.append(memory) }
        let text = memory.reserve(Int(size))
        var first = 0
        guard ZSTD_decompressDCtx(decompressor, text, Int(size), frame, count) == Int(size),
            let head = LEB128.number(UnsafeRawBufferPointer(start: text, count: Int(size)), &first),
            head >> 1 <= Int(size) - first
        else { return nil }
        let middle = first + Int(head >> 1)
        let beside = UnsafeRawBufferPointer(start: text + middle, count: Int(size) - middle)
        if head & 1 == 0, !beside.isEmpty { return nil }
        let body = UnsafeRawBufferPointer(start: text + first, count: middle - first)
        return try use(body, head & 1 == 0 ? nil : beside)
    }

    @inline(__always)
    private func unpacking<Result>(
        _ row: UnsafeRawBufferPointer, by shape: ShapeCodec,
        _ use: (_ body: UnsafeRawBufferPointer, _ beside: UnsafeRawBufferPointer?) throws -> Result
    ) throws -> Result? {
        let (raw, body) = (spare.popLast() ?? ByteBuffer(), spare.popLast() ?? ByteBuffer())
        defer {
            spare.append(body)
            spare.append(raw)
        }
        guard let made = shape.unpack(row, raw: raw, body: body) else { return nil }
        return try use(made.body, made.raw)
    }
}
