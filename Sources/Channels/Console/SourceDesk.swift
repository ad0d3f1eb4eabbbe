import HeatModel
import Mapping
import Records
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

    /// - Parameter load: reads the configuration.
    package init(
        store: any Store, isCancelled: @escaping @Sendable () -> Bool,
        load: @escaping @Sendable () throws -> HearthConfiguration
    ) {
        self.load = load
        self.store = store
        self.isCancelled = isCancelled
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

    func mapping(of stream: StreamName) throws -> String {
        try MappingDraft.current(stream, in: load().mappings)
    }

    func draft(_ text: String, of stream: StreamName) throws -> MappingDraft {
        try MappingDraft(text, of: stream, besides: load().mappings)
    }
}
