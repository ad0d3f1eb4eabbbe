import ArgumentParser
import ConfigurationFiles
import Foundation
import HeatModel
import Onboarding
import Records
import Setup
import Sync

/// `hearth init --from`: looks at the places, writes what is suggested, checks and previews it, and says what to look at.
struct FirstWorkspace {
    let top: URL
    let places: [String]
    let json: Bool

    private struct Document: Encodable {
        var written: [String]
        var streams: [SuggestionDocument]
        var remarks: [String]
        var environment: [String]
        var failures: [String]
    }

    func make() throws {
        Interrupt.catchSignals()
        let config = top.appendingPathComponent("Config/hearth.yaml").path
        if FileManager.default.fileExists(atPath: config) {
            throw HearthError(
                .usageExists, "there is a configuration already", at: .file(config, line: 0, column: 0),
                advice:
                    "name another folder; for a source of an existing configuration `hearth import wsdl` and `hearth suggest` are there"
            )
        }
        let look = FirstLook(
            try places.map { try DataPlace($0) }, root: top.path, isCancelled: { Interrupt.flag.isSet })
        var decide: ((Suggestion, Suggestion.Field) -> Bool)?
        if asks { decide = { suggestion, field in self.ask(suggestion, field) } }
        let found = try look.run(decide: decide)
        let files = found.files.map { (name: $0.path, bytes: Array($0.text.utf8)) }
        let written = try Init.write(files + ShippedFiles.all, to: top, isQuiet: true)
        if json {
            try JSONOutput.print(
                Document(
                    written: written, streams: found.suggestions.map(SuggestionDocument.init), remarks: found.remarks,
                    environment: found.environment.map { "\($0.name): \($0.meaning)" }, failures: found.failures))
        } else {
            try tell(found, written, config)
        }
        if !found.failures.isEmpty { throw ExitCode(2) }
        if !found.remarks.isEmpty { throw ExitCode(1) }
    }

    /// A person at the terminal may decide what is open; elsewhere nothing is asked.
    private var asks: Bool { !json && isatty(STDIN_FILENO) == 1 && Terminal.isInteractive }

    private func ask(_ suggestion: Suggestion, _ field: Suggestion.Field) -> Bool {
        Terminal.note("\(suggestion.stream): \(field.column) as \(field.field)? \(field.held ?? "") [y/N] ")
        return readLine()?.lowercased().hasPrefix("y") ?? false
    }

    private func tell(_ found: FirstLook.Outcome, _ written: [String], _ config: String) throws {
        Terminal.say("1. Found and suggested")
        Terminal.table(
            ["   stream", "entity", "#rows", "#sure", "#likely", "#open"],
            found.suggestions.map { suggestion in
                let counts = SuggestionCounts(suggestion)
                return [
                    "   \(suggestion.stream)",
                    "\(suggestion.entity.rawValue) (\(suggestion.entityConfidence.rawValue))",
                    Terminal.grouped(Int64(suggestion.rows)), "\(counts.sure)", "\(counts.likely)", "\(counts.open)",
                ]
            })
        Terminal.say("   wrote \(written.count) files into \(top.path): Config, Mappings")
        Terminal.say("2. Check")
        run(Check.self, ["--config", config])
        Terminal.say("3. Preview (personal data masked)")
        for suggestion in found.suggestions {
            Terminal.say("   \(suggestion.stream)")
            run(Preview.self, ["\(suggestion.stream)", "--rows", "1", "--config", config])
        }
        Terminal.say("4. Look at")
        for line in found.failures + found.remarks { Terminal.say("   - \(line)") }
        for variable in found.environment {
            Terminal.say(
                "   - export \(variable.name)=…  (\(variable.meaning)): each command that asks this source needs it")
        }
        Terminal.say("   - Config/tariffs: load the official text of your city's prices before production")
        Terminal.say("Next: `hearth plan` shows what a sync would change, `hearth sync` does it.")
    }

    /// A command of its own, whose end does not end this one.
    private func run<Command: ParsableCommand>(_ type: Command.Type, _ arguments: [String]) {
        do {
            var command = try Command.parse(arguments)
            try command.run()
        } catch is ExitCode {
        } catch {
            Terminal.complain("\(error)")
        }
    }
}
