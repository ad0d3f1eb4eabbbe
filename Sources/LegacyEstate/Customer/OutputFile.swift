import Glibc
import HeatModel

func removeFile(_ path: String) { unlink(path) }

/// A new file, written in pieces. Closed with its owner; used by one thread.
final class OutputFile {
    private let path: String
    private var descriptor: Int32

    init(_ path: String) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        if descriptor < 0 { throw failure() }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    private func failure() -> HearthError {
        HearthError(
            .init("source.unreachable"), "cannot write: \(String(cString: strerror(errno)))",
            at: .file(path, line: 0, column: 0),
            advice: "make the folder and let it be written")
    }

    func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let count = Glibc.write(descriptor, buffer.baseAddress! + done, buffer.count - done)
                if count < 0, errno == EINTR { continue }
                if count < 0 { throw failure() }
                done += count
            }
        }
    }

    /// Closes the file and gives it its final name, so that a reader never sees half of it.
    func rename(to name: String) throws {
        guard close(descriptor) == 0 else { throw failure() }
        descriptor = -1
        guard Glibc.rename(path, name) == 0 else { throw failure() }
    }
}
