import Foundation
import HeatModel
import Records
import Setup

/// A source that a first look found, and its section in the configuration.
struct FoundSource {
    enum Kind {
        case csv(String)
        case sql(DataPlace)
        case soap(DescribedService, from: String)
    }

    var name: String
    var kind: Kind
    /// Streams under the names of what they read, with their settings.
    var streams: [(name: String, settings: [String], note: String)]
    var remarks: [String] = []
    private(set) var environment: [(name: String, meaning: String)] = []
    /// What becomes of a stream: its new name with further settings; nil for those that stay a comment.
    private var kept: [String: (name: String, settings: [String])]?

    init(name: String, kind: Kind, streams: [(name: String, settings: [String], note: String)]) {
        self.name = name
        self.kind = kind
        self.streams = streams
        if case .sql(.postgres(let database)) = kind, let password = database.password {
            // The process asks the database itself, too.
            setenv(Self.variable(name), password, 1)
        }
    }

    private static func variable(_ name: String) -> String { name.uppercased() + "_PASSWORD" }

    /// One stream for each table.
    mutating func discoverTables() throws {
        let tables = try TemporaryConfiguration.with(section(root: nil)) { configuration in
            try configuration.sources[0].makeConnector().discover()
        }
        streams = tables.filter { !$0.isConfigured && $0.columns.count > 1 }.map { table in
            (
                SourceSampler.streamName(table.name), ["table: \(YAMLText.quoted(table.name))"],
                "\(table.columns.count) columns"
            )
        }
    }

    /// Takes over what was suggested for its streams.
    mutating func keep(_ suggestions: [Suggestion], _ names: StreamNames) {
        let old = name
        name = names.source(old)
        var kept: [String: (name: String, settings: [String])] = [:]
        for suggestion in suggestions where suggestion.stream.source == name {
            var settings: [String] = []
            let isPositional = suggestion.key.contains { $0 == "occurrence" || $0 == "line" }
            if case .soap = kind {
            } else {
                if !isPositional { settings.append("key: \(YAMLText.list(suggestion.key))") }
                if case .sql = kind, let cursor = suggestion.cursor, suggestion.canFollow {
                    settings.append("cursor: \(YAMLText.plain(cursor))")
                    settings.append("lookback: 600")
                }
            }
            kept[names.before(suggestion.stream)] = (suggestion.stream.stream, settings)
        }
        self.kept = kept
        if case .sql(.postgres(let database)) = kind, let password = database.password {
            setenv(Self.variable(name), password, 1)
            environment.append(
                (Self.variable(name), "the password of \(database.user ?? "the user") at \(database.name)"))
        }
    }

    /// - Parameter root: folder of the workspace, from whose `Config` paths are seen; nil writes them whole.
    func section(root: String?) -> String {
        func path(_ full: String) -> String {
            guard let root, full.hasPrefix(root + "/") else { return YAMLText.quoted(full) }
            return YAMLText.quoted("../" + full.dropFirst(root.count + 1))
        }
        var lines: [String]
        switch kind {
        case .soap(let service, let location): return section(of: service, from: location)
        case .csv(let folder): lines = ["  \(name):", "    csv: {folder: \(path(folder))}"]
        case .sql(.sqlite(let file)): lines = ["  \(name):", "    sql: {driver: sqlite, path: \(path(file))}"]
        case .sql(.postgres(let database)):
            var parts = ["driver: postgres", "database: \(YAMLText.quoted(database.name))"]
            if let host = database.host { parts.append("host: \(YAMLText.quoted(host))") }
            if let port = database.port { parts.append("port: \(port)") }
            if let user = database.user { parts.append("user: \(YAMLText.quoted(user))") }
            if database.password != nil { parts.append("password: \"${env:\(Self.variable(name))}\"") }
            lines = ["  \(name):", "    sql: {\(parts.joined(separator: ", "))}"]
        case .sql: return ""
        }
        let read = streams.filter { kept == nil || kept?[$0.name] != nil }
        lines.append(read.isEmpty ? "    streams: {}" : "    streams:")
        for stream in read {
            let new = kept?[stream.name]
            let settings = stream.settings + (new?.settings ?? [])
            let note = stream.note.isEmpty ? "" : "        # \(YAMLText.oneLine(stream.name)): \(stream.note)"
            lines.append(
                "      \(YAMLText.plain(new?.name ?? stream.name)): {\(settings.joined(separator: ", "))}\(note)")
        }
        for stream in streams where kept != nil && kept?[stream.name] == nil {
            lines.append(
                "      # \(YAMLText.plain(stream.name)): {\(YAMLText.oneLine(stream.settings.joined(separator: ", ")))}"
            )
        }
        if case .csv = kind, kept != nil {
            lines.append(
                "      # Where each file states the whole stream, say `semantics: snapshot`: what it lacks has then vanished."
            )
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func section(of service: DescribedService, from location: String) -> String {
        var holding: [String: String] = [:]
        if let kept {
            for stream in streams where kept[stream.name] == nil {
                holding[stream.name] = "no mapping was suggested for it"
            }
        }
        return ImportedSource(service, from: location, name: name, holding: holding).section
    }
}
