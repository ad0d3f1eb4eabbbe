import Answers
import ArgumentParser
import Assistant
import Foundation
import HeatModel
import Insights
import Setup
import Understanding

extension KnowledgeCommand {
    struct SuggestExamples: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "suggest", abstract: "What a month's conversations teach, as a change to review.",
            discussion: """
                Questions that were not answered are gathered by likeness and proposed as examples of what they are most like; what is
                like nothing, and answers that were misunderstood, stand before the change as remarks. Nothing is written.

                EXAMPLES
                  hearth knowledge suggest --month 2026-11
                  hearth knowledge suggest --month 2026-11 --least 3 > change.diff && git apply change.diff
                """)

        @OptionGroup var options: CommonOptions
        @Option(help: "On the company's clock, such as 2026-11.") var month: String
        @Option(help: "How often something must have been asked.") var least = 1

        private struct Document: Encodable {
            struct Cluster: Encodable {
                var intent: String?
                var count: Int
                var words: [String]
            }
            struct Answer: Encodable {
                var intent: String
                var count: Int64
                var examples: [String]
            }
            var month: String
            var clusters: [Cluster]
            var misunderstood: [Answer]
            var diff: String
        }

        func run() throws {
            let questions = try LocalQuestions(options)
            let report = try questions.ask(.insights, ["month": .text(month)]).decoded(as: MonthReport.self)
            let folder = Knowledge.folder(besides: questions.workspace.configuration.path)
            let found = KnowledgeSuggestions(
                report, hearing: Listener(try Knowledge.load(folder: folder)), least: least)
            let diff = found.diff(folder: folder, name: "Config/knowledge")
            if !options.json { return Terminal.put(Array(diff.utf8)) }
            try JSONOutput.print(
                Document(
                    month: month,
                    clusters: found.clusters.map { .init(intent: $0.intent, count: $0.count, words: $0.words) },
                    misunderstood: found.misunderstood.map {
                        .init(intent: $0.intent, count: $0.count, examples: $0.examples)
                    },
                    diff: diff))
        }
    }
}
