import Answers
import ArgumentParser

struct Money: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answers about an account's money: what is due, why it rose, refunds, payments, suspension.",
        discussion: """
            EXAMPLES
              hearth money due 00012345 --on 2026-01-20
              hearth money rise 00012345
              hearth money refund 00012345 --rooms 45.0
              hearth money receipt 00012345 --fresh 5
              hearth money suspension 00012345 --on 2026-09-15
            """, subcommands: [Due.self, Rise.self, RefundForCold.self, Receipts.self, Suspend.self])

    struct Options: ParsableArguments {
        @OptionGroup var common: CommonOptions
        @OptionGroup var wording: WordingOptions
        @Argument(help: "Account number (户号), leading zeros included.") var number: String
        @Argument(help: "Heating season (2025-2026); the latest one concerned if none is named.") var season: String?
        @Option(name: .customLong("on"), help: "The day that the answer is of (2026-01-20); today if none is named.")
        var day: String?

        @OptionGroup var past: PastOptions

        /// Asks, and shows the answer in the form that is wanted.
        func answer(_ kind: QuestionKind, _ more: [String: ArgumentValue?] = [:]) throws {
            var arguments: Arguments = [
                "number": .text(number), "season": season.map { .text($0) }, "on": day.map { .text($0) },
                "lang": wording.argument, "plain": .flag(wording.plain), "as_of": past.argument,
            ]
            for (name, value) in more { arguments[name] = value }
            let document = try LocalQuestions(common).ask(kind, arguments, wantsWords: !common.json)
            if common.json { return Terminal.say(document) }
            Terminal.say(try wording.text(document))
        }
    }

    struct FreshOptions: ParsableArguments {
        @Option(
            name: .customLong("fresh"),
            help: "Have the account's rows read again first, and wait so many seconds for them at the most (1 to 30).")
        var seconds: Int?

        var argument: ArgumentValue? { seconds.map { .integer($0) } }
    }

    struct Due: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What must be paid on a day, late fee included.",
            discussion: "EXAMPLES\n  hearth money due 00012345 --on 2026-01-20\n  hearth money due 00012345 --as-of 12")
        @OptionGroup var options: Options
        @OptionGroup var rows: FreshOptions

        func run() throws { try options.answer(.amountDue, ["fresh": rows.argument]) }
    }

    struct Rise: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Why the bill differs from that of the season before.",
            discussion: "EXAMPLES\n  hearth money rise 00012345")
        @OptionGroup var options: Options

        func run() throws { try options.answer(.explanation, ["versus": .text("previous")]) }
    }

    struct RefundForCold: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "refund", abstract: "What is given back for cold rooms.",
            discussion: "EXAMPLES\n  hearth money refund 00012345\n  hearth money refund 00012345 --rooms 45.0")
        @OptionGroup var options: Options
        @Option(help: "Area of the bedrooms and living rooms that were too cold, ㎡.") var rooms: String?

        func run() throws { try options.answer(.refund, ["rooms": rooms.map { .text($0) }]) }
    }

    struct Receipts: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "receipt", abstract: "Where payments stand: waiting for the bank's file, posted, taken back.",
            discussion: "EXAMPLES\n  hearth money receipt 00012345\n  hearth money receipt 00012345 --fresh 5")
        @OptionGroup var options: Options
        @OptionGroup var rows: FreshOptions

        func run() throws { try options.answer(.receipts, ["fresh": rows.argument]) }
    }

    struct Suspend: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "suspension",
            abstract: "How supply is suspended (报停) or given up (销户): cost, deadline, documents, steps, place.",
            discussion:
                "EXAMPLES\n  hearth money suspension 00012345 --on 2026-09-15\n  hearth money suspension 00012345 --intent close"
        )
        @OptionGroup var options: Options
        @Option(help: "What is wanted: suspend (报停, for a time) or close (销户, for good).") var intent: String?
        @Option(help: "How the home is heated: central (by the network) or own (by a boiler of its own).")
        var heating: String?

        func run() throws {
            try options.answer(
                .suspension, ["intent": intent.map { .text($0) }, "heating": heating.map { .text($0) }])
        }
    }
}
