import ArgumentParser
import Attachments
import Backup
import Doctor
import Foundation
import Gateway
import HeatModel
import Lineage
import Records
import SQLiteStore
import Setup
import Store

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract:
            "What the machine and the files may stumble on: disk, memory, clock, rights, certificates, tokens, backups, the store.",
        discussion: """
            Asks no source (hearth check does), and changes nothing; only a store of an older version is brought up to date, as every
            command does. Reads the store's file through; --deep holds its indexes against its tables, too, which takes several times
            as long.
            Exit status: 0 all well; 1 something to see to; 2 something is broken.

            EXAMPLES
              hearth doctor
              hearth doctor --backups /backup
              hearth doctor --deep --json
            """)

    @OptionGroup var options: CommonOptions
    @Option(help: "The folder that backups lie in, side by side.") var backups: String?
    @Flag(help: "Hold the store's indexes against its tables, too.") var deep = false

    private struct Finding: Encodable {
        var subject: String
        var verdict: String
        var detail: String
        var advice: String?

        init(_ found: CheckFinding) {
            subject = found.subject
            verdict = found.verdict.rawValue
            detail = found.detail
            advice = found.advice?.text(naming: \.commandLineName)
        }
    }

    func run() throws {
        let configuration = try HearthConfiguration.load(path: options.config)
        let now = configuration.local(Instant.now.microseconds)
        var findings = Machine.findings()
        var stored: Int64 = 0
        var opened: (any Store)?
        do {
            let store = try configuration.openStore()
            stored = try store.size()
            findings += try look(at: store, configuration, now)
            opened = store
        } catch let error as HearthError { findings.append(Self.finding("store", error)) }
        findings += volumes(configuration, stored)
        findings += files(configuration)
        findings += certificate(configuration, now)
        findings += sourceCertificates(configuration, now)
        if let opened { findings += tokens(in: opened, configuration, now) }
        findings += shelf(now)
        if options.json {
            try JSONOutput.print(findings.map(Finding.init))
        } else {
            for finding in findings.map(Finding.init) {
                Terminal.say("\(Terminal.pad(finding.verdict, 8)) \(finding.subject): \(finding.detail)")
                if let advice = finding.advice { Terminal.say("         → \(advice)") }
            }
        }
        if findings.contains(where: { $0.verdict == .failed }) { throw ExitCode(2) }
        if findings.contains(where: { $0.verdict == .warning }) { throw ExitCode(1) }
    }

    private static func finding(_ subject: String, _ error: HearthError) -> CheckFinding {
        let place = error.place.map { " \($0)" } ?? ""
        return CheckFinding(subject, .failed, "\(error.message) [\(error.code.name)]\(place)", advice: error.advice)
    }

    private func look(at store: any Store, _ configuration: HearthConfiguration, _ now: Instant) throws
        -> [CheckFinding]
    {
        var findings: [CheckFinding] = []
        let newest = try store.read { try $0.runs(stream: nil, limit: 1).first }
        if let finding = Ends.newestRun(newest.map { $0.endedAt ?? $0.startedAt }, now: now) {
            findings.append(finding)
        }
        guard let file = store as? SQLiteStore else {
            return findings + [
                CheckFinding(
                    "store", .ok, "the PostgreSQL server answers; its own checks are pg_amcheck and pg_checksums")
            ]
        }
        let damages = try file.damages(deep: deep)
        if damages.isEmpty {
            let how = deep ? "its pages and indexes are sound" : "its pages are sound"
            return findings + [CheckFinding("store", .ok, "\(configuration.storePath): \(how)")]
        }
        return findings
            + damages.map {
                CheckFinding(
                    "store", .failed, "\(configuration.storePath): \($0)",
                    advice:
                        "stop hearth, keep the file, and build it anew: hearth replay --into FILE, or hearth restore")
            }
    }

    /// A store with damaged pages may keep its tokens to itself: the other findings are told all the same.
    private func tokens(in store: any Store, _ configuration: HearthConfiguration, _ now: Instant) -> [CheckFinding] {
        do {
            return Ends.tokens(
                try store.accessTokens().filter { $0.revokedAt == nil }.map {
                    .init(id: $0.id, name: $0.name, endsAt: $0.expiresAt)
                }, hasProvider: configuration.serve.webTokens != nil, now: now)
        } catch let error as HearthError {
            return [Self.finding("tokens", error)]
        } catch {
            return [CheckFinding("tokens", .failed, "they cannot be read: \(error)")]
        }
    }

    private func volumes(_ configuration: HearthConfiguration, _ stored: Int64) -> [CheckFinding] {
        var places = [("logs", configuration.serve.accessLog), ("attachments", configuration.attachments.folder)]
        if let archive = configuration.archive { places.insert(("archive", archive.folder), at: 0) }
        if configuration.postgres == nil { places.insert(("store", configuration.storePath), at: 0) }
        if let backups { places.append(("backups", backups)) }
        return Volumes.findings(
            places.map { (name: $0.0, path: $0.1) }, needed: UInt64(max(0, stored)),
            needing: configuration.postgres == nil ? "store" : "database")
    }

    private func files(_ configuration: HearthConfiguration) -> [CheckFinding] {
        var findings = configuration.secretFiles.compactMap { FileRights.closed("secret", $0) }
        if let tls = configuration.serve.tls, let finding = FileRights.closed("TLS key", tls.key) {
            findings.append(finding)
        }
        if configuration.postgres == nil {
            findings += [("store", ""), ("store's log", "-wal")].compactMap {
                FileRights.closed($0.0, configuration.storePath + $0.1)
            }
            let folder = URL(fileURLWithPath: configuration.storePath).deletingLastPathComponent().relativePath
            findings.append(FileRights.writable("folder of the store", folder))
        }
        if let archive = configuration.archive { findings.append(FileRights.writable("archive", archive.folder)) }
        findings += configuration.logFolders.map { FileRights.writable("access log", $0) }
        findings.append(FileRights.writable("attachments", configuration.attachments.folder))
        if case .file(let path)? = configuration.lineage?.destination {
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
            findings.append(FileRights.writable("folder of lineage", folder))
        }
        return findings
    }

    private func certificate(_ configuration: HearthConfiguration, _ now: Instant) -> [CheckFinding] {
        guard let tls = configuration.serve.tls else { return [] }
        do {
            guard let (from, until) = try Gateway.certificateValidity(configuration.serve) else { return [] }
            return [Ends.certificate(tls.certificates, from: from, until: until, now: now)]
        } catch let error as HearthError {
            return [Self.finding("certificate", error)]
        } catch {
            return [CheckFinding("certificate", .failed, "\(tls.certificates): \(error)", advice: "it must be PEM")]
        }
    }

    private func sourceCertificates(_ configuration: HearthConfiguration, _ now: Instant) -> [CheckFinding] {
        configuration.certificateFiles.map { file in
            do {
                let (from, until) = try Gateway.certificateValidity(ofFile: file.path, isTrusted: file.isTrusted)
                return Ends.certificate(file.path, of: file.source, from: from, until: until, now: now)
            } catch let error as HearthError {
                return Self.finding("certificate of \(file.source)", error)
            } catch {
                return CheckFinding("certificate of \(file.source)", .failed, "\(file.path): \(error)")
            }
        }
    }

    private func shelf(_ now: Instant) -> [CheckFinding] {
        guard let backups else {
            return [
                CheckFinding(
                    "backups", .warning, "nobody looked", advice: "name their folder: hearth doctor --backups FOLDER")
            ]
        }
        do {
            let shelf = try BackupShelf(backups)
            return Ends.backups(backups, whole: shelf.whole, broken: shelf.broken, now: now)
        } catch let error as HearthError {
            return [Self.finding("backups", error)]
        } catch {
            return [CheckFinding("backups", .failed, "\(backups): \(error)")]
        }
    }
}
