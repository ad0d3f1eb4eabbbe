import Answers
import Foundation
import HeatModel
import NIOCore
import NIOPosix

/// A file opened to be sent, in pieces: TLS encrypts them, so that handing the file itself to the kernel is no way.
final class StreamedFile: Sendable {
    /// Bytes read at once.
    private static let readSize = 65_536

    private let path: String
    private let descriptor: CInt
    private let pool: NIOThreadPool
    let size: Int64
    /// Of the file's identity, size and time of change: another content, another tag.
    let tag: UInt64

    /// To be called where waiting is allowed.
    ///
    /// - Parameter pool: reads the file.
    /// - Throws: `file.cannotOpen`.
    init(path: String, pool: NIOThreadPool) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            let reason = descriptor < 0 ? String(cString: strerror(errno)) : "it is no regular file"
            if descriptor >= 0 { Foundation.close(descriptor) }
            throw HearthError(
                .fileCannotOpen, "cannot open: \(reason)", at: .file(path, line: 0, column: 0),
                advice: "check that it is there and may be read")
        }
        self.pool = pool
        size = Int64(status.st_size)
        let marks = [
            Int64(status.st_dev.magnitude), Int64(status.st_ino.magnitude), size, Int64(status.st_mtim.tv_sec),
            Int64(status.st_mtim.tv_nsec),
        ]
        tag = marks.withUnsafeBytes { ContentTag.of($0, seed: 0) }
    }

    deinit { close(descriptor) }

    /// - Throws: `file.cannotRead`, also where the file has become shorter.
    func write(_ range: Range<Int64>, into writer: StreamWriter) async throws {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let count = Int(min(Int64(Self.readSize), range.upperBound - offset))
            let bytes = try await pool.runIfActive { [offset] in try self.read(count, at: offset) }
            try await writer.write(bytes)
            offset += Int64(bytes.count)
        }
    }

    private func read(_ count: Int, at offset: Int64) throws -> [UInt8] {
        var failure: CInt = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            repeat {
                filled = max(-1, pread(descriptor, buffer.baseAddress, count, off_t(offset)))
            } while filled < 0
                && errno == EINTR
            if filled < 0 {
                failure = errno
                filled = 0
            }
        }
        if bytes.isEmpty {
            throw HearthError(
                .fileCannotRead,
                failure == 0 ? "the file has become shorter" : "cannot read: \(String(cString: strerror(failure)))",
                at: .file(path, line: 0, column: 0), advice: "ask again")
        }
        return bytes
    }
}
