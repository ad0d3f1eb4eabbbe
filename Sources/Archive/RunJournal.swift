import Audit
import Foundation
import HeatModel

/// The journal of a run: a chain of its own (see the room Audit), one file. While the run is at work the file's name ends in
/// `.open.jsonl`, after that in `.jsonl`. The writer holds a lock on the file (`flock`), which goes with the process. Used by one
/// thread at a time: the pull's, then the run's.
final class RunJournal {
    let path: String
    private let isSynced: Bool
    private let descriptor: Int32
    private(set) var head: ChainHead
    /// Whether no whole line stood in a journal that a process left: it died before it had written the first one.
    let isUnbegun: Bool
    private let encoder = JournalCoding.encoder

    /// Begins a journal.
    init(making path: String, isSynced: Bool) throws {
        self.path = path
        self.isSynced = isSynced
        head = .start
        isUnbegun = false
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o640)
        if descriptor < 0, errno == EEXIST {
            throw HearthError(
                .archiveOtherStore, "the archive has another store's run of this number",
                at: .file(path, line: 0, column: 0), advice: "give each store an archive folder of its own")
        }
        if descriptor < 0 { throw Self.failure("the journal cannot be made", path) }
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0 { throw Self.failure("the journal cannot be locked", path) }
    }

    /// Goes on with a journal that a process left when it died: behind its last whole line. Nil where another process is writing it, or has
    /// closed it by now.
    init?(resuming path: String, isSynced: Bool) throws {
        self.path = path
        self.isSynced = isSynced
        descriptor = open(path, O_RDWR | O_APPEND | O_CLOEXEC)
        head = .start
        if descriptor < 0, errno == ENOENT { return nil }
        if descriptor < 0 { throw Self.failure("the journal cannot be written", path) }
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0 { return nil }
        // Closed, that is renamed, before the lock was had.
        guard access(path, F_OK) == 0 else { return nil }
        guard var bytes = FileManager.default.contents(atPath: path) else {
            throw Self.failure("the journal cannot be read", path)
        }
        let end = bytes.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        isUnbegun = end == 0
        bytes = bytes[..<end]
        head = bytes.lastLine.flatMap { $0.withUnsafeBytes { ChainLine.head(of: $0) } } ?? .start
        if ftruncate(descriptor, off_t(end)) != 0 { throw Self.failure("the journal cannot be written", path) }
    }

    /// Whether an open journal has its first line. One that is closed meanwhile has.
    static func hasBegun(_ path: String) throws -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT { return true }
        if descriptor < 0 { throw failure("the journal cannot be read", path) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = read(descriptor, &bytes, bytes.count)
            if count < 0 { throw failure("the journal cannot be read", path) }
            if count == 0 { return false }
            if bytes[..<count].contains(0x0A) { return true }
        }
    }

    /// Whether a process that lives is writing the journal.
    static func isAtWork(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func append(_ line: JournalLine) throws {
        let made = try ChainLine.make(event: Array(encoder.encode(line)), after: head)
        let bytes = made.line + [0x0A]
        let count = write(descriptor, bytes, bytes.count)
        if count != bytes.count { throw Self.failure("the journal cannot be written", path) }
        head = made.head
    }

    func sync() throws {
        if isSynced, fdatasync(descriptor) != 0 { throw Self.failure("the journal cannot be written", path) }
    }

    static func failure(_ message: String, _ path: String) -> HearthError {
        HearthError(
            .archiveFailed, "\(message): \(String(cString: strerror(errno)))",
            at: .file(path, line: 0, column: 0),
            advice: "look at the disk that holds the archive, then run again")
    }
}

extension Data {
    /// Without its newline; nil where the last line is not whole, or there is none.
    var lastLine: [UInt8]? {
        guard last == 0x0A else { return nil }
        let end = dropLast()
        return Array(end[(end.lastIndex(of: 0x0A).map { $0 + 1 } ?? end.startIndex)...])
    }
}

enum JournalCoding {
    static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return encoder
    }

    static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }
}
