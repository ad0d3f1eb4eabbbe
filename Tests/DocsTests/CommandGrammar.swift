import Foundation
import HearthTesting

/// What the program says of its own commands, and whether a line is one of them.
struct CommandGrammar {
    private final class Command: Decodable {
        struct Argument: Decodable {
            struct Name: Decodable { var kind: String; var name: String }
            var kind: String
            var names: [Name]?
        }
        var commandName: String
        var subcommands: [Command]?
        var defaultSubcommand: String?
        var arguments: [Argument]?

        var hasPositional: Bool { arguments?.contains { $0.kind == "positional" } ?? false }

        func option(_ spelling: Substring) -> Argument? {
            arguments?.first { argument in
                argument.names?.contains { ($0.kind == "short" ? "-" : "--") + $0.name == spelling } ?? false
            }
        }
    }

    private struct Dump: Decodable { var command: Command }
    private let top: Command

    static func load() async throws -> CommandGrammar {
        let dump = try await Program.run(
            ["--experimental-dump-help"], environment: [:], directory: Program.repository)
        return CommandGrammar(top: try JSONDecoder().decode(Dump.self, from: Data(dump.output.utf8)).command)
    }

    /// Lines of a script that call the program, from its name on to what ends the call.
    static func calls(_ script: String) -> [String] {
        script.replacing("\\\n", with: " ").replacing(/\s\d?>[^|;&\n]*/, with: "").split(separator: "\n").flatMap {
            line in
            line.matches(
                of:
                    /(?:^|[|;&(`]|\$\(|\bsudo -u \w+|\bexec|\bif|!|\bwhile|=(?:\/[\w\/]*\/)?)\s*(hearth(?: [^|;&`)#>]*)?)/
            ).map {
                String($0.1)
            }
        }
    }

    /// Why a line is no command; nil where it is one.
    func fault(_ call: String) -> String? {
        var words = call.split(separator: " ").dropFirst()[...]
        // What stands between quotes is a value, however many words it has.
        if call.contains("\"") || call.contains("'") {
            words = call.replacing(/"[^"]*"|'[^']*'/, with: "VALUE").split(separator: " ").dropFirst()[...]
        }
        var command = top
        while let word = words.popFirst() {
            if word.hasPrefix("-"), word.count > 1 {
                let name = word.prefix { $0 != "=" }
                if command === top, name == "--workspace" {
                    _ = words.popFirst()
                    continue
                }
                var known = command.option(name)
                while known == nil, let next = command.defaultSubcommand,
                    let inner = command.subcommands?.first(where: { $0.commandName == next })
                {
                    command = inner
                    known = inner.option(name)
                }
                guard let known else { return "\(command.commandName) has no \(name)" }
                if known.kind == "option", !word.contains("="), words.popFirst() == nil {
                    return "\(name) needs a value"
                }
            } else if let next = command.subcommands?.first(where: { $0.commandName == word }) {
                command = next
            } else if let next = command.defaultSubcommand,
                let inner = command.subcommands?.first(where: { $0.commandName == next }), inner.hasPositional
            {
                command = inner
            } else if !command.hasPositional, word != "…" {
                return "\(command.commandName) has no \(word)"
            }
        }
        return nil
    }
}
