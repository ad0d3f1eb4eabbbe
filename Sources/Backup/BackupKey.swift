import Crypto
import Foundation
import HeatModel

/// What a backup is encrypted with: the bytes of a file that is kept elsewhere. Nobody can read a backup whose key is lost.
package struct BackupKey: Sendable {
    let secret: SymmetricKey

    package init(_ bytes: some Sequence<UInt8>) { secret = SymmetricKey(data: Array(bytes)) }

    /// - Throws: `backup.badKey` where the file cannot be read or holds fewer than 32 bytes.
    package static func load(_ path: String) throws -> BackupKey {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw HearthError(
                .backupBadKey, "the key file cannot be read", at: .file(path, line: 0, column: 0),
                advice: "make one: openssl rand -out FILE 32")
        }
        if bytes.count < 32 || bytes.count > 1 << 16 {
            throw HearthError(
                .backupBadKey, "a key file holds 32 bytes or more, at most 64 KB", at: .file(path, line: 0, column: 0),
                advice: "make one: openssl rand -out FILE 32")
        }
        return BackupKey(bytes)
    }
}
