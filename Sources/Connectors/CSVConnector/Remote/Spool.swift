// For `timespec`, which belongs to whichever of the two modules the compiler reads first.
import CLibCurl
import Crypto
import Glibc
import HeatModel

/// The local folder into which remote drops are mirrored. What is being fetched lies there under a name that begins with a dot; a file
/// under its own name is whole.
struct Spool {
    let folder: String

    /// Makes the folder where it is not there, and keeps others out of it for as long as `body` runs.
    func withLock<Result>(isCancelled: () -> Bool, _ body: () throws -> Result) throws -> Result {
        if mkdir(folder, 0o700) != 0, errno != EEXIST { throw FileReader.failure(folder, errno) }
        let path = folder + "/.hearth.lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        if descriptor < 0 { throw FileReader.failure(path, errno) }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno != EWOULDBLOCK && errno != EINTR { throw FileReader.failure(path, errno) }
            if isCancelled() { throw CSVError.cancelled }
            usleep(50_000)
        }
        return try body()
    }

    func stamp(_ name: DropName) -> FileStamp? {
        var status = stat()
        let path = DropPath(folder: folder, name)
        guard path.withCString({ lstat($0, &status) }) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return FileStamp(status)
    }

    func remove(_ name: DropName) { _ = DropPath(folder: folder, name).withCString { unlink($0) } }

    func names() throws -> [DropName] {
        guard let open = opendir(folder) else { throw FileReader.failure(folder, errno) }
        defer { closedir(open) }
        var names: [DropName] = []
        while let entry = readdir(open) {
            names.append(DropName(withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }))
        }
        return names
    }

    /// The file that takes down what comes of a remote one. One that an earlier run has left is gone on with, if it is of the same
    /// state of the remote file: that has another name in each state.
    func part(_ name: DropName, size: Int64, modified: Int64) throws -> SpoolPart {
        let known = SHA256.hash(data: name.bytes).prefix(12).map { String($0, radix: 16) }.joined(separator: "-")
        let prefix = ".hearth-\(known)_"
        let own = "\(prefix)\(size)-\(modified).part"
        for other in try names() where other.text.hasPrefix(prefix) && other.text != own { remove(other) }
        return try SpoolPart(path: "\(folder)/\(own)", target: DropPath(folder: folder, name), folder: folder)
    }
}

/// A file of the spool that is not whole yet.
final class SpoolPart {
    private let path: String
    private let target: DropPath
    private let folder: String
    private let descriptor: Int32
    private(set) var size: Int64

    fileprivate init(path: String, target: DropPath, folder: String) throws {
        self.path = path
        self.target = target
        self.folder = folder
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        if descriptor < 0 { throw FileReader.failure(path, errno) }
        var status = stat()
        size = fstat(descriptor, &status) == 0 ? Int64(status.st_size) : 0
    }

    deinit { close(descriptor) }

    func truncate(to length: Int64) throws {
        if ftruncate(descriptor, off_t(length)) != 0 { throw FileReader.failure(path, errno) }
        size = min(size, length)
    }

    /// Whether what stands at an offset is this.
    func holds(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws -> Bool {
        let held = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 1)
        defer { held.deallocate() }
        guard pread(descriptor, held.baseAddress!, bytes.count, off_t(offset)) == bytes.count else { return false }
        return memcmp(held.baseAddress!, bytes.baseAddress!, bytes.count) == 0
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        var done = 0
        while done < bytes.count {
            let written = pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(size))
            if written < 0 && errno == EINTR { continue }
            if written < 0 { throw FileReader.failure(path, errno) }
            done += written
            size += Int64(written)
        }
    }

    /// Gives it its name and its time, once it is on the disk.
    func finish(modified: Int64) throws {
        let times = [timespec(tv_sec: Int(modified), tv_nsec: 0), timespec(tv_sec: Int(modified), tv_nsec: 0)]
        if futimens(descriptor, times) != 0 || fsync(descriptor) != 0 { throw FileReader.failure(path, errno) }
        if target.withCString({ rename(path, $0) }) != 0 { throw FileReader.failure(target.shown, errno) }
        let open = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if open >= 0 {
            fsync(open)
            close(open)
        }
    }

    func discard() { unlink(path) }
}
