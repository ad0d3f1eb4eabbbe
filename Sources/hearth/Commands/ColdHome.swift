import Answers
import ArgumentParser

struct ColdHome: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "triage", abstract: "Why a home is cold (家里不热), what to look at first, and what to do next.",
        discussion: """
            Looks at outages of the building, community and station, at neighbours without heat, supply, valve, suspension, arrears,
            open orders and room temperatures, by the rules of Config/triage.yaml.

            EXAMPLES
              hearth triage 00012345
              hearth triage 00012345 --on 2026-01-20 --lang en
              hearth triage 00012345 --as-of 12 --json
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var wording: WordingOptions
    @Argument(help: "Account number (户号), leading zeros included.") var number: String
    @Option(
        name: .customLong("on"), help: "The day that the answer is of (2026-01-20), at its noon; now if none is named.")
    var day: String?
    @OptionGroup var past: PastOptions

    func run() throws {
        let arguments: Arguments = [
            "number": .text(number), "on": day.map { .text($0) }, "lang": wording.argument,
            "plain": .flag(wording.plain), "as_of": past.argument,
        ]
        let document = try LocalQuestions(common).ask(.triage, arguments, wantsWords: !common.json)
        if common.json { return Terminal.say(document) }
        Terminal.say(try wording.text(document))
    }
}
