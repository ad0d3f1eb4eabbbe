import AccountView
import ArgumentParser
import Explanation
import Foundation
import HeatModel
import Store
import Sync

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

        var versus: Explanation.Versus {
            switch self {
            case .peers: .peers
            case .previous: .previous
            case .tariff: .tariff
            }
        }
    }

    func run() throws {
        let workspace = try options.workspace(ofStore: true)
        let desk = try workspace.answerDesk()
        let stated = try day.map { try AnswerDay.parse($0) }
        let asOf = try past.asOf()
        let view = try Lookup(workspace: workspace, command: "explain").account(number) {
            (try AccountLookup.view(number, workspace, asOf: asOf), [])
        }
        let answer = try workspace.store.read { store in
            let moment = try store.moment(of: asOf)
            let now = workspace.instant(of: moment)
            return try desk.explanation(
                AccountContext(view: view), at: moment, season: season, versus: versus.versus,
                today: stated ?? now.local.date,
                now: now, in: store)
        }
        if options.json {
            return Terminal.say(String(decoding: answer.json(in: desk.wordings()), as: UTF8.self))
        }
        try Terminal.say(wording.text { desk.wordings[$0].map { answer.text($0) } })
        PartsChart(answer).show()
    }
}

/// In which words an answer is given.
struct WordingOptions: ParsableArguments {
    enum Language: String, ExpressibleByArgument, CaseIterable { case zh, en }

    @Option(name: .customLong("lang"), help: "zh or en.") var language = Language.zh
    @Flag(help: "Plainer Chinese, for elderly customers.") var plain = false

    func validate() throws {
        if plain, language != .zh { throw ValidationError("--plain is Chinese") }
    }

    func text(_ say: (String) -> String?) throws -> String {
        let name = plain ? "zh_plain" : language.rawValue
        guard let text = say(name) else {
            throw HearthError(
                .init("config.missing"), "no file of answers is in \(name)", advice: "add one to the folder answers/")
        }
        return text
    }
}

enum AnswerDay {
    static func parse(_ text: String) throws -> CivilDate {
        if let day = CivilDate(text) { return day }
        throw HearthError(.init("usage.badDay"), "\"\(text)\" is not a day", advice: "write it as 2026-01-20")
    }
}

extension Workspace {
    /// What answers about money are made with: tariffs and wording beside the configuration.
    func answerDesk() throws -> AnswerDesk {
        let folder = URL(fileURLWithPath: configuration.path).deletingLastPathComponent().relativePath
        return try AnswerDesk.load(
            configuration: folder,
            settings: ExplanationSettings(
                peers: configuration.peers, homeCity: configuration.homeCity,
                staleAfterHours: configuration.staleAfterHours))
    }
}
