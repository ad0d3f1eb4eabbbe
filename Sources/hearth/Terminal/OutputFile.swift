import Foundation
import HeatModel
import Tables

/// A file that the user of a command names.
enum OutputFile {
    /// Writes into what stands there, whatever it is: a link is followed, a pipe or a device stays one, a file keeps its mode.
    ///
    /// - Throws: `usage.notWritable`.
    static func write(_ bytes: [UInt8], to path: String) throws {
        func failure() -> HearthError {
            .notWritable(path, "the file cannot be written", POSIXError(.init(rawValue: errno) ?? .EIO))
        }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        if descriptor < 0 { throw failure() }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            if written <= 0 { throw failure() }
            rest = rest.dropFirst(written)
        }
    }
}
