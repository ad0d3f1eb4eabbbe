import Foundation
import HeatModel
import Synchronization

/// The access log as a file of JSON lines.
public final class FileAccessLog: AccessRecorder {
    private let path: String
    private let descriptor: Int32
    private let lock = Mutex<Void>(())

    public init(path: String) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        if descriptor < 0 {
            throw HearthError(
                .init("config.badValue"), "the access log cannot be opened for writing",
                at: .file(path, line: 0, column: 0), advice: "check that the folder exists and that you may write to it"
            )
        }
    }

    deinit { close(descriptor) }

    public func append(_ entries: [[UInt8]]) throws {
        var lines: [UInt8] = []
        for entry in entries {
            lines.append(0x7B)
            lines.append(contentsOf: entry)
            lines.append(contentsOf: [0x7D, 0x0A])
        }
        try lock.withLock { _ in
            var start = 0
            while start < lines.count {
                let written = lines.withUnsafeBytes { write(descriptor, $0.baseAddress! + start, $0.count - start) }
                if written < 0 {
                    if errno == EINTR { continue }
                    throw HearthError(
                        .init("store.full"), "the access log cannot be written", at: .file(path, line: 0, column: 0))
                }
                start += written
            }
        }
    }

    public func sync() throws { fdatasync(descriptor) }

    public func entries(account: String?, before: Int64?, limit: Int) throws -> [RecordedAccess] {
        let wanted = account.map { "\"\($0)\"" }
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        var found: [RecordedAccess] = []
        for (index, line) in lines.enumerated().reversed() {
            let position = Int64(index + 1)
            if let before, position >= before { continue }
            if let wanted, !line.contains(wanted) { continue }
            found.append(RecordedAccess(position: position, json: Array(line.utf8)))
            if found.count == limit { break }
        }
        return found
    }
}
