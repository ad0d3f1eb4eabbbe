import CZlib
import HeatModel

/// The content of one entry of a ZIP file, unpacked piece by piece. At its end, size and checksum are what the table of contents
/// says, or it throws.
final class ZipEntryReader {
    private let file: FileReader
    private let entry: ZipArchive.Entry
    /// At one address for life, as zlib needs it.
    private let stream: UnsafeMutablePointer<z_stream>
    private let input: UnsafeMutablePointer<UInt8>
    private static let inputSize = 1 << 17
    private var offset: Int64 = 0
    private var packedLeft: Int64
    private var made: Int64 = 0
    private var crc: UInt = 0
    private var isAtEnd = false
    private var hasEnded = false

    init(_ file: FileReader, _ entry: ZipArchive.Entry) throws {
        self.file = file
        self.entry = entry
        packedLeft = entry.packedSize
        input = .allocate(capacity: Self.inputSize)
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        if entry.isEncrypted {
            throw CSVError.make(
                .sourceWrongFormat, "\(entry.name.text) in the ZIP file is protected by a password", file.path,
                advice: "Have it sent without a password.")
        }
        guard entry.method == 0 || entry.method == 8 else {
            throw CSVError.make(
                .sourceWrongFormat, "\(entry.name.text) in the ZIP file is packed by method \(entry.method)", file.path,
                advice: "Have it packed as ZIP programs do by default (deflate).")
        }
        if entry.method == 8, hearth_inflate_raw_init(stream) != Z_OK {
            throw HearthError(.sourceUnreadable, "zlib cannot be started", at: .file(file.path, line: 0, column: 0))
        }
        // The entry's own head says once more how long its name is, and then how long its other fields are.
        let head = try ZipArchive.bytes(file, at: entry.offset, count: 30)
        let fields = ZipFields(head)
        guard fields.four(0) == 0x0403_4B50, fields.two(26) == entry.name.bytes.count else { throw damaged() }
        offset = entry.offset + 30 + Int64(fields.two(26) + fields.two(28))
        let name = try ZipArchive.bytes(file, at: entry.offset + 30, count: entry.name.bytes.count)
        guard name == entry.name.bytes, entry.packedSize <= file.stamp.size - offset else { throw damaged() }
    }

    deinit {
        if entry.method == 8 { inflateEnd(stream) }
        stream.deallocate()
        input.deallocate()
    }

    /// Up to `count` bytes; 0 at the end, which is whole.
    func read(into buffer: UnsafeMutablePointer<UInt8>, count: Int) throws -> Int {
        if isAtEnd { return 0 }
        let read = entry.method == 0 ? try copy(buffer, count) : try inflated(buffer, count)
        made += Int64(read)
        crc = crc32_z(crc, buffer, read)
        // More than is stated would go on for as long as its maker likes.
        if made > entry.size { throw damaged() }
        if read == 0 {
            isAtEnd = true
            if made != entry.size || crc != UInt(entry.crc) || packedLeft > 0 || stream.pointee.avail_in > 0 {
                throw damaged()
            }
        }
        return read
    }

    private func copy(_ buffer: UnsafeMutablePointer<UInt8>, _ count: Int) throws -> Int {
        let read = try file.read(into: buffer, count: Int(min(Int64(count), packedLeft)), at: offset)
        offset += Int64(read)
        packedLeft -= Int64(read)
        return read
    }

    private func inflated(_ buffer: UnsafeMutablePointer<UInt8>, _ count: Int) throws -> Int {
        stream.pointee.next_out = buffer
        stream.pointee.avail_out = UInt32(min(count, 1 << 30))
        let room = stream.pointee.avail_out
        while !hasEnded && stream.pointee.avail_out > 0 {
            if stream.pointee.avail_in == 0 {
                let read = try file.read(
                    into: input, count: Int(min(Int64(Self.inputSize), packedLeft)), at: offset)
                if read == 0 { throw damaged() }
                offset += Int64(read)
                packedLeft -= Int64(read)
                stream.pointee.next_in = input
                stream.pointee.avail_in = UInt32(read)
            }
            switch inflate(stream, Z_NO_FLUSH) {
            case Z_OK, Z_BUF_ERROR: break
            case Z_STREAM_END: hasEnded = true
            default: throw damaged()
            }
        }
        return Int(room - stream.pointee.avail_out)
    }

    private func damaged() -> HearthError { ZipArchive.damaged(file.path, "\(entry.name.text) is not what it was") }
}
