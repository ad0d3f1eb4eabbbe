import ArgumentParser
import ConfigurationFiles
import Foundation
import HeatModel
import Mapping
import Onboarding
import Records
import Setup
import Sync

struct Suggest: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Mapping files suggested from the names and values of a source's columns.",
        discussion: """
            Takes a sample of each stream: what the columns are called and commented, what their values look like, which values
            systems have in common. Each line says how sure it is and why; what is ambiguous stands as a comment. Nothing is applied:
            the files are printed, with --write those that are not there yet are written. Values of personal columns are never shown.
            Exit status 1: something is left to decide, 2: a source could not be read.

            EXAMPLES
              hearth suggest billing
              hearth suggest billing.charges --rows 5000
              hearth suggest customer --write
            """)

    @OptionGroup var options: CommonOptions
    @Argument(help: "A source, or a stream (source.stream); all if none is named.") var selection: [String] = []
    @Option(help: "Rows of each stream that are looked at.") var rows = 2_000
    @Flag(help: "Write the mapping files that are not there yet.") var write = false

    func validate() throws {
        if rows < 1 || rows > 1_000_000 { throw ValidationError("--rows must be 1 to 1000000") }
    }

    func run() throws {
        Interrupt.catchSignals()
        let configuration = try HearthConfiguration.load(path: options.config)
        for wanted in selection { try configuration.requireSource(String(wanted.prefix { $0 != "." })) }
        let taken = SourceSampler(configuration, rows: rows, isCancelled: { Interrupt.flag.isSet }).run()
        let wanted = taken.samples.map(\.name).filter { name in
            selection.isEmpty || selection.contains(name.source) || selection.contains(name.description)
        }
        let configured = wanted.filter { taken.configured.contains($0) }
        let found = Suggester(taken.samples).suggest(
            only: wanted, masterIsKnown: isMasterKnown(configuration.mappings, besides: configured))
        let own = found.suggestions.filter { configured.contains($0.stream) }
        if options.json { try JSONOutput.print(own.map(SuggestionDocument.init)) } else { show(own) }
        for other in found.suggestions where !configured.contains(other.stream) {
            Terminal.note(
                "\(other.stream.source): the table \(other.stream.stream) looks like \(other.entity.rawValue), and no stream reads it\n"
            )
        }
        for unread in found.unread where configured.contains(unread.stream) {
            Terminal.note("\(unread.stream): \(unread.why)\n")
        }
        if write { try write(own, found.unified, configuration) }
        let failed = taken.failures.filter { failure in
            selection.isEmpty
                || selection.contains { name in
                    let source = "source \(name.prefix { $0 != "." })"
                    return failure.what.contains(name) || failure.what == source || failure.what.hasPrefix(source + ",")
                }
        }
        for failure in taken.failures + taken.unreadable { Terminal.complain("\(failure.what): \(failure.error)") }
        if !failed.isEmpty { throw ExitCode(2) }
        if own.contains(where: { $0.fields.contains { $0.confidence == .open } }) || own.count < configured.count {
            throw ExitCode(1)
        }
    }

    /// Whether a mapping that is there already, of another stream, brings accounts in.
    private func isMasterKnown(_ folder: String, besides streams: [StreamName]) -> Bool {
        // A new workspace has none.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        guard names.contains(where: { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }) else { return false }
        do {
            return try MappingSet.load(directory: folder).files.values.contains {
                $0.introducesAccounts && !streams.contains($0.stream)
            }
        } catch {
            Terminal.complain(
                "the mappings that are there cannot be read, so that none is known to bring accounts in: \(error)")
            return false
        }
    }

    private func show(_ suggestions: [Suggestion]) {
        for suggestion in suggestions {
            Terminal.say("--- \(suggestion.stream).yaml")
            Terminal.put(suggestion.text)
            let counts = SuggestionCounts(suggestion)
            Terminal.note(
                "\(suggestion.stream): \(suggestion.entity.rawValue) (\(suggestion.entityConfidence.rawValue)), \(counts)\n"
            )
            for remark in suggestion.remarks { Terminal.note("  \(remark)\n") }
        }
    }

    private func write(_ suggestions: [Suggestion], _ unified: String, _ configuration: HearthConfiguration) throws {
        let folder = configuration.mappings
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var files = suggestions.map { ("\(folder)/\($0.stream).yaml", $0.text) }
        if suggestions.count == configuration.sources.flatMap(\.streams).count {
            files.append(("\(folder)/unified.yaml", unified))
        }
        for (path, text) in files {
            if FileManager.default.fileExists(atPath: path) {
                Terminal.note("kept     \(path)\n")
                continue
            }
            do {
                try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
            } catch {
                throw HearthError(
                    .usageNotWritable, "the file cannot be written", at: .file(path, line: 0, column: 0),
                    advice: "make the folder writable", cause: error)
            }
            Terminal.note("wrote    \(path)\n")
        }
        if !FileManager.default.fileExists(atPath: folder + "/unified.yaml") {
            Terminal.note("\(folder)/unified.yaml is not there: name in it which stream wins for each fact\n")
        } else {
            Terminal.note("look into \(folder)/unified.yaml: the account view shows what stands there\n")
        }
    }
}

/// How many fields of a suggestion are how sure.
struct SuggestionCounts: CustomStringConvertible {
    let sure: Int
    let likely: Int
    let open: Int

    init(_ suggestion: Suggestion) {
        sure = suggestion.fields.count { $0.confidence == .sure }
        likely = suggestion.fields.count { $0.confidence == .likely }
        open = suggestion.fields.count { $0.confidence == .open }
    }

    var description: String { "\(sure) sure, \(likely) likely, \(open) open" }
}

/// A suggestion as `--json` prints it.
struct SuggestionDocument: Encodable {
    struct Field: Encodable {
        var column: String
        var field: String
        var alternatives: [String]
        var confidence: String
        var rule: String
        var evidence: [String]
        var held: String?
    }
    var stream: String
    var entity: String
    var confidence: String
    var evidence: String
    var key: [String]
    var cursor: String?
    var introducesAccounts: Bool
    var rows: Int
    var fields: [Field]
    var unmapped: [String]
    var remarks: [String]
    var file: String

    init(_ suggestion: Suggestion) {
        stream = suggestion.stream.description
        entity = suggestion.entity.rawValue
        confidence = suggestion.entityConfidence.rawValue
        evidence = suggestion.entityEvidence
        key = suggestion.key
        cursor = suggestion.cursor
        introducesAccounts = suggestion.introduces
        rows = suggestion.rows
        fields = suggestion.fields.map {
            Field(
                column: $0.column, field: $0.field, alternatives: $0.alternatives, confidence: $0.confidence.rawValue,
                rule: $0.rule, evidence: $0.evidence, held: $0.held)
        }
        unmapped = suggestion.unmapped
        remarks = suggestion.remarks
        file = suggestion.text
    }
}
