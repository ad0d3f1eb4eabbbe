import Answers
import ArgumentParser
import Foundation
import HeatModel
import Insights
import Tables

struct InsightsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "insights", abstract: "What a month's conversations tell, as text, CSV, a workbook or one page.",
        discussion: """
            Of the conversations opened in the month: top ten questions, most misunderstood answers, unanswered questions, hand-off
            reasons, satisfaction, first-contact resolution, with counts and masked examples. The same store gives the same file.

            EXAMPLES
              hearth insights --month 2026-11
              hearth insights --month 2026-11 --format xlsx --output 2026-11.xlsx
              hearth insights --month 2026-11 --format html --output 2026-11.html
              hearth insights --month 2026-11 --json
            """)

    @OptionGroup var options: CommonOptions
    @Option(help: "On the company's clock, such as 2026-11.") var month: String
    @Option(help: "\(ReportFormat.allCases.map(\.rawValue).joined(separator: ", ")).") var format = "text"
    @Option(help: "Write it into this file.") var output: String?

    func validate() throws {
        if ReportFormat(rawValue: format) == nil {
            throw ValidationError(
                "--format must be one of \(ReportFormat.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        if format == "xlsx", output == nil { throw ValidationError("a workbook needs --output FILE") }
    }

    func run() throws {
        let document = try LocalQuestions(options).ask(.insights, ["month": .text(month)])
        let bytes =
            options.json
            ? document.json + [0x0A]
            : try document.decoded(as: MonthReport.self).bytes(
                ReportFormat(rawValue: format) ?? .text, folder: NSTemporaryDirectory())
        guard let output else { return Terminal.put(bytes) }
        try OutputFile.write(bytes, to: output)
        Terminal.note("\(output) written\n")
    }
}
