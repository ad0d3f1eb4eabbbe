import Archive
import ArgumentParser
import Attachments
import Audit
import Backup
import ConfigurationFiles
import Evidence
import Foundation
import HeatModel
import Setup
import Sync

struct BackupKeyOptions: ParsableArguments {
    @Option(help: "A file of 32 bytes or more, kept elsewhere: the backup is encrypted with it.") var keyFile: String?

    func key() throws -> BackupKey? { try keyFile.map { try BackupKey.load($0) } }
}

struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract:
            "A consistent copy of store, archive, logs, reconciliations, configuration and mappings, taken while serving.",
        discussion: """
            Waits until no sync is at work, holds syncs while the store is copied, and copies the rest beside them. Lookups go on. What
            `hearth reconcile` wrote goes along, wherever the audit chain says that it was written. A backup that does not come to its
            end leaves nothing. The file `environment`, which holds passwords, is in encrypted backups alone.

            EXAMPLES
              hearth backup /backup/2026-11-29
              openssl rand -out /safe/hearth.key 32
              hearth backup /backup/2026-11-29 --key-file /safe/hearth.key
              hearth restore /backup/2026-11-29 --check --key-file /safe/hearth.key
            """)

    @OptionGroup var options: CommonOptions
    @Argument(help: "Folder to write; it does not exist yet.") var folder: String
    @OptionGroup var encryption: BackupKeyOptions
    @Option(help: "Seconds that a sync at work is waited for.") var wait = 600

    func validate() throws {
        if !(0...86_400).contains(wait) { throw ValidationError("--wait must be 0 to 86400") }
    }

    private struct Summary: Encodable {
        var folder: String
        var files: Int
        var bytes: Int64
        var encrypted: Bool
        var head: String
        var newestRun: Int64
    }

    func run() throws {
        Interrupt.catchSignals()
        let configuration = try HearthConfiguration.load(path: options.config)
        if configuration.postgres != nil {
            throw HearthError(
                .usageServerStore, "the store is a PostgreSQL database, which hearth backup does not copy",
                at: .file(configuration.path, line: 0, column: 0),
                advice: "back it up with pg_dump or pgBackRest; `hearth store copy` takes it over into a file")
        }
        let beside = URL(fileURLWithPath: options.config).deletingLastPathComponent()
        let isQuiet = options.json || !Terminal.isInteractive
        let backup = try Backup(
            storePath: configuration.storePath, archive: configuration.archive.map { Archive(folder: $0.folder) },
            logs: configuration.logFolders.enumerated().map { .init("logs/\($0.offset)", $0.element) },
            outputs: configuration.reconciliations, restored: RestoredOutputs(configuration.ownReconciliations),
            parts: [
                .init("Config", beside.path), .init("Mappings", configuration.mappings),
                .init("attachments", configuration.attachments.folder),
                .init(
                    "environment", beside.deletingLastPathComponent().appendingPathComponent("environment").path,
                    isSecret: true),
            ],
            key: encryption.key(), wait: .seconds(wait), isCancelled: { Interrupt.flag.isSet },
            progress: { if !isQuiet { Terminal.note("\($0)\n") } }, tell: { Terminal.note("\($0)\n") })
        let manifest = try backup.write(to: folder, now: configuration.local(Instant.now.microseconds))
        let bytes = manifest.files.reduce(0) { $0 + $1.bytes }
        if options.json {
            return try JSONOutput.print(
                Summary(
                    folder: folder, files: manifest.files.count, bytes: bytes, encrypted: manifest.isEncrypted,
                    head: manifest.head, newestRun: manifest.newestRun))
        }
        Terminal.say(
            "\(folder): \(Terminal.grouped(Int64(manifest.files.count))) files, \(Terminal.grouped(bytes)) bytes\(manifest.isEncrypted ? ", encrypted" : ""); newest run \(manifest.newestRun), head \(manifest.head)"
        )
        if !manifest.leftOut.isEmpty {
            Terminal.complain(
                "left out, because they are links or no files: \(manifest.leftOut.joined(separator: ", "))")
        }
    }
}

struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Brings a backup back into a new folder and verifies it, or only reads it through.",
        discussion: """
            Every byte is held against the manifest, the store's chain against its head, the archive and the logs against the chain.
            Nothing that exists is changed: put the folder in the old one's place when no hearth runs. Exit status: 0 all is whole,
            1 the record itself was altered before it was backed up, 2 failure.

            EXAMPLES
              hearth restore /backup/2026-11-29 restored
              hearth --workspace restored status
              hearth restore /backup/2026-11-29 --check --key-file /safe/hearth.key
            """)

    @Argument(help: "Folder of the backup.") var folder: String
    @Argument(help: "Folder to write; it does not exist yet.") var target: String?
    @Flag(help: "Read it through and write nothing.") var check = false
    @OptionGroup var encryption: BackupKeyOptions
    @Flag(help: "One JSON document instead of text.") var json = false

    func validate() throws {
        if check == (target != nil) { throw ValidationError("name a folder to restore into, or --check") }
    }

    private struct Summary: Encodable {
        var backup: String
        var madeAt: String
        var files: Int
        var bytes: Int64
        var head: String
        var restored: String?
        var ok: Bool
        var problem: String?
    }

    func run() throws {
        Interrupt.catchSignals()
        let restore = try Restore(folder, key: encryption.key())
        let manifest = restore.manifest
        let isQuiet = json || !Terminal.isInteractive
        let progress: (String) -> Void = { if !isQuiet { Terminal.note("\($0)\n") } }
        var problem: String?
        if let target {
            let result = try restore.write(into: target, isCancelled: { Interrupt.flag.isSet }, progress: progress)
            problem = result.problem.map { "\($0)" }
        } else {
            try restore.check(isCancelled: { Interrupt.flag.isSet }, progress: progress)
        }
        let bytes = manifest.files.reduce(0) { $0 + $1.bytes }
        if json {
            try JSONOutput.print(
                Summary(
                    backup: folder, madeAt: manifest.madeAt, files: manifest.files.count, bytes: bytes,
                    head: manifest.head, restored: target, ok: problem == nil, problem: problem))
        } else {
            Terminal.say(
                "\(folder), made \(manifest.madeAt): \(Terminal.grouped(Int64(manifest.files.count))) files, \(Terminal.grouped(bytes)) bytes are what was written"
            )
            if let problem {
                Terminal.say("WRONG  \(problem)")
            } else if let target {
                Terminal.say("restored and verified; head \(manifest.head)")
                tellHowToUse(target)
            }
        }
        if problem != nil { throw ExitCode(1) }
    }

    /// A configuration may name a store, an archive or logs that lie elsewhere: then they are those of the workspace that was copied.
    private func tellHowToUse(_ target: String) {
        let top = URL(fileURLWithPath: target).standardizedFileURL.path
        do {
            let configuration = try HearthConfiguration.load(path: target + "/Config/hearth.yaml")
            let store = URL(fileURLWithPath: configuration.storePath).standardizedFileURL.path
            if configuration.postgres == nil, store == top + "/hearth.db" {
                return Terminal.say("look at it:  hearth --workspace \(target) status")
            }
            Terminal.say(
                "its Config/hearth.yaml names another store, \(configuration.postgres == nil ? store : "a server's"): before you use it, have `store:`, `archive:` and `serve: accessLog:` name \(top)/hearth.db, archive and hearth-access"
            )
        } catch {
            Terminal.say("its Config/hearth.yaml cannot be read as it is, so that what it names is not known:")
            let errors = (error as? ConfigurationErrors)?.errors.map(\.commandLineText) ?? ["\(error)"]
            for text in errors { Terminal.say("  \(text)") }
        }
        if FileManager.default.fileExists(atPath: target + "/environment.restored") {
            Terminal.say("the variables of the workspace that was copied are in \(target)/environment.restored")
        }
    }
}
