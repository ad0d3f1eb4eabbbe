import ArgumentParser
import ConfigurationFiles
import Foundation
import HeatModel

/// `hearth`: one thin file a subcommand; the work is in the rooms below.
@main
struct Hearth: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hearth",
        abstract:
            "Joins a heating company's billing, dispatch and customer systems into one exact view of each account.",
        discussion: """
            Works in the present folder, or in that of --workspace FOLDER (or HEARTH_WORKSPACE): its Config/hearth.yaml, and its file
            `environment` for variables that are not set.
            Exit status: 0 all well, 1 differences or records in quarantine, 2 failure, 3 configuration or arguments.

            EXAMPLES
              hearth demo                      three live systems, synced; why a bill is high
              hearth --workspace hearth-demo status
              hearth init                      a configuration to begin with
              hearth check                     are the sources there, may we read?
              hearth sync                      all streams, what is new
              hearth account 00012345          the account as the assistant sees it
              hearth trace 00012345 area.building     where a value comes from
              hearth explain 00012345          why the bill is higher than other people's
            """,
        version: "0.1.0",
        subcommands: [
            Init.self, Import.self, Check.self, DoctorCommand.self, Discover.self, Suggest.self, Preview.self, Plan.self, Sync.self,
            Status.self, Runs.self,
            State.self,
            Quarantine.self, Account.self, History.self, Trace.self, Explain.self, Money.self, ColdHome.self, Ask.self,
            ReportFault.self, ConversationsCommand.self, HandOffsCommand.self, FeedbackCommand.self,
            InsightsCommand.self,
            FollowUpCommand.self, RequestSuspension.self, NoticesCommand.self, ActionsCommand.self, EventsCommand.self,
            KnowledgeCommand.self, Chat.self,
            WebhooksCommand.self,
            Demo.self,
            DemoDispatch.self,
            ReplayCommand.self, AuditCommand.self, StoreCommand.self, BackupCommand.self, RestoreCommand.self,
            Reconcile.self, Diff.self,
            Serve.self, MCP.self, Token.self,
        ])

    static func main() {
        // A broken pipe (`hearth runs | head`) ends a write with an error instead of the process.
        signal(SIGPIPE, SIG_IGN)
        // So is a file that may not grow any more.
        signal(SIGXFSZ, SIG_IGN)
        do {
            var command = try Hearth.parseAsRoot(ChosenWorkspace.take(from: Array(CommandLine.arguments.dropFirst())))
            try command.run()
            if let reason = Terminal.outputFailure {
                Terminal.complain("the output cannot be written: \(String(cString: strerror(reason)))")
                Foundation.exit(2)
            }
        } catch {
            Failure.exit(with: error)
        }
    }
}

/// How a command ends when it does not end well.
enum Failure {
    static func exit(with error: any Error) -> Never {
        switch error {
        case let code as ExitCode: Foundation.exit(code.rawValue)
        case let errors as ConfigurationErrors:
            for error in errors.errors { Terminal.complain(error.commandLineText) }
            Foundation.exit(3)
        case let error as HearthError:
            Terminal.complain(error.commandLineText)
            Foundation.exit(error.code.area == "config" || error.code.area == "usage" ? 3 : 2)
        default:
            let code = Hearth.exitCode(for: error)
            if code == .success { Hearth.exit(withError: error) }
            // One line; what the command takes is one `--help` away.
            let message = Hearth.message(for: error).split(separator: "\n").joined(separator: " ")
            Terminal.complain("\(message) — `hearth \(commandName())--help` shows what it takes")
            Foundation.exit(code == .validationFailure ? 3 : 2)
        }
    }

    /// The named subcommand, as far as it is one, and a blank.
    private static func commandName() -> String {
        var names = Hearth.configuration.subcommands
        var path = ""
        for word in (try? ChosenWorkspace.take(from: Array(CommandLine.arguments.dropFirst()))) ?? [] {
            guard let command = names.first(where: { $0._commandName == word }) else { break }
            path += word + " "
            names = command.configuration.subcommands
        }
        return path
    }
}
