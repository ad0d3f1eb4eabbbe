import Actions
import Answers
import ArgumentParser
import Attachments
import Foundation
import HeatModel
import Setup
import Store
import Sync

/// What legacy systems were asked to do, and what became of it.
struct ActionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "actions",
        abstract: "What legacy systems were asked to do: look at it, try it again, give it up, have it sent.",
        discussion: """
            The states: accepted, sending, confirmed, refused, unknown (it may have taken effect or not: it is asked about before
            anything is sent again), dropped. A dead letter waits for a person. Personal data is masked.

            EXAMPLES
              hearth actions list --state unknown
              hearth actions show 17
              hearth actions retry 17
              hearth actions drop 17 --reason 'made by hand, WX020000123'
              hearth actions run --drain
              hearth actions forget
            """,
        subcommands: [List.self, Show.self, Submit.self, Retry.self, Drop.self, Run.self, Forget.self],
        defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Actions, the newest first.",
            discussion: """
                EXAMPLES
                  hearth actions list
                  hearth actions list --dead
                  hearth actions list --account 00012345 --state unknown --state sending --json
                """)

        @OptionGroup var options: CommonOptions
        @Option(help: "\(ActionState.allCases.map(\.rawValue).joined(separator: ", ")); may stand several times.")
        var state: [String] = []
        @Option(help: "Only of this account.") var account: String?
        @Option(help: "Only of this source.") var system: String?
        @Option(help: "Only of this kind, such as createWorkOrder.") var kind: String?
        @Flag(help: "Only dead letters.") var dead = false
        @Option(help: "How many.") var limit = 100
        @Option(help: "Only actions before this number.") var before: Int64?

        func validate() throws {
            if !(1...1_000_000).contains(limit) { throw ValidationError("--limit must be 1 to 1000000") }
            for state in state where ActionState(rawValue: state) == nil {
                throw ValidationError(
                    "--state must be one of \(ActionState.allCases.map(\.rawValue).joined(separator: ", "))")
            }
        }

        func run() throws {
            let store = try options.actionStore()
            let filter = ActionFilter(
                states: Set(state.compactMap { ActionState(rawValue: $0) }), system: system, kind: kind,
                account: account, isDead: dead ? true : nil)
            let found = try store.read { try $0.actions(filter, before: before.map { ActionID($0) }, limit: limit) }
            let documents = found.map { ActionDocument($0, attempts: nil) }
            if options.json { return try JSONOutput.print(documents) }
            if documents.isEmpty { return Terminal.say("no action") }
            Terminal.table(
                ["#id", "state", "system", "kind", "account", "accepted", "the system's number", "message"],
                documents.map {
                    [
                        "\($0.id)", $0.isDead ? "\($0.state) (dead letter)" : $0.state, $0.system, $0.kind, $0.account,
                        $0.acceptedAt, $0.externalId ?? "–", $0.message ?? "",
                    ]
                })
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One action: what was asked, every attempt, what became of it.",
            discussion: "EXAMPLES\n  hearth actions show 17\n  hearth actions show 17 --json")

        @OptionGroup var options: CommonOptions
        @Argument(help: "Its number.") var id: Int64

        func run() throws {
            let store = try options.actionStore()
            try ActionDocument.show(ActionID(id), in: store, asJSON: options.json)
        }
    }

    struct Submit: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Asks a system to do something: accepted here, sent by a worker.",
            discussion: """
                The same key again is the same action: nothing is done twice. Another request under a used key is refused.

                EXAMPLES
                  hearth actions submit createWorkOrder --system dispatch --key desk-2026-12-01-17 \\
                    --field account=00012345 --field problem=noHeat --field words='客厅不热'
                """)

        @OptionGroup var options: CommonOptions
        @Argument(help: "\(ActionKind.allCases.map(\.rawValue).joined(separator: ", ")).") var kind: String
        @Option(help: "The source that is written.") var system: String
        @Option(help: KeyHelp.text) var key: String
        @Option(help: "name=value; may stand several times.") var field: [String] = []

        func validate() throws {
            if ActionKind(rawValue: kind) == nil {
                throw ValidationError(
                    "the kind must be one of \(ActionKind.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            if key.isEmpty || key.count > 255 { throw ValidationError("--key must be 1 to 255 characters") }
            if field.contains(where: { !$0.contains("=") }) { throw ValidationError("--field must be name=value") }
        }

        func run() throws {
            var values: [String: String] = [:]
            for pair in field {
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                values[parts[0]] = parts[1]
            }
            guard let kind = ActionKind(rawValue: kind) else { return }
            let request = try ActionRequest(kind, values)
            let (outbox, store) = try options.outbox(madeBy: .submitAction)
            switch try outbox.accept(request, by: system, caller: LocalAccess.user, key: key, answer: { _ in [] }) {
            case .accepted(let action), .repeated(let action), .inFlight(let action):
                try ActionDocument.show(action.id, in: store, asJSON: options.json)
            case .conflict(let id):
                throw HearthError(
                    .usageKeyInUse, "the key stands for another request, action \(id)", at: .address("--key"),
                    advice: "make a new key for a new request; `hearth actions show \(id)` shows the other one")
            }
        }
    }

    struct Retry: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Has an action that is not settled tried again at once, also a dead letter.",
            discussion: """
                What may have taken effect is asked about first, as ever: trying again never makes a second order.

                EXAMPLE
                  hearth actions retry 17
                """)

        @OptionGroup var options: CommonOptions
        @Argument(help: "Its number.") var id: Int64

        func run() throws {
            let (outbox, store) = try options.outbox()
            _ = try outbox.retry(ActionID(id), by: LocalAccess.user)
            try ActionDocument.show(ActionID(id), in: store, asJSON: options.json)
        }
    }

    struct Drop: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives up an action that is not settled.",
            discussion: """
                It is not sent any more. What has taken effect in the system stays there.

                EXAMPLE
                  hearth actions drop 17 --reason 'made by hand, WX020000123'
                """)

        @OptionGroup var options: CommonOptions
        @Argument(help: "Its number.") var id: Int64
        @OptionGroup var why: DropReason

        func run() throws {
            let (outbox, store) = try options.outbox()
            _ = try outbox.drop(ActionID(id), by: LocalAccess.user, reason: why.reason)
            try ActionDocument.show(ActionID(id), in: store, asJSON: options.json)
        }
    }

    struct Forget: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Lets go of settled actions, and of photos and videos, that were kept as long as the configuration says.",
            discussion: """
                Their keys and their lines of the audit chain stay. What was submitted by hand stays, too: its key is held by nothing else.
                `hearth serve` does it each hour.

                EXAMPLE
                  hearth actions forget
                """)

        @OptionGroup var options: CommonOptions

        func run() throws {
            let questions = try LocalQuestions(options)
            let actions = try questions.forgetActions()
            let photos = try questions.attachments.sweep(now: Instant.now.microseconds)
            if options.json { return try JSONOutput.print(["actions": actions, "attachments": photos]) }
            Terminal.say(actions.map { "\($0) actions were let go" } ?? "actions are kept for ever")
            Terminal.say("\(photos) photos and videos were removed")
        }
    }

    struct Run: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sends what is due, until Ctrl-C.",
            discussion: """
                `hearth serve` does the same beside its answers; any number of workers may run on one store. Exit status 1 where
                dead letters wait.

                EXAMPLES
                  hearth actions run
                  hearth actions run --drain     ends once all is settled or waits for a person
                """)

        @OptionGroup var options: CommonOptions
        @Flag(help: "End once nothing is left that a worker can do.") var drain = false
        @Option(help: "How many actions are sent beside each other.") var atOnce = 4

        func validate() throws { if !(1...64).contains(atOnce) { throw ValidationError("--at-once must be 1 to 64") } }

        func run() throws {
            Interrupt.catchSignals()
            let (outbox, store) = try options.outbox(patience: drain ? .bounded : .untilStopped)
            if outbox.systems.isEmpty {
                throw HearthError(
                    .configNoActions, "no source has actions", at: .file(options.config, line: 0, column: 0),
                    advice: "add a section actions to the source that is to be written")
            }
            let worker = ActionWorker(outbox, atOnce: atOnce) { error in
                Terminal.complain((error as? HearthError)?.commandLineText ?? "\(error)")
            }
            let count = worker.run(drains: drain) { Interrupt.flag.isSet }
            let dead = try store.read { try $0.actions(ActionFilter(isDead: true), before: nil, limit: 1000) }
            if options.json {
                try JSONOutput.print(Ended(claims: count, deadLetters: dead.map(\.id.number)))
            } else if !dead.isEmpty {
                Terminal.note("\(dead.count) dead letters: `hearth actions list --dead` shows them\n")
            }
            if !dead.isEmpty { throw ExitCode(1) }
        }

        private struct Ended: Encodable {
            var claims: Int
            var deadLetters: [Int64]
        }
    }
}

extension CommonOptions {
    fileprivate func actionStore() throws -> any Store { try HearthConfiguration.load(path: config).openStore() }

    /// - Parameters: as of ``HearthConfiguration/openStore(madeBy:patience:cacheMegabytes:tell:)``.
    fileprivate func outbox(madeBy maker: StoreMaker? = nil, patience: PrimaryPatience = .none) throws -> (Outbox, any Store) {
        let configuration = try HearthConfiguration.load(path: config)
        let systems = try configuration.actionSystems()
        let store = try configuration.openStore(madeBy: maker, patience: patience)
        return (Outbox(store: store, systems: systems), store)
    }
}

/// An action as it is shown, what is personal masked.
private struct ActionDocument: Encodable {
    var id: Int64
    var reference: String
    var system: String
    var kind: String
    var account: String
    var state: String
    var isDead: Bool
    var acceptedAt: String
    var changedAt: String
    var notBefore: String?
    var tries: Int64
    var externalId: String?
    var message: String?
    var fields: [String: String]
    var attempts: [AttemptDocument]?

    init(_ action: StoredAction, attempts: [ActionAttempt]?) {
        id = action.id.number
        reference = action.request.reference
        system = action.request.system
        kind = action.request.kind
        account = action.request.account
        state = action.state.rawValue
        isDead = action.isDead
        acceptedAt = action.acceptedAt.description
        changedAt = action.changedAt.description
        notBefore = action.state.isFinal || action.isDead ? nil : action.notBefore.description
        tries = action.tries
        externalId = action.externalID
        message = action.message
        fields = action.maskedFields
        self.attempts = attempts?.map { AttemptDocument($0) { $0.description } }
    }

    /// - Throws: `usage.unknownEntry` where there is none.
    static func show(_ id: ActionID, in store: any Store, asJSON: Bool) throws {
        let found = try store.read { store in try store.action(id).map { ($0, try store.attempts(of: id)) } }
        guard let (action, attempts) = found else {
            throw HearthError(
                .usageUnknownEntry, "there is no action \(id)", at: .address("store"),
                advice: "`hearth actions list` shows them")
        }
        let document = ActionDocument(action, attempts: attempts)
        if asJSON { return try JSONOutput.print(document) }
        Terminal.say("action \(document.id)  \(document.state)\(document.isDead ? " (dead letter)" : "")")
        Terminal.say(
            "  \(document.kind) in \(document.system), account \(document.account), reference \(document.reference)")
        Terminal.say("  accepted \(document.acceptedAt), \(document.state) since \(document.changedAt)")
        if let id = document.externalId { Terminal.say("  the system's number: \(id)") }
        if let message = document.message { Terminal.say("  \(message)") }
        if let next = document.notBefore {
            Terminal.say("  tries without an outcome: \(document.tries); next not before \(next)")
        }
        for (name, value) in document.fields.sorted(by: { $0.key < $1.key }) { Terminal.say("  \(name): \(value)") }
        AttemptDocument.table(document.attempts ?? [])
    }
}
