package import AccountView
package import Actions
package import Attachments
import CSVConnector
import ConfigurationFiles
package import Conversations
package import Foundation
package import HeatModel
package import Lineage
package import Mapping
import Records
import SOAPConnector
import SQLConnector
package import Sync
import Yams

/// `Config/hearth.yaml`: the sources, the store, where the mapping files are. The grammar is described in `Config/hearth.yaml`
/// itself, which is a working example.
package struct HearthConfiguration: Sendable {
    package let path: String
    /// The file that is the store, where ``postgres`` names no server; its folder holds what lies beside a store in any case.
    package var storePath: String
    /// PostgreSQL's connection settings of the store; nil where it is the file.
    package var postgres: String?
    /// Servers that are read from, beside ``postgres``.
    package var replicas: String?
    /// Milliseconds that a replica is waited for, and seconds that a write waits for a server.
    package var replicaWait = 200
    package var failoverWait = 30
    /// How many entries of the store's change feed are kept.
    package var keptChanges: Int64 = 10_000_000
    /// How many events are kept.
    package var keptEvents: Int64 = 1_000_000
    package var mappings: String
    package var policy: VanishPolicy
    /// Who accounts are compared with.
    package var peers = PeerRules()
    /// The city of accounts of which neither a fact nor a tariff code states it.
    package var homeCity: String?
    /// A source that was last read longer ago is named as old in an answer.
    package var staleAfterHours = 48
    /// Whether personal data is shown in clear only for a stated reason.
    package var requiresReason = false
    /// The company's clock: what its days and schedules go by.
    package var timeZone = TimeZone(identifier: "Asia/Shanghai") ?? .gmt
    package var sources: [Source]
    /// Where what is pulled is kept; nil where it is not.
    package var archive: ArchiveSettings?
    package var serve = ServeSettings(accessLog: "hearth-access")

    /// A moment, in microseconds since 1970, with the offset that the company's clock has then.
    package func local(_ microseconds: Int64) -> Instant {
        let date = Date(timeIntervalSince1970: Double(microseconds) / 1_000_000)
        return Instant(microseconds: microseconds, offsetMinutes: Int16(timeZone.secondsFromGMT(for: date) / 60))
    }

    /// How long conversations are kept, and who may take them over.
    package var conversations = ConversationSettings()
    /// The doors that customers have.
    package var channels = ChannelSettings()

    /// Where photos and videos of repair orders are kept.
    package var attachments = AttachmentSettings(folder: "hearth-attachments")

    /// Who is told of runs; nil where nobody is.
    package internal(set) var lineage: LineageSettings?

    /// Days for which a settled action is kept; nil keeps it for ever.
    package var keptActionDays: Int? = 400

    /// Files that hold values of the configuration, those of sources too, in its order; a workspace's file of variables first.
    package internal(set) var secretFiles: [String] = []

    /// A file by which a source knows the server, or is known to it.
    package struct CertificateFile: Sendable {
        package var source: String
        package var path: String
        /// Whether it holds certificates that are trusted, and not the source's own.
        package var isTrusted: Bool

        /// Keys of a source's section that name one.
        static let keys = ["sslRootCertificate": true, "ca": true, "sslCertificate": false, "certificate": false]
    }

    /// In the configuration's order; not what `conninfo` names, nor what a driver keeps for itself.
    package internal(set) var certificateFiles: [CertificateFile] = []

    /// Folders of logs whose heads the store's chain notes.
    package var logFolders: [String] { [serve.accessLog] }

    /// The folder that holds the folder of this file.
    package var workspaceFolder: String {
        URL(fileURLWithPath: path).deletingLastPathComponent().deletingLastPathComponent().path
    }

    /// Where `hearth reconcile` writes when it is run in the workspace, and where a backup's outputs come back.
    package var ownReconciliations: String { workspaceFolder + "/reconciliation" }

    /// Where reconciliations are looked for.
    package var reconciliations: String { channels.console?.reconciliations ?? ownReconciliations }

    /// Reads and checks a configuration, with what stands outside of it filled in. The secrets of the sources are read only when a
    /// source is used: see ``requireSecrets(of:)``.
    ///
    /// - Throws: ``ConfigurationErrors`` with every problem at its file, line and column.
    package static func load(path: String) throws -> HearthConfiguration {
        guard FileManager.default.fileExists(atPath: path) else {
            throw ConfigurationErrors([
                HearthError(
                    .configMissing, "there is no configuration", at: .file(path, line: 0, column: 0),
                    advice: "run \(.initialize) to make one, or name the right file")
            ])
        }
        var reader = ConfigurationReader(path: path)
        let configuration = reader.configuration()
        guard let configuration, reader.problems.isEmpty else { throw ConfigurationErrors(reader.problems) }
        return configuration
    }

    /// - Throws: ``ConfigurationErrors`` where a secret is missing, or not what its key takes, that one of these sources or streams
    ///   needs; all of them if none is named.
    package func requireSecrets(of selection: [String]) throws {
        var problems: [HearthError] = []
        for source in sources
        where selection.isEmpty || selection.contains(where: { $0 == source.name || $0.hasPrefix(source.name + ".") }) {
            do { _ = try source.makeConnector() } catch let errors as ConfigurationErrors { problems += errors.errors }
        }
        if !problems.isEmpty { throw ConfigurationErrors(problems) }
    }

    /// The systems that may be written, with the credentials of their own that this takes.
    ///
    /// - Throws: ``ConfigurationErrors`` where a secret is missing, or not what its key takes.
    package func actionSystems() throws -> [ActionSystem] {
        var (systems, problems): ([ActionSystem], [HearthError]) = ([], [])
        for source in sources {
            do {
                if let system = try source.makeActions() { systems.append(system) }
            } catch let errors as ConfigurationErrors { problems += errors.errors }
        }
        if !problems.isEmpty { throw ConfigurationErrors(problems) }
        return systems
    }

    /// The streams to sync, with their mappings: all, those of a source, or one. Streams that bring accounts in come first, then
    /// those that teach the crosswalk, then the rest in the file's order.
    ///
    /// - Throws: ``ConfigurationErrors`` where a selected stream has no mapping file or a name is unknown.
    package func streams(_ selection: [String], mappings: MappingSet) throws -> [SyncStream] {
        var problems: [HearthError] = []
        var selected: [SyncStream] = []
        for source in sources {
            for stream in source.streams {
                let name = StreamName(source: source.name, stream: stream)
                let isWanted =
                    selection.isEmpty || selection.contains(source.name) || selection.contains(name.description)
                guard isWanted else { continue }
                guard let ready = self.stream(source, stream, mappings) else {
                    problems.append(
                        HearthError(
                            .configMissingMapping, "stream \(name) has no mapping file",
                            at: .file(self.mappings, line: 0, column: 0),
                            advice: "write \(name).yaml there, with `from: \(name)`"))
                    continue
                }
                selected.append(ready)
            }
        }
        let known = sources.flatMap { source in [source.name] + source.streams.map { "\(source.name).\($0)" } }
        for wanted in selection where !known.contains(wanted) {
            problems.append(
                HearthError(
                    .usageUnknownStream, "there is no source or stream \"\(wanted)\"",
                    at: .file(path, line: 0, column: 0),
                    advice: NearestName.advice(wanted, among: known)))
        }
        if !problems.isEmpty { throw ConfigurationErrors(problems) }
        return Self.ordered(selected)
    }

    /// What a sync of one source, or of all, would stumble on.
    ///
    /// - Throws: ``ConfigurationErrors`` where a stream has no mapping file or the source is unknown.
    package func check(
        of source: String? = nil, mappings: MappingSet, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws -> SourceCheck {
        let streams = try streams(source.map { [$0] } ?? [], mappings: mappings)
        let targets = sources.filter { source == nil || $0.name == source }.map { item in
            SourceCheck.Target(
                source: item.name, connector: item.connector, streams: streams.filter { $0.name.source == item.name })
        }
        return SourceCheck(targets, isCancelled: isCancelled)
    }

    /// All streams that have a mapping file, in the same order.
    package func mappedStreams(_ mappings: MappingSet) -> [SyncStream] {
        Self.ordered(sources.flatMap { source in source.streams.compactMap { self.stream(source, $0, mappings) } })
    }

    private func stream(_ source: Source, _ stream: String, _ mappings: MappingSet) -> SyncStream? {
        let name = StreamName(source: source.name, stream: stream)
        return mappings.files[name].map {
            SyncStream(name: name, connector: source.connector, mapping: $0, zone: source.zone)
        }
    }

    private static func ordered(_ streams: [SyncStream]) -> [SyncStream] {
        func rank(_ stream: SyncStream) -> Int {
            stream.mapping.introducesAccounts ? 0 : (stream.mapping.registersSystem != nil ? 1 : 2)
        }
        return streams.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }.map(
            \.element)
    }
}

extension ConfigurationReader {
    mutating func configuration() -> HearthConfiguration? {
        guard let (bytes, root) = load() else { return nil }
        var outside = outsideValues()
        let filled = outside.fill(root)
        problems += outside.problems
        defer { problems = outside.masked(problems) }
        guard let top = section(filled, "the configuration") else { return nil }
        expect(
            top,
            only: [
                "store", "mappings", "zone", "vanish", "peers", "answers", "privacy", "archive", "conversations",
                "attachments", "outbox", "channels", "sources", "lineage", "serve",
            ], in: "the configuration")
        let zone = zone(of: top) ?? "Asia/Shanghai"
        var store = resolve("hearth.db")
        var (postgres, replicas): (String?, String?)
        var (replicaWait, failoverWait): (Int?, Int?)
        var (keptChanges, keptEvents): (Int?, Int?)
        if let section = section(of: "store", in: top) {
            expect(
                section,
                only: ["sqlite", "postgres", "replicas", "replicaWait", "failoverWait", "changes", "events"], in: "store")
            keptChanges = integer(of: "changes", in: section, atLeast: 1)
            keptEvents = integer(of: "events", in: section, atLeast: 1)
            if let path = secret(of: "sqlite", in: section) { store = resolve(path) }
            postgres = secret(of: "postgres", in: section)
            if postgres != nil, let sqlite = section["sqlite"] {
                report(
                    .configBadValue, "the store is a file or on a server, not both", at: sqlite,
                    advice: "keep `sqlite:` or `postgres:`")
            }
            replicas = secret(of: "replicas", in: section)
            replicaWait = integer(of: "replicaWait", in: section, atMost: 10_000)
            failoverWait = integer(of: "failoverWait", in: section, atMost: 600)
            if postgres == nil, let node = section["replicas"] {
                report(
                    .configBadValue, "replicas are those of a server", at: node, advice: "name the server: `postgres:`")
            }
        }
        let mappings = resolve(text(of: "mappings", in: top) ?? "Mappings")
        let policy = vanishPolicy(top)
        let peers = peerRules(top)
        var sources: [Source] = []
        var certificates: [HearthConfiguration.CertificateFile] = []
        guard let section = section(of: "sources", in: top) else {
            report(.configMissingKey, "the configuration names no \"sources\"", at: top.place)
            return nil
        }
        for entry in section.entries {
            if entry.name.contains(".") || entry.name.isEmpty {
                report(.configBadValue, "a source's name must not be empty or hold a dot", at: entry.key)
            }
            guard let body = self.section(entry.value, "source \(entry.name)") else { continue }
            for part in body.entries where part.name != "streams" {
                certificates += certificateFiles(of: entry.name, in: part.value)
            }
            let settings = SourceSettings(path: path, bytes: bytes, name: entry.name)
            if let source = source(settings, body, zone: zone, unread: outside.unread[entry.name] ?? []) {
                sources.append(source)
            }
        }
        let answers = answerSettings(top)
        var configuration = HearthConfiguration(
            path: path, storePath: store, mappings: mappings, policy: policy, peers: peers, homeCity: answers.city,
            staleAfterHours: answers.staleAfterHours, requiresReason: requiresReason(top),
            timeZone: TimeZone(identifier: zone) ?? .gmt, sources: sources,
            archive: archiveSettings(top, store: store), serve: serveSettings(top, store: store))
        configuration.postgres = postgres
        configuration.secretFiles = [WorkspaceEnvironment.path(of: path)].compactMap(\.self) + outside.files
        configuration.certificateFiles = certificates
        configuration.replicas = replicas
        configuration.replicaWait = replicaWait ?? configuration.replicaWait
        configuration.failoverWait = failoverWait ?? configuration.failoverWait
        configuration.conversations = conversationSettings(top)
        configuration.attachments = attachmentSettings(top, store: store)
        if let section = self.section(of: "outbox", in: top) {
            expect(section, only: ["keep"], in: "outbox")
            // What was confirmed is joined for a week, and a sync may be late.
            if let days = keptDays(section, atLeast: 30) { configuration.keptActionDays = days }
        }
        configuration.channels = channelSettings(top)
        configuration.lineage = lineageSettings(top)
        if let keptChanges { configuration.keptChanges = Int64(keptChanges) }
        if let keptEvents { configuration.keptEvents = Int64(keptEvents) }
        return configuration
    }

    private func certificateFiles(of source: String, in node: Node) -> [HearthConfiguration.CertificateFile] {
        guard case .mapping(let mapping) = node else { return [] }
        return mapping.flatMap { key, value -> [HearthConfiguration.CertificateFile] in
            guard let isTrusted = key.string.flatMap({ HearthConfiguration.CertificateFile.keys[$0] }),
                let file = value.string, !file.contains("${")
            else { return certificateFiles(of: source, in: value) }
            return [.init(source: source, path: resolve(file), isTrusted: isTrusted)]
        }
    }

    mutating func zone(of section: Section) -> String? {
        guard let name = text(of: "zone", in: section) else { return nil }
        if TimeZone(identifier: name) != nil { return name }
        report(
            .configBadValue, "\"\(name)\" is not a time zone", at: section["zone"]!,
            advice: NearestName.advice(name, among: ["Asia/Shanghai", "Asia/Urumqi", "UTC"]))
        return nil
    }

    private mutating func vanishPolicy(_ top: Section) -> VanishPolicy {
        var policy = VanishPolicy()
        guard let section = section(of: "vanish", in: top) else { return policy }
        expect(section, only: ["share", "atLeast"], in: "vanish")
        if let share = text(of: "share", in: section) {
            let number = share.hasSuffix("%") ? String(share.dropLast()) : ""
            if let percent = ExactDecimal(number)?.exactly(places: 1), percent.units >= 0, percent.units <= 1000 {
                policy.permille = percent.units
            } else {
                report(.configBadValue, "\"share\" must be a percentage such as 5% or 0.5%", at: section["share"]!)
            }
        }
        if let atLeast = integer(of: "atLeast", in: section) { policy.atLeast = Int64(atLeast) }
        return policy
    }
}
