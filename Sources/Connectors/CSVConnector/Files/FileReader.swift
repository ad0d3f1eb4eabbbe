import Glibc
import HeatModel

/// What distinguishes one state of a file from another without reading it.
struct FileStamp: Equatable {
    var device: UInt
    var inode: UInt
    var size: Int64
    var modified: (seconds: Int, nanoseconds: Int)
    var changed: (seconds: Int, nanoseconds: Int)

    init(_ status: stat) {
        device = UInt(status.st_dev)
        inode = UInt(status.st_ino)
        size = Int64(status.st_size)
        modified = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
        changed = (status.st_ctim.tv_sec, status.st_ctim.tv_nsec)
    }

    static func == (a: FileStamp, b: FileStamp) -> Bool {
        a.device == b.device && a.inode == b.inode && a.size == b.size && a.modified == b.modified
            && a.changed == b.changed
    }
}

/// An open file, read only, that notices when someone writes to it.
final class FileReader {
    let path: String
    let stamp: FileStamp
    private let descriptor: Int32

    init(_ path: DropPath) throws {
        let descriptor = path.withCString { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        guard descriptor >= 0 else { throw Self.failure(path.shown, errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw CSVError.make(
                .sourceUnreadable, "not a regular file", path.shown, advice: "Put a plain file there.")
        }
        self.path = path.shown
        self.descriptor = descriptor
        self.stamp = FileStamp(status)
    }

    deinit { close(descriptor) }

    /// Reads on, up to `count` bytes; 0 at the end. Throws `source.changed` if the file is no longer what was opened.
    func read(into buffer: UnsafeMutableRawPointer, count: Int) throws -> Int {
        var result = Glibc.read(descriptor, buffer, count)
        while result < 0 && errno == EINTR { result = Glibc.read(descriptor, buffer, count) }
        if result < 0 { throw Self.failure(path, errno) }
        try checkUnchanged()
        return result
    }

    /// The first bytes, without moving on.
    func peek(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, made in
            made = max(0, pread(descriptor, buffer.baseAddress!, count, 0))
        }
    }

    /// Reads what stands at an offset, without moving on: as many bytes as there are, at most `count`.
    func read(into buffer: UnsafeMutableRawPointer, count: Int, at offset: Int64) throws -> Int {
        var done = 0
        while done < count {
            let read = pread(descriptor, buffer + done, count - done, off_t(offset) + off_t(done))
            if read < 0 && errno == EINTR { continue }
            if read < 0 { throw Self.failure(path, errno) }
            if read == 0 { break }
            done += read
        }
        try checkUnchanged()
        return done
    }

    /// Hands over the whole file from its start, piece by piece.
    func readAll(_ take: (UnsafeRawBufferPointer) throws -> Void) throws {
        rewind()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 1)
        defer { buffer.deallocate() }
        while case let count = try read(into: buffer.baseAddress!, count: buffer.count), count > 0 {
            try take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    func rewind() { lseek(descriptor, 0, SEEK_SET) }

    func checkUnchanged() throws {
        var status = stat()
        guard fstat(descriptor, &status) == 0, FileStamp(status) == stamp else {
            throw CSVError.make(
                .sourceChanged, "the file changed while it was being read", path,
                advice: "Have the sender write under another name and rename when complete, or set a readiness rule.")
        }
    }

    static func failure(_ path: String, _ number: Int32) -> HearthError {
        CSVError.make(
            number == EACCES ? .sourceForbidden : .sourceUnreachable, String(cString: strerror(number)), path,
            advice: number == EACCES
                ? "Let this user read it." : "Check the path and that its disk or share is mounted.")
    }
}
