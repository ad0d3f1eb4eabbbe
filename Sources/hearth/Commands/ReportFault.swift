import Answers
import ArgumentParser
import Attachments
import HeatModel
import Requests

struct ReportFault: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report-fault",
        abstract: "Reports a fault (报修): asks the dispatch system for a repair order.",
        discussion: """
            The order is taken here and sent by a worker (`hearth serve`, `hearth actions run`). Who reports a fault that has an open
            order joins it. The same key again is the same report: nothing is done twice.

            EXAMPLES
              hearth report-fault 00012345 --kind noHeat --key desk-2026-12-01-17 --words '客厅和主卧都不热' --phone 13812345678
              hearth report-fault --address 阳光花园3号楼2单元501 --kind leak --key desk-2026-12-01-18
              hearth report-fault 00012345 --kind valve --key k-18 --photo valve.jpg
              hearth report-fault 00012345 --kind notWarm --key k-19 --temperature-tenths 165 --wanted-at 2026-12-02T09:00:00+08:00
            """)

    @OptionGroup var options: CommonOptions
    @Argument(help: "Account number; or --address.") var number: String?
    @Option(help: "Where it is, as the customer says it.") var address: String?
    @Option(help: "The community's name, beside --address.") var community: String?
    @Option(help: "\(FaultReport.kinds.joined(separator: ", ")).") var kind: String
    @Option(help: KeyHelp.text) var key: String
    @Option(help: "What shows, in a few words.") var symptom: String?
    @Option(help: "What the customer says.") var words: String?
    @Option(help: "When somebody should come: an instant with its offset.") var wantedAt: String?
    @Option(help: "Where the customer can be called.") var phone: String?
    @Option(help: "The room's temperature, in tenths of a degree.") var temperatureTenths: String?
    @Option(help: "A photo or video, as 'SHA256 TYPE ADDRESS'; may stand several times.") var attachment: [String] = []
    @Option(
        help:
            "A photo or video of this machine (JPEG, PNG, MP4), which is kept with the order; may stand several times.",
        completion: .file()) var photo: [String] = []
    @Option(help: "zh or en.") var lang = "zh"

    func validate() throws {
        if (number == nil) == (address == nil) { throw ValidationError("name an account number or --address") }
        if community != nil, address == nil { throw ValidationError("--community stands beside --address") }
    }

    func run() throws {
        let kind: RequestKind = address == nil ? .faultReport : .faultReportByAddress
        let given = [
            "number": number, "address": address, "community": community, "kind": self.kind, "idempotency_key": key,
            "symptom": symptom, "words": words, "wanted_at": wantedAt, "phone": phone,
            "temperature_tenths": temperatureTenths, "lang": lang,
        ]
        var arguments = Arguments()
        for parameter in kind.definition.parameters {
            guard let text = given[parameter.name] ?? nil else { continue }
            do { arguments[parameter.name] = try parameter.argument(text) } catch { throw HearthError(error) }
        }
        let questions = try LocalQuestions(options)
        var attachments = try attachment.map(Self.attachment)
        for path in photo {
            let folder = questions.attachments
            let kept = try folder.add(path: path)
            attachments.append([
                "sha256": kept.sha256, "type": kept.kind.rawValue, "address": folder.settings.address(of: kept.sha256),
            ])
        }
        if !attachments.isEmpty { arguments["attachments"] = .objects(attachments) }
        let document = try questions.ask(kind, arguments)
        if options.json { Terminal.say(document) } else { Terminal.say(document.text) }
    }

    private static func attachment(_ text: String) throws -> [String: String] {
        let parts = text.split(separator: " ", maxSplits: 2).map(String.init)
        guard parts.count == 3 else { throw ValidationError("--attachment must be 'SHA256 TYPE ADDRESS'") }
        return ["sha256": parts[0], "type": parts[1], "address": parts[2]]
    }
}
