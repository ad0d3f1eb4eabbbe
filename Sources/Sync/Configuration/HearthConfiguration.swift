public import AccountView
import ConfigurationFiles
public import Foundation
public import HeatModel
public import Mapping
public import Records
import Yams

/// `Config/hearth.yaml`: the sources, the store, where the mapping files are. The grammar is described in `Config/hearth.yaml`
/// itself, which is a working example.
public struct HearthConfiguration: Sendable {
    public struct Source: Sendable {
        public var name: String
        public var connector: any Connector
        /// IANA zone of dates with a time but no offset.
        public var zone: String
        /// In the file's order.
        public var streams: [String]
    }

    public let path: String
    public var storePath: String
    public var mappings: String
    public var policy: VanishPolicy
    /// Who accounts are compared with.
    public var peers = PeerRules()
    /// The city of accounts of which neither a fact nor a tariff code tells it.
    public var homeCity: String?
    /// A source that was last read longer ago is named as old in an answer.
    public var staleAfterHours = 48
    /// The company's clock: what its days and schedules go by.
    public var timeZone = TimeZone(identifier: "Asia/Shanghai") ?? .gmt
    public var sources: [Source]
    /// Where what is pulled is kept; nil where it is not.
    public var archive: ArchiveSettings?
    public var serve = ServeSettings(accessLog: "hearth-access")

    /// A moment, in microseconds since 1970, with the offset that the company's clock has then.
    public func local(_ microseconds: Int64) -> Instant {
        let date = Date(timeIntervalSince1970: Double(microseconds) / 1_000_000)
        return Instant(microseconds: microseconds, offsetMinutes: Int16(timeZone.secondsFromGMT(for: date) / 60))
    }

    /// Folders of logs whose heads the store's chain notes.
    public var logFolders: [String] { [serve.accessLog] }

    /// Reads and checks a configuration, with what stands outside of it filled in. A source whose secret is missing is there all
    /// the same, and fails once it is asked: see ``requireSecrets(of:)``.
    ///
    /// - Throws: ``ConfigurationErrors`` with every problem at its file, line and column.
    public static func load(path: String) throws -> HearthConfiguration {
        guard FileManager.default.fileExists(atPath: path) else {
            throw ConfigurationErrors([
                HearthError(
                    .init("config.missing"), "there is no configuration", at: .file(path, line: 0, column: 0),
                    advice: "run `hearth init` to make one, or name it with --config")
            ])
        }
        var reader = ConfigurationReader(path: path)
        let configuration = reader.configuration()
        guard let configuration, reader.problems.isEmpty else { throw ConfigurationErrors(reader.problems) }
        return configuration
    }

    /// - Throws: ``ConfigurationErrors`` where a secret is missing that one of these sources or streams needs; all of them if
    ///   none is named.
    public func requireSecrets(of selection: [String]) throws {
        let missing = sources.filter { source in
            selection.isEmpty || selection.contains { $0 == source.name || $0.hasPrefix(source.name + ".") }
        }.compactMap { $0.connector as? LockedConnector }.flatMap(\.missing)
        if !missing.isEmpty { throw ConfigurationErrors(missing) }
    }

    /// The streams to sync, with their mappings: all, those of a source, or one. Streams that bring accounts in come first, then
    /// those that teach the crosswalk, then the rest in the file's order.
    ///
    /// - Throws: ``ConfigurationErrors`` where a selected stream has no mapping file or a name is unknown.
    public func streams(_ selection: [String], mappings: MappingSet) throws -> [SyncStream] {
        var problems: [HearthError] = []
        var selected: [SyncStream] = []
        for source in sources {
            for stream in source.streams {
                let name = StreamName(source: source.name, stream: stream)
                let isWanted =
                    selection.isEmpty || selection.contains(source.name) || selection.contains(name.description)
                guard isWanted else { continue }
                guard let mapping = mappings.files[name] else {
                    problems.append(
                        HearthError(
                            .init("config.missingMapping"), "stream \(name) has no mapping file",
                            at: .file(self.mappings, line: 0, column: 0),
                            advice: "write \(name).yaml there, with `from: \(name)`"))
                    continue
                }
                selected.append(
                    SyncStream(name: name, connector: source.connector, mapping: mapping, zone: source.zone))
            }
        }
        let known = sources.flatMap { source in [source.name] + source.streams.map { "\(source.name).\($0)" } }
        for wanted in selection where !known.contains(wanted) {
            problems.append(
                HearthError(
                    .init("usage.unknownStream"), "there is no source or stream \"\(wanted)\"",
                    at: .file(path, line: 0, column: 0),
                    advice: NearestName.advice(wanted, among: known)))
        }
        if !problems.isEmpty { throw ConfigurationErrors(problems) }
        func rank(_ stream: SyncStream) -> Int {
            stream.mapping.introducesAccounts ? 0 : (stream.mapping.registersSystem != nil ? 1 : 2)
        }
        return selected.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }.map(
            \.element)
    }
}

extension ConfigurationReader {
    mutating func configuration() -> HearthConfiguration? {
        guard let (_, root) = load() else { return nil }
        var outside = OutsideValues(place: { [path] in .file(path, $0.mark) }, resolve: { [self] in resolve($0) })
        let filled = outside.fill(root)
        problems += outside.problems
        defer { problems = outside.masked(problems) }
        guard let top = section(filled, "the configuration") else { return nil }
        expect(
            top, only: ["store", "mappings", "zone", "vanish", "peers", "answers", "archive", "sources", "serve"],
            in: "the configuration")
        let zone = zone(of: top) ?? "Asia/Shanghai"
        var store = resolve("hearth.db")
        if let section = section(of: "store", in: top) {
            expect(section, only: ["sqlite"], in: "store")
            if let path = secret(of: "sqlite", in: section) { store = resolve(path) }
        }
        let mappings = resolve(text(of: "mappings", in: top) ?? "Mappings")
        let policy = vanishPolicy(top)
        let peers = peerRules(top)
        var sources: [HearthConfiguration.Source] = []
        guard let section = section(of: "sources", in: top) else {
            report("config.missingKey", "the configuration names no \"sources\"", at: top.place)
            return nil
        }
        for entry in section.entries {
            if entry.name.contains(".") || entry.name.isEmpty {
                report("config.badValue", "a source's name must not be empty or hold a dot", at: entry.key)
            }
            guard let body = self.section(entry.value, "source \(entry.name)") else { continue }
            let missing = outside.missing[entry.name] ?? []
            if let source = source(entry.name, body, zone: zone, missing: missing) { sources.append(source) }
        }
        let answers = answerSettings(top)
        return HearthConfiguration(
            path: path, storePath: store, mappings: mappings, policy: policy, peers: peers, homeCity: answers.city,
            staleAfterHours: answers.staleAfterHours, timeZone: TimeZone(identifier: zone) ?? .gmt, sources: sources,
            archive: archiveSettings(top, store: store), serve: serveSettings(top, store: store))
    }

    private mutating func zone(of section: Section) -> String? {
        guard let name = text(of: "zone", in: section) else { return nil }
        if TimeZone(identifier: name) != nil { return name }
        report(
            "config.badValue", "\"\(name)\" is not a time zone", at: section["zone"]!,
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
                report("config.badValue", "\"share\" must be a percentage such as 5% or 0.5%", at: section["share"]!)
            }
        }
        if let atLeast = integer(of: "atLeast", in: section) { policy.atLeast = Int64(atLeast) }
        return policy
    }

    private mutating func source(
        _ name: String, _ body: Section, zone: String, missing: [HearthError]
    ) -> HearthConfiguration.Source? {
        expect(body, only: ["sql", "soap", "csv", "streams", "zone"], in: "source \(name)")
        let zone = self.zone(of: body) ?? zone
        guard let streams = section(of: "streams", in: body) else {
            report("config.missingKey", "source \(name) names no \"streams\"", at: body.place)
            return nil
        }
        let kinds = ["sql", "soap", "csv"].filter { body[$0] != nil }
        guard kinds.count == 1, let kind = kinds.first, let settings = section(of: kind, in: body) else {
            report("config.badValue", "source \(name) must have one of \"sql\", \"soap\" and \"csv\"", at: body.place)
            return nil
        }
        let before = problems
        var connector: (any Connector)? =
            switch kind {
            case "sql": sqlConnector(name, settings, streams, zone: zone)
            case "soap": soapConnector(name, settings, streams, zone: zone)
            default: csvConnector(name, settings, streams)
            }
        if !missing.isEmpty {
            // What cannot be right as long as the value is missing is no mistake; the rest of the section is checked.
            let places = missing.map(\.place)
            problems = before + problems.dropFirst(before.count).filter { $0.isInFile && !places.contains($0.place) }
            connector = LockedConnector(source: name, missing: missing)
        }
        guard let connector else { return nil }
        return HearthConfiguration.Source(
            name: name, connector: connector, zone: zone, streams: streams.entries.map(\.name))
    }
}

extension HearthError {
    fileprivate var isInFile: Bool { if case .file? = place { true } else { false } }
}
