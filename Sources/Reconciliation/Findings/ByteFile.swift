import Crypto
import Foundation
import HeatModel
import Tables

/// A file written from front to back through a buffer, its digest taken on the way.
struct ByteFile {
    let path: String
    private let handle: FileHandle
    private var buffer: [UInt8] = []
    private var hasher = SHA256()
    private(set) var count: Int64 = 0
    private var failure: (any Error)?

    init(writing path: String) throws {
        self.path = path
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw HearthError.notWritable(path, "the file cannot be written", nil) }
        self.handle = handle
        buffer.reserveCapacity(1 << 18)
    }

    mutating func raw(_ text: String) {
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= 1 << 18 { flush() }
    }

    mutating func raw(_ bytes: some Collection<UInt8>) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= 1 << 18 { flush() }
    }

    mutating func write(_ number: Int64) { withUnsafeBytes(of: number.littleEndian) { raw($0) } }

    mutating func write(_ bytes: [UInt8]) {
        write(Int64(bytes.count))
        raw(bytes)
    }

    private mutating func flush() {
        if buffer.isEmpty { return }
        hasher.update(data: buffer)
        count += Int64(buffer.count)
        do { try handle.write(contentsOf: buffer) } catch { failure = failure ?? error }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Closes the file. Returns its SHA-256 in hex.
    @discardableResult
    mutating func close() throws -> String {
        flush()
        do { try handle.close() } catch { failure = failure ?? error }
        if let failure { throw HearthError.notWritable(path, "the file cannot be written", failure) }
        return hexadecimal(hasher.finalize())
    }
}

/// Reads what ``ByteFile`` wrote.
struct ByteReader {
    private let path: String
    private let handle: FileHandle
    private var buffer: [UInt8] = []
    private var position = 0

    init(_ path: String) throws {
        self.path = path
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw HearthError.notWritable(path, "the file cannot be read again", nil)
        }
        self.handle = handle
    }

    private mutating func take(_ wanted: Int) throws -> ArraySlice<UInt8>? {
        while buffer.count - position < wanted {
            guard let more = try handle.read(upToCount: max(1 << 18, wanted)), !more.isEmpty else { return nil }
            buffer.removeFirst(position)
            position = 0
            buffer.append(contentsOf: more)
        }
        defer { position += wanted }
        return buffer[position..<position + wanted]
    }

    mutating func number() throws -> Int64 {
        guard let bytes = try take(8) else { throw HearthError.notWritable(path, "the file is cut short", nil) }
        return bytes.reversed().reduce(0) { $0 << 8 | Int64($1) }
    }

    /// Nil at the file's end.
    mutating func bytes() throws -> [UInt8]? {
        guard let length = try take(8) else { return nil }
        let count = Int(length.reversed().reduce(Int64(0)) { $0 << 8 | Int64($1) })
        guard let bytes = try take(count) else { throw HearthError.notWritable(path, "the file is cut short", nil) }
        return Array(bytes)
    }

    mutating func text() throws -> String { String(decoding: try bytes() ?? [], as: UTF8.self) }
}
