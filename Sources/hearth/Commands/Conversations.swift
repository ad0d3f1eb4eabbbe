import Answers
import ArgumentParser
import Conversations
import HeatModel
import Requests

/// What customers said and were told.
struct ConversationsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conversations",
        abstract: "What customers said and were told: look at it, add to it, let old ones go.",
        discussion: """
            Words are masked before they are kept. While a person has a conversation the assistant is silent.

            EXAMPLES
              hearth conversations list --account 00012345
              hearth conversations show 3
              hearth conversations open --channel phone --account 00012345 --key desk-17
              hearth conversations say 3 --who customer --words '怎么还要交钱' --key desk-18
              hearth conversations forget
            """,
        subcommands: [List.self, Show.self, Open.self, Say.self, Forget.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Conversations, the newest first.",
            discussion: "EXAMPLES\n  hearth conversations list\n  hearth conversations list --account 00012345 --json")

        @OptionGroup var options: CommonOptions
        @Option(help: "Only of this account.") var account: String?
        @Option(help: "How many.") var limit = "50"
        @Option(help: "Only conversations before this number.") var before: String?

        func run() throws {
            try options.ask(.conversations, ["account": account, "limit": limit, "before": before])
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "A conversation with its turns.",
            discussion: "EXAMPLES\n  hearth conversations show 3\n  hearth conversations show 3 --after 200 --json")

        @OptionGroup var options: CommonOptions
        @Argument(help: "Number of the conversation.") var id: String
        @Option(help: "Only turns after this one.") var after: String?
        @Option(help: "How many turns.") var limit = "200"

        func run() throws { try options.ask(.conversation, ["id": id, "after": after, "limit": limit]) }
    }

    struct Open: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Opens a conversation.",
            discussion: "EXAMPLES\n  hearth conversations open --channel phone --account 00012345 --key desk-17")

        @OptionGroup var options: CommonOptions
        @Option(help: "\(ConversationTerms.channels.joined(separator: ", ")).") var channel: String
        @Option(help: "Account number, where it is known.") var account: String?
        @Flag(help: "The customer is elderly.") var elderly = false
        @Option(help: "zh or en.") var lang = "zh"
        @Option(help: KeyHelp.text) var key: String

        func run() throws {
            try options.ask(
                .openConversation,
                [
                    "channel": channel, "account_number": account, "elderly": elderly ? "true" : nil, "lang": lang,
                    "idempotency_key": key,
                ])
        }
    }

    struct Say: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keeps what was said.",
            discussion:
                "EXAMPLES\n  hearth conversations say 3 --who customer --words '怎么还要交钱' --key desk-18\n  hearth conversations say 3 --who assistant --words '还应缴1,846.40元' --intent money.due --key desk-19"
        )

        @OptionGroup var options: CommonOptions
        @Argument(help: "Number of the conversation.") var id: String
        @Option(help: "customer or assistant.") var who: String
        @Option(help: "What was said.") var words: String
        @Option(help: "What it was taken to be about.") var intent: String?
        @Option(help: "answered, misunderstood or unanswered.") var mark: String?
        @Option(help: "Whose the conversation is, where that is known by now.") var account: String?
        @Option(help: KeyHelp.text) var key: String

        func run() throws {
            try options.ask(
                .turn,
                [
                    "id": id, "who": who, "words": words, "intent": intent, "mark": mark, "account_number": account,
                    "idempotency_key": key,
                ])
        }
    }

    struct Forget: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets go of conversations that were kept as long as the configuration says.",
            discussion: "`hearth serve` does it each hour.\n\nEXAMPLES\n  hearth conversations forget")

        @OptionGroup var options: CommonOptions

        func run() throws {
            let count = try LocalQuestions(options).forgetConversations()
            if options.json { return try JSONOutput.print(["forgotten": count]) }
            Terminal.say(count.map { "\($0) conversations were let go" } ?? "conversations are kept for ever")
        }
    }
}

/// Conversations that were handed to a person.
struct HandOffsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hand-offs",
        abstract: "Conversations handed to a person: who waits, the card, claim, answer, close.",
        discussion: """
            While somebody has one the assistant is silent; closed, it has the conversation again.

            EXAMPLES
              hearth hand-offs list
              hearth hand-offs show 7
              hearth hand-offs claim 7 --agent desk-2 --key c-7
              hearth hand-offs reply 7 --agent desk-2 --words '我来为您核对' --key r-7
              hearth hand-offs close 7 --agent desk-2 --outcome resolved --key x-7
            """,
        subcommands: [List.self, Show.self, Request.self, Claim.self, Reply.self, Close.self],
        defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hand-offs, the oldest first.",
            discussion: "EXAMPLES\n  hearth hand-offs list\n  hearth hand-offs list --state closed --json")

        @OptionGroup var options: CommonOptions
        @Option(help: "open, waiting, claimed, closed or all.") var state = "open"
        @Option(help: "How many.") var limit = "100"
        @Option(help: "Only hand-offs after this number.") var after: String?

        func run() throws { try options.ask(.handOffs, ["state": state, "limit": limit, "after": after]) }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The card of a hand-off, and what was said since.",
            discussion:
                "EXAMPLES\n  hearth hand-offs show 7\n  hearth hand-offs show 7 --unmask --reason 'caller asks for a call back'"
        )

        @OptionGroup var options: CommonOptions
        @OptionGroup var disclosure: DisclosureOptions
        @Argument(help: "Number of the hand-off.") var id: String

        func run() throws { try options.ask(.handOff, ["id": id], disclosure) }
    }

    struct Request: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ask", abstract: "Hands a conversation to a person.",
            discussion: "EXAMPLES\n  hearth hand-offs ask 3 --why bill --key h-3")

        @OptionGroup var options: CommonOptions
        @Argument(help: "Number of the conversation.") var id: String
        @Option(help: "\(ConversationTerms.reasons.joined(separator: ", ")).") var why: String
        @Option(help: "The same in a sentence.") var words: String?
        @Option(help: KeyHelp.text) var key: String

        func run() throws {
            try options.ask(
                .handOff, ["id": id, "why": why, "why_in_words": words, "idempotency_key": key])
        }
    }

    struct Claim: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes a hand-off.",
            discussion: "EXAMPLES\n  hearth hand-offs claim 7 --agent desk-2 --key c-7")

        @OptionGroup var options: CommonOptions
        @Argument(help: "Number of the hand-off.") var id: String
        @Option(help: "Who at the desk.") var agent: String?
        @Option(help: KeyHelp.text) var key: String

        func run() throws {
            try options.ask(.claimHandOff, ["id": id, "agent": agent, "idempotency_key": key])
        }
    }

    struct Reply: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keeps what its owner tells the customer.",
            discussion: "EXAMPLES\n  hearth hand-offs reply 7 --agent desk-2 --words '我来为您核对' --key r-7")

        @OptionGroup var options: CommonOptions
        @Argument(help: "Number of the hand-off.") var id: String
        @Option(help: "What the customer is told.") var words: String
        @Option(help: "Who at the desk.") var agent: String?
        @Option(help: KeyHelp.text) var key: String

        func run() throws {
            try options.ask(
                .replyHandOff, ["id": id, "words": words, "agent": agent, "idempotency_key": key])
        }
    }

    struct Close: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives the conversation back to the assistant.",
            discussion: "EXAMPLES\n  hearth hand-offs close 7 --agent desk-2 --outcome resolved --key x-7")

        @OptionGroup var options: CommonOptions
        @Argument(help: "Number of the hand-off.") var id: String
        @Option(help: "\(ConversationTerms.outcomes.joined(separator: ", ")).") var outcome: String
        @Option(help: "The same in a sentence.") var words: String?
        @Option(help: "Who at the desk.") var agent: String?
        @Option(help: KeyHelp.text) var key: String

        func run() throws {
            try options.ask(
                .closeHandOff,
                ["id": id, "outcome": outcome, "closing_words": words, "agent": agent, "idempotency_key": key])
        }
    }
}

/// What a customer thinks.
struct FeedbackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feedback", abstract: "Keeps what a customer thinks of a conversation, an answer or a visit.",
        discussion: """
            EXAMPLES
              hearth feedback 3 --score 5 --solved yes --key f-3
              hearth feedback 3 --about answer --turn 2 --solved no --words '不是我问的' --key f-4
            """)

    @OptionGroup var options: CommonOptions
    @Argument(help: "Number of the conversation.") var conversation: String
    @Option(help: "conversation, answer or visit.") var about = "conversation"
    @Option(help: "Of an answer, its turn.") var turn: String?
    @Option(help: "1 to 5.") var score: String?
    @Option(help: "yes or no.") var solved: String?
    @Option(help: "In their own words.") var words: String?
    @Option(help: KeyHelp.text) var key: String

    func run() throws {
        try options.ask(
            .feedback,
            [
                "conversation": conversation, "about": about, "turn": turn, "score": score, "solved": solved,
                "words": words, "idempotency_key": key,
            ])
    }
}

extension CommonOptions {
    private static func arguments(
        _ definition: DoorDefinition, _ given: [String: String?]
    ) throws -> Arguments {
        var arguments = Arguments()
        for parameter in definition.parameters {
            guard let text = given[parameter.name] ?? nil else { continue }
            do { arguments[parameter.name] = try parameter.argument(text) } catch { throw HearthError(error) }
        }
        return arguments
    }

    /// Shows what a question is answered.
    func ask(_ kind: QuestionKind, _ given: [String: String?], _ disclosure: DisclosureOptions? = nil) throws {
        let document = try LocalQuestions(self, disclosure: disclosure).ask(
            kind, Self.arguments(kind.definition, given))
        if json { Terminal.say(document) } else { Terminal.say(document.text) }
    }

    /// Shows what a request is answered.
    func ask(_ kind: RequestKind, _ given: [String: String?]) throws {
        let document = try LocalQuestions(self).ask(kind, Self.arguments(kind.definition, given))
        if json { Terminal.say(document) } else { Terminal.say(document.text) }
    }
}
