package import Archive
import Audit
package import Evidence
import Foundation
package import HeatModel
import SQLiteStore
import Store

/// A consistent copy of all that Hearth keeps, taken while it serves: the store as of one commit, the archive and the logs that vouch for
/// it, what reconciliations wrote, configuration, mappings.
package struct Backup {
    /// A folder or a file that goes into a backup as it stands.
    package struct Part: Sendable {
        /// In the backup.
        package var name: String
        package var path: String
        /// Goes into encrypted backups alone: it holds passwords.
        package var isSecret: Bool

        package init(_ name: String, _ path: String, isSecret: Bool = false) {
            self.name = name
            self.path = path
            self.isSecret = isSecret
        }
    }

    static let storeName = "store.db"
    static let manifestName = "manifest.json"
    static let sealedManifestName = "manifest.json.sealed"

    private let storePath: String
    private let archive: Archive?
    private let logs: [Part]
    let outputFolder: String
    /// Outputs that came back from an earlier backup.
    let restored: RestoredOutputs
    private let parts: [Part]
    private let key: BackupKey?
    /// How long syncs at work are waited for.
    private let wait: Duration
    let isCancelled: () -> Bool
    private let progress: (String) -> Void
    let tell: (String) -> Void

    /// - Parameters:
    ///   - logs: folders whose files grow at their end, line by line.
    ///   - outputs: the folder that reconciliations write to; what was written elsewhere is found by the store's chain.
    ///   - restored: outputs that came back from an earlier backup.
    ///   - parts: everything else that is wanted; what is not there is left out.
    ///   - wait: how long a sync that is at work is waited for.
    ///   - tell: is given what is to be known in any case: what is waited for, and what does not keep the backup from being whole.
    package init(
        storePath: String, archive: Archive?, logs: [Part], outputs: String,
        restored: RestoredOutputs = .none, parts: [Part], key: BackupKey?, wait: Duration = .seconds(600),
        isCancelled: @escaping () -> Bool = { false }, progress: @escaping (String) -> Void = { _ in },
        tell: @escaping (String) -> Void = { _ in }
    ) {
        self.storePath = storePath
        self.archive = archive
        self.logs = logs
        outputFolder = outputs
        self.restored = restored
        self.parts = parts
        self.key = key
        self.wait = wait
        self.isCancelled = isCancelled
        self.progress = progress
        self.tell = tell
    }

    /// Writes the backup into a folder that does not exist yet. A backup that does not come to its end leaves nothing.
    ///
    /// - Parameter now: what the manifest says of when.
    /// - Throws: `backup.folderInUse`, `backup.streamsBusy`, `backup.changed`, `backup.notReadable`, `backup.notWritable`, errors of the
    ///   store; `run.cancelled`.
    package func write(to folder: String, now: Instant) throws -> BackupManifest {
        let files = FileManager.default
        if files.fileExists(atPath: folder) {
            throw HearthError(
                .backupFolderInUse, "there is something of this name already", at: .file(folder, line: 0, column: 0),
                advice: "name a folder that does not exist; one for each backup")
        }
        let outputs = Part(Self.outputsName, outputFolder)
        for copied in [archive.map { Part("archive", $0.folder) }].compactMap(\.self) + logs + [outputs] + parts
        where WholeFolder.isInside(folder, copied.path) {
            throw HearthError(
                .backupFolderInUse, "the backup would lie within what it copies, \(copied.path)",
                at: .file(folder, line: 0, column: 0), advice: "name a folder elsewhere")
        }
        return try WholeFolder.make(folder) { try fill($0, now) }
    }

    private func fill(_ folder: String, _ now: Instant) throws -> BackupManifest {
        let store = try SQLiteStore(path: storePath, mustExist: true)
        let copy = folder + "/copy.db"
        var links: [String] = []
        // No run is at work while the store is copied and the archive is listed: what the archive has then is what the store knows.
        let archived = try StreamsAtRest.hold(store, wait: wait, isCancelled: isCancelled, tell: tell) {
            progress("the store")
            // A run whose end was not noted yet, because its process died, gets its line.
            try store.write { try AuditTrail.noteRuns($0, archive: archive) }
            try store.copy(to: copy)
            return try archive.map { try Self.list($0.folder, as: "archive", leavingOut: &links) } ?? []
        }
        defer { for suffix in ["", "-wal", "-shm"] { unlink(copy + suffix) } }
        let (head, newestRun, known) = try SQLiteStore(path: copy, mustExist: true).read {
            (try AuditTrail.head($0), try $0.newestRun(at: nil)?.number ?? 0, try AuditTrail.manifests(in: $0))
        }
        var listed = archived
        for log in logs {
            listed += try Self.list(log.path, as: log.name, leavingOut: &links).map { try $0.growing() }
        }
        for part in parts where key != nil || !part.isSecret {
            listed += try Self.list(part.path, as: part.name, leavingOut: &links)
        }

        var manifest = BackupManifest(
            format: BackupManifest.format, madeAt: now.description, isEncrypted: key != nil, head: head.description,
            newestRun: newestRun, files: [], leftOut: links)
        // What SQLite keeps beside the file is in it once it was opened and closed.
        try write(Listed(name: Self.storeName, path: copy, size: nil), into: folder, &manifest)
        for file in listed {
            if isCancelled() { throw Self.cancelled }
            try write(file, into: folder, &manifest)
        }
        try writeOutputs(known, into: folder, &manifest)
        if try store.read({ try AuditTrail.manifests(in: $0) }) != known {
            throw HearthError(
                .backupChanged, "a reconciliation ended while what reconciliations wrote was copied",
                at: .file(outputFolder, line: 0, column: 0),
                advice: "back up again; what was written of this backup is removed")
        }
        manifest.files.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        let name = key == nil ? Self.manifestName : Self.sealedManifestName
        _ = try SealedFile.write(
            Array(encoder.encode(manifest)) + [0x0A], to: "\(folder)/\(name)", as: Self.manifestName, key: key)
        return manifest
    }

    func write(_ file: Listed, into folder: String, _ manifest: inout BackupManifest) throws {
        try write(as: file.name, into: folder, &manifest) {
            try SealedFile.write(file.path, to: $0, as: file.name, key: key, limit: file.size)
        }
    }

    func write(_ bytes: [UInt8], as name: String, into folder: String, _ manifest: inout BackupManifest) throws {
        try write(as: name, into: folder, &manifest) { try SealedFile.write(bytes, to: $0, as: name, key: key) }
    }

    private func write(
        as name: String, into folder: String, _ manifest: inout BackupManifest,
        _ body: (String) throws -> SealedFile.Written
    ) throws {
        let path = "\(folder)/\(name)"
        let parent = (path as NSString).deletingLastPathComponent
        do { try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true) } catch {
            throw HearthError(
                .backupNotWritable, "the folder cannot be made", at: .file(parent, line: 0, column: 0), cause: error)
        }
        let written = try body(path)
        manifest.files.append(.init(name: name, bytes: written.bytes, sha256: written.sha256))
        progress(name)
    }

    static let cancelled = HearthError(.runCancelled, "ended by the user; nothing of the backup is left")

    /// A file to be copied.
    struct Listed {
        var name: String
        var path: String
        /// So many bytes of it; nil for all.
        var size: Int64?

        /// The same up to the end of its last whole line: what is being written behind that is left.
        func growing() throws -> Listed {
            let bytes: Data
            do { bytes = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
                throw Backup.notReadable(path, error)
            }
            return Listed(name: name, path: path, size: Int64(bytes.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0))
        }
    }

    static func notReadable(_ path: String, _ cause: any Error) -> HearthError {
        HearthError(
            .backupNotReadable, "what is to be copied cannot be read", at: .file(path, line: 0, column: 0),
            advice: "check its owner and mode; nothing of the backup is left", cause: cause)
    }

    /// The files under a path, by name; none where there is nothing. The path itself may be a link; links under it are not followed, and
    /// are named as all is that is no file.
    static func list(_ path: String, as name: String, leavingOut others: inout [String]) throws -> [Listed] {
        let path = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        var status = stat()
        if lstat(path, &status) != 0, errno == ENOENT || errno == ENOTDIR { return [] }
        return try listed(path, as: name, leavingOut: &others)
    }

    private static func listed(_ path: String, as name: String, leavingOut others: inout [String]) throws -> [Listed] {
        let files = FileManager.default
        do {
            switch try files.attributesOfItem(atPath: path)[.type] as? FileAttributeType {
            case .typeRegular: return [Listed(name: name, path: path, size: nil)]
            case .typeDirectory:
                return try files.contentsOfDirectory(atPath: path).sorted().flatMap { entry in
                    try listed("\(path)/\(entry)", as: "\(name)/\(entry)", leavingOut: &others)
                }
            default:
                others.append(name)
                return []
            }
        } catch let error as HearthError {
            throw error
        } catch {
            throw notReadable(path, error)
        }
    }
}
