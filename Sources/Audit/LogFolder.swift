import Foundation
import HeatModel

/// A log's files in their folder: `access-000000000001.jsonl`, `access-000000481516.jsonl`, …, named after their first lines.
struct LogFolder {
    struct Segment {
        var path: String
        /// Number of its first line.
        var first: Int64
    }

    let path: String
    let name: String

    /// In the order of their lines.
    func segments() throws -> [Segment] {
        try fileNames().compactMap { file in
            guard file.hasPrefix(name + "-"), file.hasSuffix(".jsonl") else { return nil }
            let digits = file.dropFirst(name.count + 1).dropLast(6)
            guard digits.count == 12, let first = Int64(digits), first > 0 else { return nil }
            return Segment(path: path + "/" + file, first: first)
        }.sorted { $0.first < $1.first }
    }

    /// What is in the folder; nothing where there is none.
    func fileNames() throws -> [String] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw failure("the folder cannot be read", path, error)
        }
    }

    func path(first: Int64) -> String {
        let digits = String(first)
        return "\(path)/\(name)-\(String(repeating: "0", count: max(0, 12 - digits.count)))\(digits).jsonl"
    }

    /// Has the disk take the names of files: one must outlive a power failure as its lines do.
    ///
    /// - Throws: `audit.failed`.
    func syncNames() throws {
        let folder = open(path, O_RDONLY | O_CLOEXEC)
        if folder < 0 { throw failure("the folder cannot be read", path) }
        defer { close(folder) }
        if fsync(folder) != 0 { throw failure("the names of the log's files cannot be brought to the disk", path) }
    }

    var lockPath: String { "\(path)/\(name).lock" }

    func failure(_ message: String, _ path: String, _ cause: (any Error)? = nil) -> HearthError {
        let reason = cause.map { _ in "" } ?? ": \(String(cString: strerror(errno)))"
        return HearthError(
            .auditFailed, message + reason, at: .file(path, line: 0, column: 0),
            advice: "look at the disk, the folder's owner and mode", cause: cause)
    }
}

/// A file read line by line, a block at a time.
struct LineFile: ~Copyable {
    private let descriptor: Int32
    private let path: String
    private let folder: LogFolder
    private var buffer: UnsafeMutableRawBufferPointer
    /// What of the buffer is read and not yet handed out.
    private var start = 0
    private var end = 0
    private var isAtEnd = false

    init(path: String, folder: LogFolder) throws {
        let opened = open(path, O_RDONLY | O_CLOEXEC)
        if opened < 0 { throw folder.failure("the file cannot be read", path) }
        descriptor = opened
        self.path = path
        self.folder = folder
        buffer = .allocate(byteCount: 1 << 16, alignment: 1)
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
    }

    /// Calls `body` with the next line, without its newline, and whether it had one; false at the end.
    mutating func next(_ body: (_ line: UnsafeRawBufferPointer, _ isWhole: Bool) throws -> Void) throws -> Bool {
        var searched = start
        while true {
            if let base = buffer.baseAddress, let found = memchr(base + searched, 0x0A, end - searched) {
                let newline = UnsafeRawPointer(base).distance(to: UnsafeRawPointer(found))
                let line = UnsafeRawBufferPointer(rebasing: buffer[start..<newline])
                start = newline + 1
                try body(line, true)
                return true
            }
            if isAtEnd {
                if start == end { return false }
                let line = UnsafeRawBufferPointer(rebasing: buffer[start..<end])
                start = end
                try body(line, false)
                return true
            }
            try fill()
            searched = start
        }
    }

    private mutating func fill() throws {
        guard let base = buffer.baseAddress else { return }
        memmove(base, base + start, end - start)
        end -= start
        start = 0
        if end == buffer.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: buffer.count * 2, alignment: 1)
            larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
            buffer.deallocate()
            buffer = larger
        }
        let count = read(descriptor, buffer.baseAddress! + end, buffer.count - end)
        if count < 0 { throw folder.failure("the file cannot be read", path) }
        if count == 0 { isAtEnd = true } else { end += count }
    }
}

extension AuditLog {
    /// The names of the logs that a folder has files of, in byte order; none where there is no folder.
    ///
    /// - Throws: `audit.failed` where the folder cannot be read.
    package static func names(in folder: String) throws -> [String] {
        let names = try LogFolder(path: folder, name: "").fileNames().compactMap { file -> String? in
            guard file.hasSuffix(".jsonl"), file.utf8.count > 19 else { return nil }
            let rest = file.dropLast(6)
            guard rest.suffix(12).allSatisfy(\.isNumber), rest.dropLast(12).last == "-" else { return nil }
            return String(rest.dropLast(13))
        }
        return Set(names).sorted()
    }
}
