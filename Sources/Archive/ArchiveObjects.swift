import Audit
import CZstd
import Crypto
import Foundation
import HeatModel

/// Bytes by their SHA-256, compressed: `objects/ab/ab12….zst`. What is there once is not written again.
///
/// A file is one zstd frame, and behind it a skippable one (which `zstd -d` passes over) with the SHA-256 of the first: a
/// frame has bits that may change without changing what it unpacks to, and those too must be as they were written.
struct ArchiveObjects: Sendable {
    let folder: String
    /// Whether an object is on the disk, and not only with the system, when ``put(_:)`` returns.
    let isSynced: Bool
    /// No chunk is larger.
    static let most = 64 << 20

    init(folder: String, isSynced: Bool) {
        self.folder = folder
        self.isSynced = isSynced
    }

    func path(_ hash: String) -> String { "\(folder)/objects/\(hash.prefix(2))/\(hash).zst" }

    func contains(_ hash: String) -> Bool { access(path(hash), F_OK) == 0 }

    /// Keeps the bytes and returns their hash. A crash leaves all of them or nothing.
    func put(_ bytes: [UInt8]) throws -> String {
        let hash = bytes.withUnsafeBytes { bytes in
            var hasher = SHA256()
            hasher.update(bufferPointer: bytes)
            return hasher.finalize().hex
        }
        let target = path(hash)
        if contains(hash) { return hash }
        let parent = (target as NSString).deletingLastPathComponent
        if mkdir(parent, 0o750) != 0, errno != EEXIST {
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        }
        let room = ZSTD_compressBound(bytes.count)
        let packed = try [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            count = ZSTD_compress(buffer.baseAddress, room, bytes, bytes.count, 1)
            if ZSTD_isError(count) != 0 {
                count = 0
                throw failure("the bytes cannot be compressed", target)
            }
        }
        let temporary = "\(target).\(getpid())-\(UInt64.random(in: 0 ... .max)).tmp"
        do {
            try write(packed + Self.seal(packed), to: temporary)
            if rename(temporary, target) != 0 { throw failure("the object cannot be named", target) }
        } catch {
            unlink(temporary)
            throw error
        }
        return hash
    }

    /// The bytes of a hash.
    ///
    /// - Throws: `archive.missing`, `archive.damaged` where they are not what they were.
    func get(_ hash: String) throws -> [UInt8] {
        guard let packed = FileManager.default.contents(atPath: path(hash)) else {
            throw HearthError(
                .archiveMissing, "an archived object is not there", at: .file(path(hash), line: 0, column: 0),
                advice: "restore the archive's folder from a copy")
        }
        guard let bytes = unpack(packed), SHA256.hash(data: bytes).hex == hash else {
            throw HearthError(
                .archiveDamaged, "an archived object is not what was archived",
                at: .file(path(hash), line: 0, column: 0), advice: "restore it from a copy")
        }
        return bytes
    }

    /// A skippable frame of 32 bytes: the digest of what stands before it.
    private static func seal(_ frame: some Collection<UInt8>) -> [UInt8] {
        let digest = frame.withContiguousStorageIfAvailable { SHA256.hash(data: UnsafeRawBufferPointer($0)) }
        return [0x50, 0x2A, 0x4D, 0x18, 32, 0, 0, 0] + Array(digest ?? SHA256.hash(data: Array(frame)))
    }

    private func unpack(_ file: Data) -> [UInt8]? {
        guard file.count > 40 else { return nil }
        let frame = Array(file.dropLast(40))
        guard file.suffix(40).elementsEqual(Self.seal(frame)) else { return nil }
        return frame.withUnsafeBytes { packed in
            let size = ZSTD_getFrameContentSize(packed.baseAddress, packed.count)
            // One frame and nothing behind it: also a byte that the frame does not need must be what it was.
            guard size <= UInt64(Self.most),
                ZSTD_findFrameCompressedSize(packed.baseAddress, packed.count) == packed.count
            else { return nil }
            let room = Int(size)
            let bytes = [UInt8](unsafeUninitializedCapacity: max(room, 1)) { buffer, count in
                let made = ZSTD_decompress(buffer.baseAddress, room, packed.baseAddress, packed.count)
                count = ZSTD_isError(made) != 0 ? 0 : made
            }
            return bytes.count == room ? bytes : nil
        }
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        if descriptor < 0 { throw failure("the object cannot be written", path) }
        defer { close(descriptor) }
        try bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                if count < 0 { throw failure("the object cannot be written", path) }
                rest = rest.dropFirst(count)
            }
        }
        if isSynced, fdatasync(descriptor) != 0 { throw failure("the object cannot be written", path) }
    }

    private func failure(_ message: String, _ path: String) -> HearthError {
        HearthError(
            .archiveFailed, "\(message): \(String(cString: strerror(errno)))",
            at: .file(path, line: 0, column: 0),
            advice: "look at the disk that holds the archive, then run again")
    }
}
