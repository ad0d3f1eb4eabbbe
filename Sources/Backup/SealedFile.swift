import Audit
import Crypto
import Foundation
import HeatModel

/// A file's bytes as they lie in a backup: plain, or encrypted as Tink's `AES256_GCM_HKDF_1MB` does it (a key of its own for each file by
/// HKDF-SHA-256 over a random salt and the file's name in the backup; segments of 1 MB, numbered, the last marked: none can be changed,
/// left out, swapped or cut off without being noticed). Tink reads what is written here, and the other way round.
enum SealedFile {
    private static let segment = 1 << 20
    private static let tag = 16
    private static let salt = 32
    private static let prefix = 7
    private static let header = 1 + salt + prefix

    /// Bytes and SHA-256 of what was written, before it was encrypted.
    struct Written: Equatable {
        var bytes: Int64
        var sha256: String
    }

    /// Copies a file into a backup.
    ///
    /// - Parameters:
    ///   - name: the file's name in the backup; a sealed file is opened under its own name alone.
    ///   - limit: so many bytes of it; nil for all.
    /// - Throws: `backup.notWritable`; `backup.changed` where the source cannot be read, or is shorter than the limit.
    static func write(_ source: String, to path: String, as name: String, key: BackupKey?, limit: Int64? = nil) throws
        -> Written
    {
        guard let input = FileHandle(forReadingAtPath: source) else { throw changed(source, nil) }
        defer { try? input.close() }
        var left = limit ?? .max
        return try write(to: path, as: name, key: key) { count in
            let wanted = Int(min(Int64(count), left))
            if wanted == 0 { return Data() }
            var part = Data()
            while part.count < wanted {
                do {
                    guard let more = try input.read(upToCount: wanted - part.count), !more.isEmpty else { break }
                    part += more
                } catch { throw changed(source, error) }
            }
            if limit != nil { left -= Int64(part.count) }
            if limit != nil, part.count < wanted { throw changed(source, nil) }
            return part
        }
    }

    /// Writes bytes that are at hand.
    static func write(_ bytes: [UInt8], to path: String, as name: String, key: BackupKey?) throws -> Written {
        var rest = Data(bytes)[...]
        return try write(to: path, as: name, key: key) { count in
            let part = Data(rest.prefix(count))
            rest = rest.dropFirst(part.count)
            return part
        }
    }

    /// - Parameter next: gives so many bytes, fewer at the end.
    private static func write(
        to path: String, as name: String, key: BackupKey?, _ next: (Int) throws -> Data
    ) throws -> Written {
        let output = try Output(path)
        var hash = SHA256()
        var bytes: Int64 = 0
        func take(_ count: Int) throws -> Data {
            let part = try next(count)
            hash.update(data: part)
            bytes += Int64(part.count)
            return part
        }
        if let key {
            var random = SystemRandomNumberGenerator()
            let salt = Data((0..<salt).map { _ in UInt8.random(in: 0...255, using: &random) })
            let nonces = Nonces(prefix: Data((0..<prefix).map { _ in UInt8.random(in: 0...255, using: &random) }))
            try output.write(Data([UInt8(header)]) + salt + nonces.prefix)
            let derived = key.derived(salt, name)
            var part = try take(segment - tag - header)
            var number: UInt32 = 0
            while true {
                let following = try take(segment - tag)
                let isLast = following.isEmpty
                let sealed = try AES.GCM.seal(part, using: derived, nonce: nonces.nonce(number, isLast: isLast))
                try output.write(sealed.ciphertext + sealed.tag)
                if isLast { break }
                (part, number) = (following, number + 1)
            }
        } else {
            while true {
                let part = try take(segment)
                if part.isEmpty { break }
                try output.write(part)
            }
        }
        try output.close()
        return Written(bytes: bytes, sha256: hash.finalize().hex)
    }

    /// Reads a file of a backup, piece by piece; `body` is given what was written.
    ///
    /// - Throws: `backup.damaged` where the file is not there, is not what was written, or the key is another.
    static func read(_ path: String, as name: String, key: BackupKey?, _ body: (Data) throws -> Void) throws {
        guard let input = FileHandle(forReadingAtPath: path) else { throw damaged(path, "the file is not there") }
        defer { try? input.close() }
        func take(_ count: Int) throws -> Data {
            var part = Data()
            while part.count < count {
                do {
                    guard let more = try input.read(upToCount: count - part.count), !more.isEmpty else { break }
                    part += more
                } catch { throw damaged(path, "the file cannot be read", error) }
            }
            return part
        }
        guard let key else {
            while true {
                let part = try take(segment)
                if part.isEmpty { return }
                try body(part)
            }
        }
        let head = try take(header)
        guard head.count == header, head.first == UInt8(header) else { throw damaged(path, "the file is cut short") }
        let derived = key.derived(head.dropFirst().prefix(salt), name)
        let nonces = Nonces(prefix: Data(head.suffix(prefix)))
        var part = try take(segment - header)
        var number: UInt32 = 0
        while true {
            let following = try take(segment)
            guard part.count >= tag,
                let box = try? AES.GCM.SealedBox(
                    nonce: nonces.nonce(number, isLast: following.isEmpty), ciphertext: part.dropLast(tag),
                    tag: part.suffix(tag)), let plain = try? AES.GCM.open(box, using: derived)
            else { throw damaged(path, "the file is not what was written, or the key is another") }
            try body(plain)
            if following.isEmpty { return }
            (part, number) = (following, number + 1)
        }
    }

    static func damaged(_ path: String, _ message: String, _ cause: (any Error)? = nil) -> HearthError {
        HearthError(
            .backupDamaged, message, at: .file(path, line: 0, column: 0),
            advice: "use another backup; nothing that exists was changed", cause: cause)
    }

    private static func changed(_ path: String, _ cause: (any Error)?) -> HearthError {
        HearthError(
            .backupChanged, "a file went away or became shorter while it was copied",
            at: .file(path, line: 0, column: 0), advice: "back up again; what was written of this backup is removed",
            cause: cause)
    }

    private struct Nonces {
        let prefix: Data

        func nonce(_ number: UInt32, isLast: Bool) throws -> AES.GCM.Nonce {
            try AES.GCM.Nonce(data: prefix + withUnsafeBytes(of: number.bigEndian) { Data($0) } + [isLast ? 1 : 0])
        }
    }

    /// A new file, on the disk when it is closed.
    private struct Output {
        let path: String
        private let descriptor: Int32

        init(_ path: String) throws {
            self.path = path
            descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            if descriptor < 0 { throw failure() }
        }

        func write(_ data: Data) throws {
            try data.withUnsafeBytes { bytes in
                var rest = bytes[...]
                while !rest.isEmpty {
                    let count = Foundation.write(
                        descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                    if count < 0, errno == EINTR { continue }
                    if count <= 0 {
                        let error = failure()
                        Foundation.close(descriptor)
                        throw error
                    }
                    rest = rest.dropFirst(count)
                }
            }
        }

        func close() throws {
            let isSynced = fsync(descriptor) == 0
            let error = failure()
            if Foundation.close(descriptor) != 0 || !isSynced { throw error }
        }

        private func failure() -> HearthError {
            HearthError(
                .backupNotWritable, "the file cannot be written: \(String(cString: strerror(errno)))",
                at: .file(path, line: 0, column: 0), advice: "look at the disk's space and the folder's owner")
        }
    }
}

extension BackupKey {
    fileprivate func derived(_ salt: some DataProtocol, _ name: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(inputKeyMaterial: secret, salt: salt, info: Data(name.utf8), outputByteCount: 32)
    }
}

/// Bytes counted and hashed as they pass.
struct FileDigest {
    private var hash = SHA256()
    private(set) var bytes: Int64 = 0

    mutating func take(_ part: Data) {
        hash.update(data: part)
        bytes += Int64(part.count)
    }

    var sha256: String { hash.finalize().hex }
}
