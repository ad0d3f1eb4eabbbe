import ConfigurationFiles
import Evidence
import HeatModel
import Mapping
package import Records
package import Setup
package import Store
import Sync

/// What engineers ask of the legacy systems before a sync, by the files as they are on disc at that moment: as `hearth check`, `discover`,
/// `preview` and `plan` do.
package struct SourceDesk: Sendable {
    struct Source: Sendable {
        var name: String
        /// `source.stream`
        var streams: [String]
    }

    /// Rows of a preview, and changes of a stream that a plan keeps.
    private static let (mostRows, mostChanges) = (3, 20)

    private let load: @Sendable () throws -> HearthConfiguration
    private let store: any Store
    private let isCancelled: @Sendable () -> Bool
    /// SHA-256 of the mapping that this process reads a stream by.
    let versionInUse: @Sendable (StreamName) -> String?

    /// - Parameters:
    ///   - versionInUse: of the mapping that this process syncs a stream by, as it was when it began; nil for none.
    ///   - load: reads the configuration.
    package init(
        store: any Store, isCancelled: @escaping @Sendable () -> Bool,
        versionInUse: @escaping @Sendable (StreamName) -> String?,
        load: @escaping @Sendable () throws -> HearthConfiguration
    ) {
        self.load = load
        self.store = store
        self.isCancelled = isCancelled
        self.versionInUse = versionInUse
    }

    func list() throws -> [Source] {
        try load().sources.map { source in
            Source(name: source.name, streams: source.streams.map { "\(source.name).\($0)" })
        }
    }

    func check(_ source: String) throws -> [SourceCheck.Finding] {
        let configuration = try load()
        let mappings = try MappingSet.load(directory: configuration.mappings)
        var findings: [SourceCheck.Finding] = []
        try configuration.check(of: source, mappings: mappings, isCancelled: isCancelled).run { findings += $0 }
        return findings
    }

    func discover(_ source: String) throws -> [StreamDescription] {
        try load().sources.first { $0.name == source }?.connector.discover() ?? []
    }

    func preview(_ stream: String) throws -> [StreamPreview.Row] {
        let configuration = try load()
        let mappings = try MappingSet.load(directory: configuration.mappings)
        guard let stream = try configuration.streams([stream], mappings: mappings).first else { return [] }
        return try StreamPreview.rows(of: stream, limit: Self.mostRows, isUnmasked: false, isCancelled: isCancelled)
    }

    /// - Parameter draft: mapping files as they would be; nil for those that are.
    func plan(_ stream: String, _ draft: MappingDraft?) throws -> PlanSketch {
        let configuration = try load()
        let workspace = Workspace(
            configuration: configuration,
            mappings: try draft?.mappings ?? MappingSet.load(directory: configuration.mappings), store: store,
            isCancelled: isCancelled)
        return try workspace.sketch([stream], options: .init(policy: configuration.policy), keeping: Self.mostChanges)
    }

    /// A stream's mapping file with its SHA-256.
    func mapping(of stream: StreamName) throws -> (text: String, digest: String) {
        try MappingFolder(load().mappings).current(stream)
    }

    /// Puts a draft in the place of the file that it was made of, with a line of the audit chain.
    ///
    /// - Returns: the name under which the former content is kept.
    /// - Throws: as ``MappingFolder/apply(_:ifStill:)``; what is wrong with the draft beside the other files of now.
    func apply(_ draft: MappingDraft, ifStill digest: String, by person: String) throws -> String {
        let folder = try load().mappings
        let now = try MappingDraft(draft.text, of: draft.stream, besides: folder)
        if !now.problems.isEmpty { throw ConfigurationErrors(now.problems) }
        return try store.write { store in
            try AuditTrail.note(
                applied: .init(
                    mapping: "\(draft.stream)", was: digest, now: MappingFolder.digest(draft.text), by: person),
                in: store)
            // Last: where it cannot be written, nothing of it is in the chain.
            return try MappingFolder(folder).apply(now, ifStill: digest)
        }
    }

    func draft(_ text: String, of stream: StreamName) throws -> MappingDraft {
        try MappingDraft(text, of: stream, besides: load().mappings)
    }
}
