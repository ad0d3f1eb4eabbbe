import Archive
import Audit
package import Evidence
import Foundation
import HeatModel
import SQLiteStore

/// A backup read again: looked through, or brought back into a folder.
package struct Restore {
    private let folder: String
    private let key: BackupKey?
    package let manifest: BackupManifest

    /// What a name of a backup becomes in a restored workspace.
    private static let places = [
        (Backup.storeName, "hearth.db"), ("logs/0", "hearth-access"), ("attachments", "hearth-attachments"),
        // Its variables name the systems and the store of the workspace that was copied: nothing works on them unasked.
        ("environment", "environment.restored"),
    ]

    /// Reads the manifest.
    ///
    /// - Throws: `backup.notOne` where the folder holds no backup; `backup.badKey` where it is encrypted and no key is given;
    ///   `backup.damaged`, for another key too.
    package init(_ folder: String, key: BackupKey?) throws {
        self.folder = folder
        let files = FileManager.default
        let isSealed = files.fileExists(atPath: "\(folder)/\(Backup.sealedManifestName)")
        guard isSealed || files.fileExists(atPath: "\(folder)/\(Backup.manifestName)") else {
            throw HearthError(
                .backupNotOne, "the folder holds no whole backup", at: .file(folder, line: 0, column: 0),
                advice: "name the folder of a backup that came to its end")
        }
        if isSealed, key == nil {
            throw HearthError(
                .backupBadKey, "the backup is encrypted", at: .file(folder, line: 0, column: 0),
                advice: "name the key file that it was made with")
        }
        self.key = isSealed ? key : nil
        let path = "\(folder)/\(isSealed ? Backup.sealedManifestName : Backup.manifestName)"
        var bytes = Data()
        try SealedFile.read(path, as: Backup.manifestName, key: self.key) { bytes += $0 }
        struct Form: Decodable { var format: Int }
        do {
            if try JSONDecoder().decode(Form.self, from: bytes).format > BackupManifest.format {
                throw HearthError(
                    .backupNotOne, "the backup was written by a later version of hearth",
                    at: .file(path, line: 0, column: 0), advice: "use that version")
            }
            manifest = try JSONDecoder().decode(BackupManifest.self, from: bytes)
        } catch let error as DecodingError {
            throw SealedFile.damaged(path, "the manifest says nothing that is known", error)
        }
        if manifest.isEncrypted != isSealed || !manifest.files.allSatisfy({ Self.isInside($0.name) }) {
            throw SealedFile.damaged(path, "the manifest is not one of this folder")
        }
    }

    /// A name that leads out of the folder is none.
    private static func isInside(_ name: String) -> Bool {
        !name.isEmpty
            && name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
                !$0.isEmpty && $0 != "." && $0 != ".."
            } && !name.utf8.contains(0)
    }

    /// Reads every file and holds it against the manifest.
    ///
    /// - Throws: `backup.damaged`.
    package func check(isCancelled: () -> Bool = { false }, progress: (String) -> Void = { _ in }) throws {
        for file in manifest.files {
            if isCancelled() { throw Backup.cancelled }
            try read(file) { _ in }
            progress(file.name)
        }
    }

    /// Brings the backup back into a folder that does not exist yet, opens its store, and has everything vouch for everything.
    ///
    /// - Returns: what was verified. Its `problem` is nil where the store, the archive and the logs are whole.
    /// - Throws: `backup.folderInUse`, `backup.damaged`, `backup.notWritable`, errors of the store.
    package func write(
        into target: String, isCancelled: () -> Bool = { false }, progress: (String) -> Void = { _ in }
    ) throws -> AuditVerification.Result {
        let files = FileManager.default
        if files.fileExists(atPath: target) {
            throw HearthError(
                .backupFolderInUse, "there is something of this name already", at: .file(target, line: 0, column: 0),
                advice: "name a folder that does not exist; put it in the old one's place when it was verified")
        }
        if WholeFolder.isInside(target, folder) {
            throw HearthError(
                .backupFolderInUse, "the folder would lie within the backup", at: .file(target, line: 0, column: 0),
                advice: "name a folder outside of \(folder): a backup stays as it was written")
        }
        return try WholeFolder.make(target) { part in
            for file in manifest.files {
                if isCancelled() { throw Backup.cancelled }
                try restore(file, into: part)
                progress(file.name)
            }
            progress("verifying")
            return try verify(part)
        }
    }

    private func restore(_ file: BackupManifest.File, into part: String) throws {
        let path = "\(part)/\(Self.place(of: file.name))"
        do {
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            if descriptor < 0 { throw POSIXError(POSIXError.Code(rawValue: errno) ?? .EIO) }
            let output = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            try read(file) { try output.write(contentsOf: $0) }
            try output.synchronize()
            try output.close()
        } catch let error as HearthError {
            throw error
        } catch {
            throw HearthError(
                .backupNotWritable, "the file cannot be written", at: .file(path, line: 0, column: 0),
                advice: "look at the disk's space and the folder's owner", cause: error)
        }
    }

    private static func place(of name: String) -> String {
        for (from, to) in places {
            if name == from { return to }
            if name.hasPrefix(from + "/") { return to + name.dropFirst(from.count) }
        }
        return name
    }

    /// - Throws: `backup.damaged` where the bytes are not those of the manifest, and what `body` throws.
    private func read(_ file: BackupManifest.File, _ body: (Data) throws -> Void) throws {
        let path = "\(folder)/\(file.name)"
        var hash = FileDigest()
        try SealedFile.read(path, as: file.name, key: key) {
            hash.take($0)
            try body($0)
        }
        if hash.bytes != file.bytes || hash.sha256 != file.sha256 {
            throw SealedFile.damaged(path, "the file is not the one that the manifest names")
        }
    }

    private func verify(_ part: String) throws -> AuditVerification.Result {
        let store = try SQLiteStore(path: part + "/hearth.db", mustExist: true)
        let hasArchive = FileManager.default.fileExists(atPath: part + "/archive/runs")
        let logs = part + "/hearth-access"
        var verification = try AuditVerification(
            store: store, archive: hasArchive ? Archive(folder: part + "/archive") : nil,
            logFolders: FileManager.default.fileExists(atPath: logs) ? [logs] : [],
            // A backup of before they were a part of it has none.
            outputs: RestoredOutputs("\(part)/\(Backup.outputsName)", isAlone: true), allowsMovedManifests: true)
        let result = try verification.run()
        if result.problem == nil, result.head.description != manifest.head {
            throw SealedFile.damaged(folder, "the store's chain ends elsewhere than the manifest says")
        }
        return result
    }
}
