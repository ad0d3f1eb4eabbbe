import Foundation
import HeatModel
import Records
import Setup

/// From the places where data lie to a configuration with mappings: finds out what is there, takes samples and suggests.
/// It writes nothing itself.
package struct FirstLook {
    package struct Outcome: Sendable {
        /// `Config/hearth.yaml`, `Mappings/…`: texts by their paths in the workspace.
        package var files: [(path: String, text: String)]
        package var suggestions: [Suggestion]
        /// What a person has to look at.
        package var remarks: [String]
        /// Variables that must be set in the environment, with what they stand for.
        package var environment: [(name: String, meaning: String)]
        /// Sources that could not be read.
        package var failures: [String]
    }

    private let places: [DataPlace]
    private let root: String
    private let isCancelled: @Sendable () -> Bool

    /// - Parameter root: folder of the workspace that is to be.
    package init(_ places: [DataPlace], root: String, isCancelled: @escaping @Sendable () -> Bool = { false }) {
        self.places = places
        self.root = URL(fileURLWithPath: root).standardizedFileURL.path
        self.isCancelled = isCancelled
    }

    /// - Parameter decide: asked for each field that is open and lacks a yes alone; nil leaves all open.
    /// - Throws: `source.nothingFound` where no place holds anything that can be read.
    package func run(decide: ((Suggestion, Suggestion.Field) -> Bool)? = nil) throws -> Outcome {
        var outcome = Outcome(files: [], suggestions: [], remarks: [], environment: [], failures: [])
        var sources: [FoundSource] = []
        for place in places { find(place, &sources, &outcome) }
        guard !sources.isEmpty else {
            throw HearthError(
                .sourceNothingFound, "nothing that can be read was found",
                at: .address(places.map(\.shown).joined(separator: ", ")),
                advice: (outcome.failures + outcome.remarks.prefix(5)
                    + (outcome.failures.isEmpty
                        ? ["name a folder with CSV files or workbooks, a database or a WSDL"] : []))
                    .joined(separator: "; "))
        }
        var samples: [StreamSample] = []
        let text = sources.map { $0.section(root: nil) }.joined()
        try TemporaryConfiguration.with(text) { configuration in
            let taken = SourceSampler(configuration, isCancelled: isCancelled).run(alsoTables: false)
            samples = taken.samples
            outcome.failures += taken.failures.map { "\($0.what): \($0.error)" }
            outcome.remarks += taken.unreadable.map { "\($0.what): \($0.error)" }
        }
        // First what they are, then, under names that say so, what they mean.
        let first = Suggester(samples).suggest()
        let names = StreamNames(first.suggestions, sources.map(\.name))
        samples = samples.map { $0.named(names.new($0.name)) }
        let second = Suggester(samples).suggest()
        var suggestions = second.suggestions
        if let decide {
            for index in suggestions.indices {
                for field in suggestions[index].fields where field.canBeAccepted && decide(suggestions[index], field) {
                    suggestions[index].accept(field)
                }
            }
        }
        outcome.suggestions = suggestions
        for index in sources.indices { sources[index].keep(suggestions, names) }
        for unread in second.unread {
            outcome.remarks.append(
                "\(names.old(unread.stream)): \(unread.why); it stands in the configuration as a comment")
        }
        outcome.files.append(("Config/hearth.yaml", configuration(sources, names)))
        for suggestion in suggestions {
            outcome.files.append(("Mappings/\(suggestion.stream).yaml", suggestion.text))
            outcome.remarks += suggestion.remarks.map { "\(suggestion.stream): \($0)" }
            if suggestion.entityConfidence != .sure {
                outcome.remarks.append(
                    "\(suggestion.stream) is taken for \(suggestion.entity.rawValue) (\(suggestion.entityConfidence.rawValue)): \(suggestion.entityEvidence)"
                )
            }
        }
        outcome.files.append(("Mappings/unified.yaml", UnifiedText(suggestions).text))
        for source in sources {
            outcome.environment += source.environment
            outcome.remarks += source.remarks
        }
        if !suggestions.contains(where: \.introduces) {
            outcome.remarks.append(
                "no stream brings accounts in: say `introduces: true` under `account:` of the one that has all of them")
        }
        return outcome
    }

    private func find(_ place: DataPlace, _ sources: inout [FoundSource], _ outcome: inout Outcome) {
        let name = "s\(sources.count + 1)"
        do {
            switch place {
            case .folder(let path):
                let survey = try FolderSurvey(path)
                outcome.remarks += survey.remarks
                if !survey.streams.isEmpty {
                    sources.append(
                        FoundSource(
                            name: name, kind: .csv(path),
                            streams: survey.streams.map { ($0.name, $0.settings, $0.note) }))
                }
                for other in survey.others { find(other, &sources, &outcome) }
            case .sqlite, .postgres:
                var found = FoundSource(name: name, kind: .sql(place), streams: [])
                try found.discoverTables()
                sources.append(found)
            case .service(let location):
                let service = try DescribedService(location, port: nil)
                let imported = ImportedSource(service, from: location, name: name)
                var found = FoundSource(
                    name: name, kind: .soap(service, from: location),
                    streams: imported.streams.filter(\.held.isEmpty).map { ($0.name, [], "") })
                found.remarks = imported.notUnderstood
                sources.append(found)
            }
        } catch {
            let error = SourceSampler.hearth(error)
            outcome.failures.append(error.place == nil ? "\(place.shown): \(error)" : "\(error)")
        }
    }

    private func configuration(_ sources: [FoundSource], _ names: StreamNames) -> String {
        """
        # Where the legacy systems are and how they are read. Paths are seen from this file's folder. Found by a first look: what is a
        # comment was found, too, and is not read.
        # Secrets stay outside, in any value: ${env:NAME}, ${file:path}; ${env:NAME:-default} has a default.
        store: {sqlite: ../hearth.db}
        mappings: ../Mappings
        zone: Asia/Shanghai
        privacy: {requireReason: true}              # personal data in clear only for a reason, which the access log keeps
        archive: {folder: ../archive, keep: 3650}   # what is pulled, byte for byte; days
        sources:

        """ + sources.map { $0.section(root: root) }.joined()
    }
}

extension DataPlace {
    /// For a message: without a password.
    var shown: String {
        switch self {
        case .folder(let path), .sqlite(let path): path
        case .postgres(let database): "postgres://\(database.host ?? "")/\(database.name)"
        case .service(let location): DescriptionLoader.shown(location)
        }
    }
}
