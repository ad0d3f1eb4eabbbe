import CZlib
import HeatModel

/// The content of a file: its bytes, or what they unpack to where they are gzip, or a ZIP file that holds one file.
final class ContentReader {
    /// Why the content ends before its end.
    enum Fault { case truncated, corrupt }

    private let file: FileReader
    private let isGzip: Bool
    private let isZip: Bool
    private var entry: ZipEntryReader?
    /// At one address for life, as zlib needs it.
    private let stream: UnsafeMutablePointer<z_stream>
    private let input: UnsafeMutablePointer<UInt8>
    private static let inputSize = 1 << 17
    /// Between two members of a gzip file, or before the first.
    private var isBetweenMembers = true
    private var isAtEnd = false
    private(set) var fault: Fault?
    /// Called with the file's own bytes as they are read.
    var onRaw: ((UnsafeRawBufferPointer) throws -> Void)?

    init(_ file: FileReader) {
        self.file = file
        file.rewind()
        isGzip = file.peek(3) == [0x1F, 0x8B, 8]
        isZip = file.peek(4) == FileFormat.zipMark
        input = .allocate(capacity: Self.inputSize)
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        if isGzip { _ = hearth_inflate_init(stream) }
    }

    deinit {
        if isGzip { inflateEnd(stream) }
        stream.deallocate()
        input.deallocate()
    }

    /// Up to `count` bytes of content; 0 at its end, which is before its time where ``fault`` says so.
    func read(into buffer: UnsafeMutablePointer<UInt8>, count: Int) throws -> Int {
        if isAtEnd { return 0 }
        if isZip { return try zipped().read(into: buffer, count: count) }
        if !isGzip {
            let read = try file.read(into: buffer, count: count)
            try onRaw?(UnsafeRawBufferPointer(start: buffer, count: read))
            isAtEnd = read == 0
            return read
        }
        stream.pointee.next_out = buffer
        stream.pointee.avail_out = UInt32(min(count, 1 << 30))
        let room = Int(stream.pointee.avail_out)
        while !isAtEnd && stream.pointee.avail_out > 0 {
            if stream.pointee.avail_in == 0 { try refill() }
            if isAtEnd { break }
            step()
        }
        return room - Int(stream.pointee.avail_out)
    }

    /// The table of contents stands at the end, so the file's own bytes are told of first, all of them.
    private func zipped() throws -> ZipEntryReader {
        if let entry { return entry }
        if let onRaw { try file.readAll(onRaw) }
        let made = try ZipEntryReader(file, FileFormat.onlyEntry(of: ZipArchive(file), file))
        entry = made
        return made
    }

    private func refill() throws {
        let read = try file.read(into: input, count: Self.inputSize)
        try onRaw?(UnsafeRawBufferPointer(start: input, count: read))
        stream.pointee.next_in = input
        stream.pointee.avail_in = UInt32(read)
        if read == 0 {
            isAtEnd = true
            if !isBetweenMembers { fault = .truncated }
        }
    }

    private func step() {
        if isBetweenMembers {
            // Zero bytes after a member are padding.
            while stream.pointee.avail_in > 0 && stream.pointee.next_in.pointee == 0 {
                stream.pointee.next_in += 1
                stream.pointee.avail_in -= 1
            }
            if stream.pointee.avail_in == 0 { return }
            isBetweenMembers = false
        }
        switch inflate(stream, Z_NO_FLUSH) {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END:
            inflateReset(stream)
            isBetweenMembers = true
        default:
            fault = .corrupt
            isAtEnd = true
        }
    }

    /// Reads what is left of the file, so that `onRaw` sees all of it even after a fault.
    func drain() throws {
        while fault != nil {
            let read = try file.read(into: input, count: Self.inputSize)
            if read == 0 { return }
            try onRaw?(UnsafeRawBufferPointer(start: input, count: read))
        }
    }

    /// The error for ``fault``.
    func faultError() -> HearthError? {
        switch fault {
        case nil: nil
        case .truncated:
            CSVError.make(
                .sourceTruncated, "the gzip file ends in the middle", file.path, advice: "Have the file sent again.")
        case .corrupt:
            CSVError.make(
                .sourceCorrupt, "the gzip file is damaged", file.path, advice: "Have the file sent again.")
        }
    }
}
