import Answers
import ArgumentParser

struct Account: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The unified view of an account, as the assistant sees it.",
        discussion: """
            As of an instant is what the runs that had ended by then left behind; of a run, when it had ended.

            EXAMPLES
              hearth account 00012345
              hearth account 00012345 --json --unmask --reason 'call back, ticket 4711'
              hearth account 00012345 --as-of 2026-01-31T18:00:00+08:00
              hearth account 00012345 --as-of 12              as run 12 left it
            """)

    @OptionGroup var options: CommonOptions
    @Argument(help: "Account number (户号), leading zeros included.") var number: String
    @OptionGroup var disclosure: DisclosureOptions
    @OptionGroup var past: PastOptions

    func run() throws {
        let document = try LocalQuestions(options, disclosure: disclosure).ask(
            .account, ["number": .text(number), "as_of": past.argument])
        if options.json { return Terminal.say(document) }
        try AccountDisplay(document: document.json).show()
    }
}
