import Answers
import ArgumentParser
import HeatModel
import Requests

struct RequestSuspension: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request-suspension",
        abstract: "Asks for heat to be suspended (报停), as it is asked for over HTTP.",
        discussion: """
            `hearth money suspension` tells beforehand what it costs and until when it can be asked for. What the tariff does not
            grant is refused. `hearth ask work-order-request number=… id=…` says what became of it.

            EXAMPLES
              hearth request-suspension 00012345 --from 2027-11-01 --key desk-2027-09-02-3
              hearth request-suspension 00012345 --from 2027-11-01 --reason '长期在外地' --key desk-2027-09-02-4
            """)

    @OptionGroup var options: CommonOptions
    @Argument(help: "Account number.") var number: String
    @Option(help: "The first day without heat, such as 2027-11-01.") var from: String
    @Option(help: "The last day without heat; the season's end without it.") var to: String?
    @Option(help: "Why, in the customer's words.") var reason: String?
    @Option(help: "Where the customer can be called.") var phone: String?
    @Option(help: KeyHelp.text) var key: String
    @Option(help: "zh or en.") var lang = "zh"

    func run() throws {
        let given = [
            "number": number, "from": from, "to": to, "reason": reason, "phone": phone, "idempotency_key": key,
            "lang": lang,
        ]
        var arguments = Arguments()
        for parameter in RequestKind.suspension.definition.parameters {
            guard let text = given[parameter.name] ?? nil else { continue }
            do { arguments[parameter.name] = try parameter.argument(text) } catch { throw HearthError(error) }
        }
        let document = try LocalQuestions(options).ask(.suspension, arguments)
        if options.json { Terminal.say(document) } else { Terminal.say(document.text) }
    }
}
