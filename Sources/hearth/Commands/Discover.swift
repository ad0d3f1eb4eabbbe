import ArgumentParser
import HeatModel
import Records
import Setup

struct Discover: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The streams of the sources, with their columns.",
        discussion: """
            Exit status 2: a source could not be asked, 3: it is configured wrongly; the others are shown.

            EXAMPLES
              hearth discover
              hearth discover billing --columns
            """)

    @OptionGroup var options: CommonOptions
    @Argument(help: "Only this source.") var source: String?
    @Flag(help: "Also the columns and their types.") var columns = false

    private struct Stream: Encodable {
        struct Column: Encodable {
            var name: String
            var type: String
            var isNullable: Bool
        }
        var source: String
        var name: String
        var isConfigured: Bool
        var key: [String]
        var estimatedRows: Int64?
        var columns: [Column]
        /// Why it cannot be read, where it cannot.
        var trouble: String?
    }

    func run() throws {
        let configuration = try HearthConfiguration.load(path: options.config)
        try configuration.requireSource(source)
        var streams: [Stream] = []
        var failures: [any Error] = []
        for item in configuration.sources where source == nil || item.name == source {
            do {
                streams += try item.connector.discover().map { stream in
                    Stream(
                        source: item.name, name: stream.name, isConfigured: stream.isConfigured, key: stream.key,
                        estimatedRows: stream.estimatedRows,
                        columns: stream.columns.map { .init(name: $0.name, type: $0.type, isNullable: $0.isNullable) },
                        trouble: stream.trouble.map { "\($0)" })
                }
            } catch {
                // One that is down does not keep the others from being shown.
                failures.append(error)
                Terminal.complain("source \(item.name): \(error)")
            }
        }
        for stream in streams {
            if let trouble = stream.trouble {
                Terminal.complain("\(stream.source).\(stream.name) cannot be read: \(trouble)")
            }
        }
        try show(streams)
        if failures.isEmpty { return }
        let isConfiguration = failures.allSatisfy { ($0 as? HearthError)?.code.area == "config" }
        throw ExitCode(isConfiguration ? 3 : 2)
    }

    private func show(_ streams: [Stream]) throws {
        if options.json { return try JSONOutput.print(streams) }
        Terminal.table(
            ["stream", "configured", "key", "#rows (about)", "#columns"],
            streams.map {
                [
                    "\($0.source).\($0.name)", $0.isConfigured ? "yes" : "no", $0.key.joined(separator: ", "),
                    $0.estimatedRows.map(Terminal.grouped) ?? "?", "\($0.columns.count)",
                ]
            })
        if columns {
            for stream in streams {
                Terminal.say("\n\(stream.source).\(stream.name)")
                Terminal.table(
                    ["  column", "type", "null"],
                    stream.columns.map { ["  " + $0.name, $0.type, $0.isNullable ? "yes" : "no"] })
            }
        }
    }
}
