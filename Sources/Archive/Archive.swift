package import Audit
import Foundation
import HeatModel

/// The exact bytes that were pulled, and which runs took what of them: enough to build the store again.
///
/// ```
/// id                              what the folder is known by, in the store's chain too
/// objects/ab/ab12….zst            bytes by SHA-256 of their content, compressed with zstd
/// runs/<store>/0000000012.jsonl   the journal of a store's run 12, a chain of its own (format: the room Audit)
/// ```
///
/// A journal says what was pulled (`piece`, `chunk`, `whole`), which batches were made of it with which cursors (`batch`), how the
/// pull ended (`pulled`) and how many batches the store took (`ended`).
package struct Archive: Sendable {
    package let folder: String
    let objects: ArchiveObjects
    private let isSynced: Bool

    /// The folder is made by the first run that is archived. `isSynced` is false only where a power failure does not matter.
    package init(folder: String, isSynced: Bool = true) {
        self.folder = folder
        self.isSynced = isSynced
        objects = ArchiveObjects(folder: folder, isSynced: isSynced)
    }

    /// What the folder is known by, wherever it is moved to; nil where no run was begun in it yet.
    ///
    /// - Throws: `archive.failed`.
    package func id() throws -> String? {
        let path = folder + "/id"
        do {
            return try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        } catch let error as CocoaError where error.code == .fileReadNoSuchFile || error.code == .fileNoSuchFile {
            return nil
        } catch {
            throw HearthError(
                .archiveFailed, "what the archive is known by cannot be read", at: .file(path, line: 0, column: 0),
                advice: "check its owner and mode", cause: error)
        }
    }

    /// Of processes that begin a folder together the first gives it its name.
    private func makeID() throws {
        let path = folder + "/id"
        if access(path, F_OK) == 0 { return }
        let own = "\(path).\(getpid())-\(UInt64.random(in: 0 ... .max)).tmp"
        defer { unlink(own) }
        do { try Data((UUID().uuidString.lowercased() + "\n").utf8).write(to: URL(fileURLWithPath: own)) } catch {
            throw RunJournal.failure("the archive cannot be given its name", path)
        }
        if link(own, path) != 0, errno != EEXIST {
            throw RunJournal.failure("the archive cannot be given its name", path)
        }
    }

    private func makeFolders(_ store: String) throws {
        for path in [folder + "/objects", "\(folder)/runs/\(store)"] {
            do {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            } catch {
                throw HearthError(
                    .archiveFailed, "the folder cannot be made", at: .file(path, line: 0, column: 0),
                    advice: "check its owner and mode", cause: error)
            }
        }
        try makeID()
    }

    private func path(_ run: Int64, _ store: String, isOpen: Bool) -> String {
        let digits = String(run)
        let name = String(repeating: "0", count: max(0, 10 - digits.count)) + digits
        return "\(folder)/runs/\(store)/\(name)\(isOpen ? ".open" : "").jsonl"
    }

    /// Begins the journal of a run that the store has begun.
    package func begin(_ run: JournalLine.Begin) throws -> RunTape {
        try makeFolders(run.store)
        let journal = try RunJournal(making: path(run.id, run.store, isOpen: true), isSynced: isSynced)
        try journal.append(JournalLine(run: run))
        return RunTape(journal: journal, objects: objects)
    }

    /// Writes down how a run ended.
    package func end(_ tape: RunTape, run: Int64, of store: String, _ end: JournalLine.End) throws {
        _ = try tape.end(end)
        try close(run, store)
    }

    /// Writes it down for a run whose process has died. Does nothing where that process is alive after all, or where the end is already written.
    package func end(run: Int64, of store: String, _ end: JournalLine.End) throws {
        guard let journal = try RunJournal(resuming: path(run, store, isOpen: true), isSynced: isSynced) else { return }
        if journal.isUnbegun {
            // It died between making the file and its first line: nothing was pulled. Where the store has batches of the run, it is no such file.
            guard end.batches == 0 else {
                throw HearthError(
                    .archiveDamaged, "the journal of a run with \(end.batches) batches is empty",
                    at: .file(journal.path, line: 0, column: 0), advice: "restore the archive's folder from a copy")
            }
            if unlink(journal.path) != 0 {
                throw RunJournal.failure("the empty journal cannot be removed", journal.path)
            }
            return
        }
        // It may have died between the last line and the renaming.
        let left = Journal(store: store, run: run, path: path(run, store, isOpen: true), isOpen: true)
        if try ArchivedRun(left).end == nil {
            try journal.append(JournalLine(ended: end))
            try journal.sync()
        }
        try close(run, store)
    }

    private func close(_ run: Int64, _ store: String) throws {
        if rename(path(run, store, isOpen: true), path(run, store, isOpen: false)) != 0 {
            throw RunJournal.failure("the journal cannot be closed", path(run, store, isOpen: true))
        }
    }

    /// A journal in the folder.
    package struct Journal: Sendable {
        package var store: String
        package var run: Int64
        package var path: String
        /// Whether the run's end is not written yet.
        package var isOpen: Bool
    }

    /// The stores that the archive has runs of, by the time of their last journals.
    package func stores() throws -> [String] {
        let files = FileManager.default
        guard files.fileExists(atPath: folder + "/runs") else { return [] }
        return try files.contentsOfDirectory(atPath: folder + "/runs").map { store in
            let written = try files.attributesOfItem(atPath: "\(folder)/runs/\(store)")[.modificationDate] as? Date
            return (store, written ?? .distantPast)
        }.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.map(\.0)
    }

    /// The journals of a store's runs, by run; without those whose first line is not written yet, and never will be where their process died.
    package func journals(of store: String) throws -> [Journal] {
        let parent = "\(folder)/runs/\(store)"
        guard FileManager.default.fileExists(atPath: parent) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: parent).compactMap { name -> Journal? in
            guard name.hasSuffix(".jsonl"), let run = Int64(name.prefix { $0.isNumber }) else { return nil }
            let journal = Journal(
                store: store, run: run, path: "\(parent)/\(name)", isOpen: name.hasSuffix(".open.jsonl"))
            return try journal.isOpen && !RunJournal.hasBegun(journal.path) ? nil : journal
        }.sorted { $0.run < $1.run }
    }

    /// A journal as it lies there now: one that was listed as open may have been closed since.
    package func present(_ journal: Journal) -> Journal {
        guard journal.isOpen, access(journal.path, F_OK) != 0 else { return journal }
        return Journal(
            store: journal.store, run: journal.run, path: path(journal.run, journal.store, isOpen: false), isOpen: false)
    }

    /// The journals of all stores.
    package func journals() throws -> [Journal] { try stores().flatMap { try journals(of: $0) } }

    /// The head of a closed journal; nil where there is none, or its last line is not whole.
    package func head(of run: Int64, _ store: String) throws -> ChainHead? {
        guard let bytes = FileManager.default.contents(atPath: path(run, store, isOpen: false)) else { return nil }
        return bytes.lastLine?.withUnsafeBytes { ChainLine.head(of: $0) }
    }

    /// Whether the run's journal waits to be closed.
    package func isOpen(_ run: Int64, _ store: String) -> Bool { access(path(run, store, isOpen: true), F_OK) == 0 }

    /// Whether a process that lives is writing the run's journal.
    package func isAtWork(_ run: Int64, _ store: String) -> Bool {
        RunJournal.isAtWork(path(run, store, isOpen: true))
    }

    /// Verified bytes of an object.
    package func object(_ hash: String) throws -> [UInt8] { try objects.get(hash) }

    /// Every object in the folder, in no order: its hash by its name, and its path. A file of another form has no hash.
    package func allObjects() throws -> [(hash: String?, path: String)] {
        var found: [(String?, String)] = []
        guard FileManager.default.fileExists(atPath: folder + "/objects") else { return [] }
        for part in try FileManager.default.contentsOfDirectory(atPath: folder + "/objects") {
            let parent = "\(folder)/objects/\(part)"
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: parent, isDirectory: &isFolder), isFolder.boolValue else {
                found.append((nil, parent))
                continue
            }
            for name in try FileManager.default.contentsOfDirectory(atPath: parent) {
                let hash = name.hasSuffix(".zst") && name.utf8.count == 68 ? String(name.dropLast(4)) : nil
                found.append((hash, "\(parent)/\(name)"))
            }
        }
        return found
    }

    /// Removes journals of a store, and the objects that no other journal names.
    package func remove(_ runs: Set<Int64>, of store: String) throws {
        if runs.isEmpty { return }
        var kept: Set<String> = []
        var gone: [String: Set<String>] = [:]
        for journal in try journals() {
            let hashes = try ArchivedRun(journal).hashes
            if journal.store == store, runs.contains(journal.run) {
                gone[journal.path] = hashes
            } else {
                kept.formUnion(hashes)
            }
        }
        for path in gone.keys { unlink(path) }
        for hash in Set(gone.values.joined()).subtracting(kept) { unlink(objects.path(hash)) }
    }
}
