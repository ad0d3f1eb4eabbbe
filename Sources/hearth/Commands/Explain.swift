import Answers
import ArgumentParser
import Explanation
import Foundation
import HeatModel
import Pages
import Setup

struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Why a heating bill is what it is: compared with peers, with the season before, or with the tariff.",
        discussion: """
            Exact to the fen: the parts sum to the difference. Nothing is compared where the peers are too few to be spoken of.

            EXAMPLES
              hearth explain 00012345
              hearth explain 00012345 2024-2025 --versus previous --lang en
              hearth explain 00012345 --versus tariff --json
              hearth explain 00012345 --plain
              hearth explain 00012345 --as-of 2026-01-31T18:00:00+08:00     the account as it stood then, beside today's peers
            """)

    @OptionGroup var options: CommonOptions
    @Argument(help: "Account number (户号), leading zeros included.") var number: String
    @Argument(help: "Heating season (2025-2026); the latest with a bill if none is named.") var season: String?
    @Option(help: "peers, previous or tariff.") var versus = Comparison.peers
    @OptionGroup var wording: WordingOptions
    @Option(
        name: .customLong("on"),
        help: "The day that the answer is of (2026-01-20); if none is named, that of --as-of, else today.")
    var day: String?
    @OptionGroup var past: PastOptions

    /// What the bill is compared with.
    enum Comparison: String, ExpressibleByArgument, CaseIterable {
        case peers, previous, tariff
    }

    func run() throws {
        let document = try LocalQuestions(options).ask(
            .explanation,
            [
                "number": .text(number), "season": season.map { .text($0) }, "versus": .text(versus.rawValue),
                "on": day.map { .text($0) }, "lang": wording.argument, "plain": .flag(wording.plain),
                "as_of": past.argument,
            ], wantsWords: !options.json)
        if options.json { return Terminal.say(document) }
        Terminal.say(try wording.text(document))
        if let answer = document.spoken?.answer as? Explanation { PartsChart(answer, in: wording.language).show() }
    }
}

/// In which words an answer is given.
struct WordingOptions: ParsableArguments {
    @Option(name: .customLong("lang"), help: "zh or en.") var language = Tongue.chinese
    @Flag(help: "Plainer Chinese, for elderly customers.") var plain = false

    func validate() throws {
        if plain, language != .chinese { throw ValidationError("--plain is Chinese") }
    }

    var argument: ArgumentValue { .text(language.rawValue) }

    /// The words of an answer.
    func text(_ document: AnswerDocument) throws -> String {
        if let spoken = document.spoken { return spoken.answer.text(spoken.wording) }
        let name = plain ? "zh_plain" : language.rawValue
        throw HearthError(
            .configMissing, "no file of answers is in \(name)", advice: "add one to the folder answers/")
    }
}

extension Workspace {
    /// What answers about money are made with: tariffs and wording beside the configuration.
    func moneyAnswers() throws -> MoneyAnswers {
        let folder = URL(fileURLWithPath: configuration.path).deletingLastPathComponent().relativePath
        let money = try MoneyAnswers.load(
            configuration: folder,
            settings: ExplanationSettings(
                peers: configuration.peers, homeCity: configuration.homeCity,
                staleAfterHours: configuration.staleAfterHours))
        for warning in money.wordings.warnings { Terminal.warn(warning.commandLineText) }
        return money
    }
}
