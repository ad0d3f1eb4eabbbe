package import Actions
import CSVConnector
package import ConfigurationFiles
import HeatModel
package import Records
import SOAPConnector
import SQLConnector
package import Yams

/// A legacy system as it is configured. Its connector is made, and its secrets are read, each time that it is used, so that what
/// the store already holds can be looked up without any password, and a new password counts from the next sync on.
package struct Source: Sendable {
    package var name: String
    /// IANA zone of dates with a time but no offset.
    package var zone: String
    /// In the file's order.
    package var streams: [String]
    /// Whether its streams are tables, so that one that no stream reads can be named.
    package var isDatabase = false
    private let make: @Sendable () throws -> any Connector
    private var settings: SourceSettings?
    /// Whether the system may be written: it has a section `actions`.
    package var hasActions = false

    /// A source whose connector is made already.
    package init(name: String, connector: any Connector, zone: String, streams: [String]) {
        self.init(name: name, zone: zone, streams: streams) { connector }
    }

    /// - Parameter make: throws ``ConfigurationErrors`` where a setting is missing or wrong.
    init(
        name: String, zone: String, streams: [String], settings: SourceSettings? = nil,
        make: @escaping @Sendable () throws -> any Connector
    ) {
        self.settings = settings
        self.name = name
        self.zone = zone
        self.streams = streams
        self.make = make
    }

    /// - Throws: ``ConfigurationErrors``: `config.missingSecret` where a secret is missing, `config.badValue` and others where it is
    ///   not what its key takes.
    package func makeConnector() throws -> any Connector { try make() }

    /// What the system can be asked to do, with the credentials of its own that this takes; nil where it has no section `actions`.
    ///
    /// - Throws: ``ConfigurationErrors`` as ``makeConnector()``.
    package func makeActions() throws -> ActionSystem? {
        guard hasActions, let settings else { return nil }
        return try settings.actions(zone: zone)
    }

    /// The connector with other streams than those configured, to look at what else the system has.
    ///
    /// - Parameter streams: as they stand under `streams:`, in YAML.
    /// - Throws: ``ConfigurationErrors`` as ``makeConnector()``.
    package func makeConnector(streams: String) throws -> any Connector {
        guard let settings else { return try make() }
        return try settings.connector(zone: zone, streams: streams)
    }

    /// A connector that reads its secrets when it is used.
    package var connector: any Connector { LazyConnector(source: name, make: make) }
}

/// The section of one source, to be read again with its secrets.
struct SourceSettings: Sendable {
    let path: String
    /// The configuration file as it was when the program began: a file that somebody edits meanwhile is not half read.
    let bytes: [UInt8]
    let name: String

    func connector(zone: String, streams: String? = nil) throws -> any Connector {
        var reader = ConfigurationReader(path: path)
        let connector = reader.connector(of: self, zone: zone, streams: streams)
        guard let connector, reader.problems.isEmpty else { throw ConfigurationErrors(reader.problems) }
        return connector
    }

    func actions(zone: String) throws -> ActionSystem {
        var reader = ConfigurationReader(path: path)
        let system = reader.actions(of: self, zone: zone)
        guard let system, reader.problems.isEmpty else { throw ConfigurationErrors(reader.problems) }
        return system
    }
}

extension ConfigurationReader {
    /// Reads what stands under a node with everything filled in that its file keeps outside of itself (`${env:…}`, `${file:…}`): for
    /// files beside the configuration. Problems do not show what came from there.
    package mutating func withOutsideValues(of node: Node, _ read: (inout ConfigurationReader, Node) -> Void) {
        var outside = outsideValues()
        let filled = outside.fill(source: node)
        problems += outside.problems
        if outside.problems.isEmpty { read(&self, filled) }
        problems = outside.masked(problems)
    }

    func outsideValues() -> OutsideValues {
        OutsideValues(
            environment: WorkspaceEnvironment(of: path), place: { [path] in .file(path, $0.mark) },
            resolve: { [self] in resolve($0) })
    }

    /// A source, with everything in its section checked that can be checked without its secrets.
    ///
    /// - Parameter unread: places of values that stand outside of the file.
    mutating func source(_ settings: SourceSettings, _ body: Section, zone: String, unread: Set<Place>) -> Source? {
        expect(body, only: ["sql", "soap", "csv", "streams", "zone", "actions"], in: "source \(settings.name)")
        let zone = self.zone(of: body) ?? zone
        guard let streams = section(of: "streams", in: body) else {
            report(.configMissingKey, "source \(settings.name) names no \"streams\"", at: body.place)
            return nil
        }
        let before = problems.count
        _ = connector(settings.name, body, streams, zone: zone)
        let actions = section(of: "actions", in: body)
        if let actions { _ = ActionsConfiguration.read(settings.name, actions, zone: zone, reader: &self) }
        if !unread.isEmpty {
            // What a value is worth is known when it is read, and what hangs on it then, too.
            let found = problems[before...].filter { problem in
                guard let place = problem.place, case .file = place else { return false }
                return !unread.contains(place)
            }
            problems = problems[..<before] + found
        }
        var source = Source(name: settings.name, zone: zone, streams: streams.entries.map(\.name), settings: settings) {
            try settings.connector(zone: zone)
        }
        source.isDatabase = body["sql"] != nil
        source.hasActions = body["actions"] != nil
        return source
    }

    /// The connector of one source, with its secrets.
    fileprivate mutating func connector(of settings: SourceSettings, zone: String, streams other: String?) -> (
        any Connector
    )? {
        guard let root = root(of: settings.bytes), let top = section(root, "the configuration"),
            let sources = section(of: "sources", in: top), let node = sources[settings.name]
        else { return nil }
        var outside = outsideValues()
        // Who reads needs no secret of who writes.
        let filled = outside.fill(source: node.without("actions"))
        problems += outside.problems
        defer { problems = outside.masked(problems) }
        guard problems.isEmpty, let body = section(filled, "source \(settings.name)"),
            let streams = other.map({ self.root(of: Array($0.utf8)).flatMap { self.section($0, "streams") } })
                ?? section(of: "streams", in: body)
        else { return nil }
        return connector(settings.name, body, streams, zone: zone)
    }

    /// What the system of one source can be asked to do, with the secrets of its section alone.
    fileprivate mutating func actions(of settings: SourceSettings, zone: String) -> ActionSystem? {
        guard let root = root(of: settings.bytes), let top = section(root, "the configuration"),
            let sources = section(of: "sources", in: top), let node = sources[settings.name],
            let source = section(node, "source \(settings.name)"), let actions = source["actions"]
        else { return nil }
        var outside = outsideValues()
        let filled = outside.fill(source: actions)
        problems += outside.problems
        defer { problems = outside.masked(problems) }
        guard problems.isEmpty, let body = section(filled, "actions") else { return nil }
        return ActionsConfiguration.read(settings.name, body, zone: zone, reader: &self)
    }

    private mutating func connector(
        _ name: String, _ body: Section, _ streams: Section, zone: String
    ) -> (any Connector)? {
        let kinds = ["sql", "soap", "csv"].filter { body[$0] != nil }
        guard kinds.count == 1, let kind = kinds.first, let settings = section(of: kind, in: body) else {
            report(.configBadValue, "source \(name) must have one of \"sql\", \"soap\" and \"csv\"", at: body.place)
            return nil
        }
        return switch kind {
        case "sql": SQLConfiguration.read(name, settings: settings, streams: streams, zone: zone, reader: &self)
        case "soap": SOAPConfiguration.read(name, settings: settings, streams: streams, zone: zone, reader: &self)
        default: CSVConfiguration.read(name, settings: settings, streams: streams, reader: &self)
        }
    }
}

extension Node {
    /// A mapping without one of its keys.
    fileprivate func without(_ name: String) -> Node {
        guard case .mapping(let mapping) = self else { return self }
        let kept = mapping.filter { key, _ in
            guard case .scalar(let scalar) = key else { return true }
            return scalar.string != name
        }
        return .mapping(Node.Mapping(kept.map { ($0.key, $0.value) }, mapping.tag, mapping.style, mapping.mark))
    }
}
