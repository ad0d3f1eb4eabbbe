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
        if options.json { return Terminal.say(document) }
        let report = try document.decoded(as: MonthReport.self)
        let folder = output.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path } ?? NSTemporaryDirectory()
        let bytes = try report.bytes(ReportFormat(rawValue: format) ?? .text, folder: folder)
        guard let output else {
            FileHandle.standardOutput.write(Data(bytes))
            return
        }
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: output), options: .atomic)
        } catch {
            throw HearthError.notWritable(output, "the report cannot be written", error)
        }
        Terminal.note("\(output) written\n")
    }
}
