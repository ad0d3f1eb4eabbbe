import CZstd
import GRDBSQLite
import HeatModel

/// Packs the texts of a row, and unpacks them: its body, and what stands beside it (the columns as pulled of a record, the runs of a view).
///
/// Packed they are one zstd frame without its magic number: the length of the body, doubled, and one more where something stands beside
/// it (LEB128), then the two. Its checksum is of all that. The frame needs the dictionary that the row names; 0 is none.
///
/// Of one connection, and used as that one is: by one thread at a time.
final class Packing {
    private let connection: OpaquePointer
    private let compressor: OpaquePointer
    private let decompressor: OpaquePointer
    private var known: [Int64: PackingDictionary] = [:]
    private var subjects: [Int64: Subject] = [:]
    private var lastSubject: Subject?
    private let plain = ByteBuffer()
    private let packed = ByteBuffer()
    /// What nothing is unpacked into at present.
    private var spare: [ByteBuffer] = []

    /// Rows that resemble each other, packed with one dictionary: those of a stream by its number, and the views.
    final class Subject {
        static let views: Int64 = 0

        let number: Int64
        fileprivate(set) var dictionary: PackingDictionary?
        fileprivate var dictionaries: Int64 = 0
        /// Bytes since ``Packing/prepare(_:_:)`` looked at them, before and after.
        fileprivate var plainBytes = 0
        fileprivate var packedBytes = 0
        fileprivate var isHopeless = false

        init(_ number: Int64) { self.number = number }
    }

    /// zstd's fastest level with entropy coding: levels above it gain 2 % and take up to five times as long.
    private static let level: Int32 = 1
    /// What every frame begins with, and no row keeps.
    private static let magicCount = 4
    /// Bytes of rows after which it is asked whether their dictionary still suits them.
    private static let trial = 256 << 10
    /// No row is larger: SQLite's own bound.
    private static let most: UInt64 = 1_000_000_000

    init(_ connection: OpaquePointer) {
        guard let compressor = ZSTD_createCCtx(), let decompressor = ZSTD_createDCtx() else {
            fatalError("no memory for zstd")
        }
        self.connection = connection
        self.compressor = compressor
        self.decompressor = decompressor
        ZSTD_CCtx_setParameter(compressor, ZSTD_c_compressionLevel, Self.level)
        ZSTD_CCtx_setParameter(compressor, ZSTD_c_checksumFlag, 1)
        ZSTD_CCtx_setParameter(compressor, ZSTD_c_dictIDFlag, 0)
    }

    deinit {
        ZSTD_freeCCtx(compressor)
        ZSTD_freeDCtx(decompressor)
    }

    /// To be called where a transaction is taken back: a dictionary that it made is not there.
    func forgetUncommitted() {
        known = [:]
        subjects = [:]
        lastSubject = nil
    }

    // MARK: Packing

    /// The bytes live until the next call.
    func pack(
        _ body: UnsafeRawBufferPointer, _ beside: UnsafeRawBufferPointer?, as subject: Subject
    ) throws -> UnsafeRawBufferPointer {
        let bytes = try pack(body, beside, with: subject.dictionary)
        subject.plainBytes += body.count + (beside?.count ?? 0)
        subject.packedBytes += bytes.count
        return bytes
    }

    func pack(
        _ body: UnsafeRawBufferPointer, _ beside: UnsafeRawBufferPointer?, with dictionary: PackingDictionary?
    ) throws -> UnsafeRawBufferPointer {
        let head = UInt64(body.count) << 1 | (beside == nil ? 0 : 1)
        let start = plain.reserve(10 + body.count + (beside?.count ?? 0))
        var end = start + Self.put(head, start)
        if let base = body.baseAddress { end.copyMemory(from: base, byteCount: body.count) }
        end += body.count
        if let beside, let base = beside.baseAddress {
            end.copyMemory(from: base, byteCount: beside.count)
            end += beside.count
        }
        let room = ZSTD_compressBound(end - start)
        let out = packed.reserve(room)
        ZSTD_CCtx_refCDict(compressor, dictionary?.compressing)
        let size = ZSTD_compress2(compressor, out, room, start, end - start)
        if ZSTD_isError(size) != 0 {
            throw HearthError(
                .storeFailed, "a row cannot be packed (\(String(cString: ZSTD_getErrorName(size))))",
                at: .address("store"))
        }
        return UnsafeRawBufferPointer(start: out + Self.magicCount, count: size - Self.magicCount)
    }

    // MARK: Unpacking

    /// Hands out what was packed: the bytes live as long as the call, also where `use` unpacks other rows. Nil where the row is nothing
    /// of the kind.
    func unpacking<Result>(
        _ row: UnsafeRawBufferPointer, dictionary number: Int64,
        _ use: (_ body: UnsafeRawBufferPointer, _ beside: UnsafeRawBufferPointer?) throws -> Result
    ) throws -> Result? {
        let count = Self.magicCount + row.count
        let frame = packed.reserve(count)
        frame.storeBytes(of: ZSTD_MAGICNUMBER.littleEndian, as: UInt32.self)
        if let base = row.baseAddress { (frame + Self.magicCount).copyMemory(from: base, byteCount: row.count) }
        let size = ZSTD_getFrameContentSize(frame, count)
        guard size <= Self.most else { return nil }
        var dictionary: PackingDictionary?
        if number != 0 {
            dictionary = try self.dictionary(number)
            if dictionary == nil { return nil }
        }
        ZSTD_DCtx_refDDict(decompressor, dictionary?.decompressing)
        let memory = spare.popLast() ?? ByteBuffer()
        defer { spare.append(memory) }
        let text = memory.reserve(Int(size))
        guard ZSTD_decompressDCtx(decompressor, text, Int(size), frame, count) == Int(size),
            let (head, first) = Self.number(UnsafeRawBufferPointer(start: text, count: Int(size))),
            head >> 1 <= Int(size) - first
        else { return nil }
        let middle = first + Int(head >> 1)
        let beside = UnsafeRawBufferPointer(start: text + middle, count: Int(size) - middle)
        if head & 1 == 0, !beside.isEmpty { return nil }
        let body = UnsafeRawBufferPointer(start: text + first, count: middle - first)
        return try use(body, head & 1 == 0 ? nil : beside)
    }

    /// Returns how many bytes it takes.
    private static func put(_ number: UInt64, _ out: UnsafeMutableRawPointer) -> Int {
        var (rest, place) = (number, out)
        while rest >= 0x80 {
            place.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, as: UInt8.self)
            rest >>= 7
            place += 1
        }
        place.storeBytes(of: UInt8(rest), as: UInt8.self)
        return place - out + 1
    }

    private static func number(_ bytes: UnsafeRawBufferPointer) -> (number: UInt64, count: Int)? {
        var number: UInt64 = 0
        for (index, byte) in bytes.prefix(9).enumerated() {
            number |= UInt64(byte & 0x7F) << UInt64(index * 7)
            if byte < 0x80 { return (number, index + 1) }
        }
        return nil
    }

    // MARK: Dictionaries

    private func dictionary(_ number: Int64) throws -> PackingDictionary? {
        if let dictionary = known[number] { return dictionary }
        let load = try Statement(connection, "SELECT share, dictionary FROM packing WHERE id = ?1").bind(1, number)
        guard try load.step() else { return nil }
        let dictionary = PackingDictionary(number, share: Int(load.int(0)), load.bytes(1), level: Self.level)
        known[number] = dictionary
        return dictionary
    }

    func subject(_ number: Int64) throws -> Subject {
        if let lastSubject, lastSubject.number == number { return lastSubject }
        let subject = subjects[number] ?? Subject(number)
        if subject.dictionary == nil {
            let last = try Statement(connection, "SELECT max(id), count(*) FROM packing WHERE subject = ?1")
            if try last.bind(1, number).step(), let id = last.optionalInt(0) {
                subject.dictionaries = last.int(1)
                subject.dictionary = try dictionary(id)
            }
        }
        subjects[number] = subject
        lastSubject = subject
        return subject
    }

    /// Whether ``prepare(_:_:)`` would look at rows that are about to be packed.
    func wantsSamples(_ subject: Subject) -> Bool {
        !subject.isHopeless && (subject.dictionary == nil || subject.plainBytes >= Self.trial)
    }

    /// Makes a dictionary of rows that are about to be packed where the subject has none, or where what was packed last came out much
    /// larger than what its dictionary was made of.
    func prepare(_ subject: Subject, _ rows: some Collection<PackedTexts>) throws {
        let samples = rows.prefix(PackingDictionary.mostSamples)
        guard samples.count >= PackingDictionary.fewest, !subject.isHopeless else { return }
        if let dictionary = subject.dictionary {
            let isUnlike = subject.packedBytes * 1000 > subject.plainBytes * (dictionary.share * 3 / 2 + 20)
            (subject.plainBytes, subject.packedBytes) = (0, 0)
            if !isUnlike || subject.dictionaries >= PackingDictionary.most { return }
        }
        guard let bytes = PackingDictionary.trained(on: samples) else {
            subject.isHopeless = true
            return
        }
        let trial = bytes.withUnsafeBytes { PackingDictionary(0, share: 0, $0, level: Self.level) }
        var (before, after) = (1, 0)
        for (body, beside) in samples {
            before += body.count + (beside?.count ?? 0)
            after += try pack(body, beside, with: trial).count
        }
        let put = try Statement(connection, "INSERT INTO packing(subject, share, dictionary) VALUES(?1, ?2, ?3)")
        try put.bind(1, subject.number).bind(2, Int64(after * 1000 / before)).bind(3, blob: bytes).run()
        subject.dictionary = try dictionary(sqlite3_last_insert_rowid(connection))
        subject.dictionaries += 1
    }
}

/// Memory that grows and is never given back before its owner goes.
private final class ByteBuffer {
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
