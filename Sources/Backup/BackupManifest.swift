import HeatModel

/// What a backup holds: `manifest.json` in its folder, `manifest.json.sealed` where it is encrypted. It is written last: a folder
/// without one is no backup.
package struct BackupManifest: Sendable, Codable, Equatable {
    package struct File: Sendable, Codable, Equatable {
        /// As it lies in the backup, seen from its folder.
        package var name: String
        package var bytes: Int64
        /// Of the bytes before they are encrypted.
        package var sha256: String
    }

    package static let format = 1

    package var format: Int
    /// When the store was copied.
    package var madeAt: String
    package var isEncrypted: Bool
    /// Head of the store's chain, by which a restored store is known to be this one.
    package var head: String
    package var newestRun: Int64
    /// By name.
    package var files: [File]
    /// Links within what was copied, which are not followed.
    package var leftOut: [String]

    enum CodingKeys: String, CodingKey {
        case format
        case madeAt = "made_at"
        case isEncrypted = "encrypted"
        case head
        case newestRun = "newest_run"
        case files
        case leftOut = "left_out"
    }
}
