import Foundation
package import HeatModel

/// The backups that lie side by side in a folder.
package struct BackupShelf: Sendable {
    /// When each whole one was made: what is encrypted tells it by its manifest's file.
    package private(set) var whole: [Instant] = []
    /// Folders of the others, but those that are still being written.
    package private(set) var broken: [String] = []

    /// - Throws: `backup.notReadable` where the folder cannot be read.
    package init(_ folder: String) throws {
        let files = FileManager.default
        let names: [String]
        do { names = try files.contentsOfDirectory(atPath: folder) } catch {
            throw HearthError(
                .backupNotReadable, "the folder of backups cannot be read", at: .file(folder, line: 0, column: 0),
                advice: "name the folder that they lie in", cause: error)
        }
        for name in names.sorted() where !name.hasSuffix(".part") {
            let one = "\(folder)/\(name)"
            var isFolder: ObjCBool = false
            guard files.fileExists(atPath: one, isDirectory: &isFolder), isFolder.boolValue else { continue }
            if let made = Self.madeAt(one) { whole.append(made) } else { broken.append(name) }
        }
    }

    private static func madeAt(_ folder: String) -> Instant? {
        let sealed = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(Backup.sealedManifestName)")
        if let date = sealed?[.modificationDate] as? Date {
            return Instant(microseconds: Int64(date.timeIntervalSince1970) * 1_000_000, offsetMinutes: 0)
        }
        return (try? Restore(folder, key: nil).manifest.madeAt).flatMap { Instant($0) }
    }
}
