import Foundation
package import HeatModel

/// The backups that lie side by side in a folder.
package struct BackupShelf: Sendable {
    /// When each whole one was made: of what is encrypted, when its manifest's file was written.
    package private(set) var whole: [Instant] = []
    /// Folders of the others and why they are none, without those that are still being written.
    package private(set) var broken: [(name: String, why: HearthError)] = []

    /// - Throws: `backup.notReadable` where the folder cannot be read.
    package init(_ folder: String) throws {
        let files = FileManager.default
        let names: [String]
        do { names = try files.contentsOfDirectory(atPath: folder) } catch { throw Self.unreadable(folder, error) }
        for name in names.sorted() where !name.hasSuffix(WholeFolder.suffix) {
            let one = "\(folder)/\(name)"
            var isFolder: ObjCBool = false
            guard files.fileExists(atPath: one, isDirectory: &isFolder), isFolder.boolValue else { continue }
            do { whole.append(try Self.madeAt(one)) } catch let error as HearthError { broken.append((name, error)) }
        }
    }

    private static func unreadable(_ path: String, _ error: any Error) -> HearthError {
        HearthError(
            .backupNotReadable, "backups cannot be looked at", at: .file(path, line: 0, column: 0),
            advice: "name the folder that they lie in, readable by you", cause: error)
    }

    private static func madeAt(_ folder: String) throws -> Instant {
        let sealed = "\(folder)/\(Backup.sealedManifestName)"
        if FileManager.default.fileExists(atPath: sealed) {
            let attributes: [FileAttributeKey: Any]
            do { attributes = try FileManager.default.attributesOfItem(atPath: sealed) } catch {
                throw unreadable(sealed, error)
            }
            let date = attributes[.modificationDate] as? Date ?? .distantPast
            return Instant(microseconds: Int64(date.timeIntervalSince1970) * 1_000_000, offsetMinutes: 0)
        }
        let text = try Restore(folder, key: nil).manifest.madeAt
        guard let instant = Instant(text) else {
            throw HearthError(
                .backupDamaged, "the manifest states no moment", at: .file(folder, line: 0, column: 0),
                advice: "read the backup through before you trust it")
        }
        return instant
    }
}
