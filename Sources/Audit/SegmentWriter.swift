import Foundation
import HeatModel

/// Chains events and appends them to a log's files. Used by one thread at a time: the guard is `AuditLog`'s.
final class SegmentWriter {
    private let files: LogFolder
    private let segmentBytes: Int
    private let isSynced: Bool
    private let lock: Int32
    private var descriptor: Int32 = -1
    private var path = ""
    /// Bytes in the present file, those in `lines` included.
    private var size = 0
    private var lines: [UInt8] = []
    /// Files that are full and not yet on the disk.
    private var full: [Int32] = []
    /// A file was made whose name may not be on the disk yet.
    private var hasNewName = false
    private var isDoubtful = false
    private var previous: [UInt8]
    private var sequence: Int64
    private static let mostLines = 1 << 20
    private static let mostFull = 16

    /// Takes the log, and what a crash has left of a last line away.
    init(files: LogFolder, segmentBytes: Int, isSynced: Bool) throws {
        self.files = files
        self.segmentBytes = segmentBytes
        self.isSynced = isSynced
        let lock = Self.takeLock(files)
        guard lock >= 0 else {
            if errno == EWOULDBLOCK {
                throw HearthError(
                    .auditLocked, "another writer has the log \(files.name)",
                    at: .file(files.path, line: 0, column: 0), advice: "stop the other process, or name another log")
            }
            throw files.failure("the log cannot be locked", files.lockPath)
        }
        self.lock = lock
        previous = Array(ChainHead.start.hash.utf8)
        sequence = 0
        do {
            try resume()
        } catch {
            close()
            throw error
        }
    }

    var head: ChainHead { ChainHead(sequence: sequence, hash: String(decoding: previous, as: UTF8.self)) }

    func append(_ event: UnsafeRawBufferPointer) throws {
        if size >= segmentBytes { try beginSegment() }
        chain(event)
        if lines.count > Self.mostLines { try write() }
    }

    /// Gives the system, or the disk, what was appended.
    func flush() throws {
        try write()
        if isSynced, fdatasync(descriptor) != 0 {
            isDoubtful = true
            throw files.failure("the log cannot be written", path)
        }
    }

    /// What was written and may not be on the disk yet.
    func takeUnsynced() throws -> UnsyncedFiles {
        let present = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        if present < 0 { throw files.failure("the log cannot be written", path) }
        defer {
            full = []
            hasNewName = false
        }
        return UnsyncedFiles(descriptors: full + [present], hasNewName: hasNewName, files: files)
    }

    private func write() throws {
        try lines.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                if count < 0 { throw files.failure("the log cannot be written", path) }
                rest = rest.dropFirst(count)
            }
        }
        lines.removeAll(keepingCapacity: true)
    }

    /// Goes on behind the last whole line, after a failure: what could not be written is forgotten.
    ///
    /// - Throws: `audit.failed` where it still cannot be written, or where the disk has refused what the system had taken: of that
    ///   nobody knows how much is there, and a person has to look.
    func reopen() throws {
        if isDoubtful { throw files.failure("the disk has refused lines that were handed to it", path) }
        lines.removeAll(keepingCapacity: true)
        if descriptor >= 0 { Foundation.close(descriptor) }
        descriptor = -1
        previous = Array(ChainHead.start.hash.utf8)
        sequence = 0
        try resume()
    }

    func close() {
        for file in full + [descriptor] where file >= 0 { Foundation.close(file) }
        full = []
        descriptor = -1
        Foundation.close(lock)
    }

    private func chain(_ event: UnsafeRawBufferPointer) {
        let start = lines.count
        sequence += 1
        previous = ChainLine.append(event, sequence: sequence, previous: previous, to: &lines)
        lines.append(0x0A)
        size += lines.count - start
    }

    private func chain(_ event: String) { Array(event.utf8).withUnsafeBytes { chain($0) } }

    // MARK: Files

    private func beginSegment() throws {
        if descriptor >= 0 {
            try flush()
            if isSynced { Foundation.close(descriptor) } else { full.append(descriptor) }
            descriptor = -1
            // Where no caller waits for the disk, the system writes them in its own time.
            if full.count > Self.mostFull { Foundation.close(full.removeFirst()) }
        }
        try open(files.path(first: sequence + 1), flags: O_CREAT)
        chainOpening()
        if isSynced { try files.syncNames() } else { hasNewName = true }
    }

    private func chainOpening() {
        size = 0
        chain("{\"opens\":\"\(files.name)\",\"previous\":\"\(String(decoding: previous, as: UTF8.self))\"}")
    }

    private func open(_ path: String, flags: Int32) throws {
        self.path = path
        descriptor = Foundation.open(path, O_WRONLY | O_APPEND | O_CLOEXEC | flags, 0o640)
        if descriptor < 0 { throw files.failure("the file cannot be opened", path) }
    }

    /// Goes on behind the last whole line.
    private func resume() throws {
        var segments = try files.segments()
        while let last = segments.last {
            let (end, whole, line) = try tail(of: last.path)
            if let line {
                guard let head = line.withUnsafeBytes({ ChainLine.head(of: $0) }) else {
                    throw HearthError(
                        .auditDamaged, "the log's last line is none of ours",
                        at: .file(last.path, line: 0, column: 0),
                        advice: "\(.verifyAudit) shows more; move the log away to begin a new one")
                }
                sequence = head.sequence
                previous = Array(head.hash.utf8)
                try open(last.path, flags: 0)
                size = whole
                if end > whole {
                    if ftruncate(descriptor, off_t(whole)) != 0 {
                        throw files.failure("the file cannot be mended", last.path)
                    }
                    chain("{\"recovered\":\"a torn last line\",\"dropped_bytes\":\(end - whole)}")
                    try flush()
                }
                return
            }
            // A file whose opening line never came to its end holds nothing that was reported as written.
            if unlink(last.path) != 0 { throw files.failure("the file cannot be mended", last.path) }
            segments.removeLast()
        }
        try beginSegment()
        try flush()
    }

    /// How long a file is, up to where it has whole lines, and the last of these.
    private func tail(of path: String) throws -> (end: Int, whole: Int, line: [UInt8]?) {
        let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { throw files.failure("the file cannot be read", path) }
        defer { Foundation.close(descriptor) }
        let end = Int(lseek(descriptor, 0, SEEK_END))
        var bytes: [UInt8] = []
        var start = end
        while true {
            let newlines = bytes.indices.reversed().lazy.filter { bytes[$0] == 0x0A }
            var found = newlines.makeIterator()
            let last = found.next()
            let before = last == nil ? nil : found.next()
            if let last, before != nil || start == 0 {
                return (end, start + last + 1, Array(bytes[(before.map { $0 + 1 } ?? 0)..<last]))
            }
            if start == 0 { return (end, 0, nil) }
            let block = min(start, 1 << 16)
            start -= block
            var piece = [UInt8](repeating: 0, count: block)
            let count = piece.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, block, off_t(start)) }
            if count != block { throw files.failure("the file cannot be read", path) }
            bytes = piece + bytes
        }
    }

    /// A descriptor that holds the lock, −1 where it cannot be had.
    private static func takeLock(_ files: LogFolder) -> Int32 {
        let descriptor = Foundation.open(files.lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        if descriptor < 0 { return -1 }
        var reason: Int32 = 0
        // A child that this program has just forked holds a copy of every lock until it becomes another program.
        for _ in 0..<10 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return descriptor }
            reason = errno
            if reason != EWOULDBLOCK { break }
            usleep(2_000)
        }
        Foundation.close(descriptor)
        errno = reason
        return -1
    }
}
