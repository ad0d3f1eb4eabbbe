import Answers
import ArgumentParser
import HeatModel
import Requests

struct FollowUpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "follow-up", abstract: "Takes what a customer says of a repair that the crew says is done (回访).",
        discussion: """
            notWell (还没好) has the order opened again and a person take over; the second time it is escalated. `hearth ask notices
            number=…` shows whether an order is confirmed: the crew's word alone never counts.

            EXAMPLES
              hearth follow-up 00012345 WX020000123 well --satisfaction 5 --key desk-2026-12-02-3
              hearth follow-up 00012345 WX020000123 notWell --words '卧室还是凉的' --key desk-2026-12-02-4
            """)

    @OptionGroup var options: CommonOptions
    @Argument(help: "Account number.") var number: String
    @Argument(help: "The dispatch system's number of the order.") var order: String
    @Argument(help: "\(FollowUpAnswer.answers.joined(separator: " or ")).") var answer: String
    @Option(help: "1 to 5; 5 is the best.") var satisfaction: String?
    @Option(help: "What the customer says.") var words: String?
    @Option(help: KeyHelp.text) var key: String
    @Option(help: "zh or en.") var lang = "zh"

    func run() throws {
        let given = [
            "number": number, "order": order, "answer": answer, "satisfaction": satisfaction, "words": words,
            "idempotency_key": key, "lang": lang,
        ]
        var arguments = Arguments()
        for parameter in RequestKind.followUp.definition.parameters {
            guard let text = given[parameter.name] ?? nil else { continue }
            do { arguments[parameter.name] = try parameter.argument(text) } catch { throw HearthError(error) }
        }
        let document = try LocalQuestions(options).ask(.followUp, arguments)
        if options.json { Terminal.say(document) } else { Terminal.say(document.text) }
    }
}
