import ArgumentParser
import Foundation
import HeatModel
import Onboarding
import Setup

struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes a source of a system's own description.",
        discussion: "EXAMPLE\n  hearth import wsdl dispatch.wsdl", subcommands: [WSDL.self])

    struct WSDL: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "wsdl",
            abstract: "A source's section made of a SOAP service's WSDL: requests, records, fields, pages, faults.",
            discussion: """
                The section is printed, with --add it is put into the configuration, too. Guesses are marked, what was not understood
                is listed. Imports are followed to files beside the description, or on its own host. Nothing is asked of the service.
                Exit status 1: there is something to look at, 3: the description cannot be read or has no SOAP port.

                EXAMPLES
                  hearth import wsdl http://dispatch.example/ws?wsdl --name dispatch
                  hearth import wsdl dispatch.wsdl --name dispatch --security digest --add
                """)

        @OptionGroup var options: CommonOptions
        @Argument(help: "A file, or an http(s) address.") var location: String
        @Option(help: "What the source is called.") var name = "dispatch"
        @Option(help: "The description's port; else the first of SOAP 1.1.") var port: String?
        @Option(help: "Only this operation; may be repeated.") var operation: [String] = []
        @Option(help: "none, basic, text or digest (UsernameToken); else what the description's policy says.")
        var security: String?
        @Flag(help: "Also put it into the configuration.") var add = false

        func validate() throws {
            if name.isEmpty || name.contains(where: { !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != "-" }) {
                throw ValidationError("--name must be of letters, digits, _ and -")
            }
            if let security, ImportedSource.Security(rawValue: security) == nil {
                let known = ImportedSource.Security.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--security must be one of \(known)")
            }
        }

        private struct Document: Encodable {
            struct Stream: Encodable {
                var name: String
                var operation: String
                var record: String
                var columns: [String]
                var held: [String]
            }
            var name: String
            var service: String
            var port: String
            var version: String
            var endpoint: String
            var streams: [Stream]
            var notUnderstood: [String]
            var section: String
        }

        func run() throws {
            let source = try ImportedSource(
                location, name: name, port: port, operations: operation,
                security: security.flatMap { ImportedSource.Security(rawValue: $0) })
            if add { try ConfigurationEdit(path: options.config).add(source.section, named: name) }
            if options.json {
                try JSONOutput.print(
                    Document(
                        name: source.name, service: source.service, port: source.port, version: source.version,
                        endpoint: source.endpoint,
                        streams: source.streams.map {
                            .init(
                                name: $0.name, operation: $0.operation, record: $0.record, columns: $0.columns,
                                held: $0.held)
                        }, notUnderstood: source.notUnderstood, section: source.section))
            } else {
                Terminal.put(source.section)
                if add { Terminal.note("added to \(options.config)\n") }
                let read = source.streams.filter(\.held.isEmpty)
                Terminal.note(
                    "\(read.count) of \(source.streams.count) streams can be read as they are. Next: `hearth suggest \(name)`\n"
                )
            }
            if !source.notUnderstood.isEmpty || source.streams.allSatisfy({ !$0.held.isEmpty }) { throw ExitCode(1) }
        }
    }
}

/// Puts a source into a configuration file, whose other lines stay as they are.
struct ConfigurationEdit {
    let path: String

    /// - Throws: `usage.exists` where there is a source of this name; errors of the configuration where it is none afterwards.
    func add(_ section: String, named name: String) throws {
        let configuration = try HearthConfiguration.load(path: path)
        if configuration.sources.contains(where: { $0.name == name }) {
            throw HearthError(
                .usageExists, "the configuration has a source \"\(name)\" already", at: .file(path, line: 0, column: 0),
                advice: "name another with --name, or leave --add out and take over by hand what is new")
        }
        let before = try String(contentsOfFile: path, encoding: .utf8)
        var lines = before.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let head = lines.firstIndex { line in
            line.hasPrefix("sources:")
                && line.dropFirst(8).drop { $0 == " " }.prefix(1).allSatisfy { $0 == "#" || $0 == "{" }
        }
        guard let head else {
            throw HearthError(
                .usageNotWritable, "no line \"sources:\" was found to add it after",
                at: .file(path, line: 0, column: 0),
                advice: "take the printed section over by hand")
        }
        if lines[head].contains("{}") { lines[head] = "sources:" }
        lines.insert(
            contentsOf: section.split(separator: "\n", omittingEmptySubsequences: false).map(String.init).dropLast(),
            at: head + 1)
        try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        do {
            _ = try HearthConfiguration.load(path: path)
        } catch {
            try before.write(toFile: path, atomically: true, encoding: .utf8)
            throw error
        }
    }
}
