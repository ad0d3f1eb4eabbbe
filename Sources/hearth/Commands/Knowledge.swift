import ArgumentParser
import Assistant
import ConfigurationFiles
import Foundation
import HeatModel
import Understanding

/// What the assistant understands, and how well.
struct KnowledgeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "knowledge",
        abstract: "What customers' words are taken to mean, by the files of Config/knowledge.",
        discussion: """
            EXAMPLES
              hearth knowledge check
              hearth knowledge try "我家暖气不热,3号楼2单元501"
              hearth knowledge test utterances.tsv --cross-validate 10 --confusion
            """,
        subcommands: [CheckFiles.self, TryWords.self, TestFile.self, SuggestExamples.self])

    struct Folder: ParsableArguments {
        @Option(name: [.short, .long], help: "The configuration; knowledge is read from the folder beside it.")
        var config = CommonOptions.standardConfig
        @Option(help: "Another folder of knowledge.") var folder: String?
        @Flag(help: "One JSON document instead of text.") var json = false

        func load() throws -> Knowledge { try .load(folder: folder ?? Knowledge.folder(besides: config)) }
    }

    struct CheckFiles: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Reads all files of knowledge and says what is wrong with them.",
            discussion: """
                Every problem is told with its file and line. Exit status: 3 where there is one.

                EXAMPLES
                  hearth knowledge check
                  hearth knowledge check --folder drafts/knowledge
                """)

        @OptionGroup var folder: Folder

        private struct Document: Encodable {
            struct Intent: Encodable {
                var id: String
                var name: String
                var path: String
                var examples: Int
            }
            var version: String
            var intents: [Intent]
            var examples: Int
        }

        func run() throws {
            let knowledge = try folder.load()
            // What is said, and how it goes on: its files stand in the same folder.
            let problems = Playbook.problems(
                folder: folder.folder ?? Knowledge.folder(besides: folder.config),
                intents: Set(knowledge.intents.map(\.id)))
            if !problems.isEmpty { throw ConfigurationErrors(problems) }
            let counts = Dictionary(grouping: knowledge.examples, by: \.intent).mapValues(\.count)
            let document = Document(
                version: knowledge.version,
                intents: knowledge.intents.map {
                    .init(id: $0.id, name: $0.name, path: $0.path.rawValue, examples: counts[$0.id] ?? 0)
                }, examples: knowledge.examples.count)
            if folder.json { return try JSONOutput.print(document) }
            Terminal.table(
                ["intent", "name", "path", "#examples"],
                document.intents.map { [$0.id, $0.name, $0.path, "\($0.examples)"] })
            Terminal.say(
                "\(document.examples) examples of \(document.intents.count) intents, version \(document.version)")
        }
    }

    struct TryWords: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "try", abstract: "What words are taken to mean, and why.",
            discussion: """
                EXAMPLES
                  hearth knowledge try "暖气不热咋整"
                  hearth knowledge try "还是不热" --follow-up
                  hearth knowledge try "报停多少钱,怎么办" --json
                """)

        @OptionGroup var folder: Folder
        @Argument(help: "What a customer says.") var words: String
        @Flag(help: "It answers the message that asks whether it is warm again.") var followUp = false
        @Option(help: "The intent that is being talked about.") var open: String?

        private struct Document: Encodable {
            struct Ranked: Encodable {
                var intent: String
                var score: Int
                var because: String
            }
            var words: String
            var outcome: String
            var intents: [String]
            var ranking: [Ranked]
            var slots: [String: String]
            var marks: [String]
        }

        func run() throws {
            let knowledge = try folder.load()
            if let open, !knowledge.intents.contains(where: { $0.id == open }) {
                throw ValidationError("there is no intent \"\(open)\"")
            }
            let heard = Listener(knowledge).hear(
                words, context: HearingContext(afterFollowUp: followUp, openIntent: open))
            var document = Document(
                words: heard.words, outcome: "understood", intents: [],
                ranking: heard.ranking.map { .init(intent: $0.intent, score: $0.score, because: $0.because) },
                slots: heard.slots.named, marks: heard.marks.map(\.rawValue).sorted())
            switch heard.outcome {
            case .understood(let intents): document.intents = intents
            case .unclear(let intents):
                document.outcome = "unclear"
                document.intents = intents
            }
            if folder.json { return try JSONOutput.print(document) }
            Terminal.say("\(document.outcome): \(document.intents.joined(separator: ", "))")
            Terminal.table(
                ["intent", "#score", "because"],
                document.ranking.filter { $0.score > 0 }.map { [$0.intent, "\($0.score)", $0.because] })
            for (name, value) in document.slots.sorted(by: { $0.key < $1.key }) { Terminal.say("\(name): \(value)") }
            if !document.marks.isEmpty { Terminal.say("marks: \(document.marks.joined(separator: ", "))") }
        }
    }

    struct TestFile: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "test", abstract: "How well labelled utterances are understood.",
            discussion: """
                The file holds id, utterance, intent, slots (JSON) and note, with tabs between. An example that is the same as a tested
                utterance is left out of what is learned. With --cross-validate the file's other parts are learned from, too.
                Exit status: 1 where something is given to whom nothing may be given, 3 for mistakes in the file.

                EXAMPLES
                  hearth knowledge test utterances.tsv
                  hearth knowledge test utterances.tsv --cross-validate 10 --confusion
                  hearth knowledge test --examples --cross-validate 10
                """)

        @OptionGroup var folder: Folder
        @Argument(help: "Labelled utterances.") var file: String?
        @Option(name: .customLong("cross-validate"), help: "Into how many parts the file is divided.") var folds = 1
        @Flag(help: "The examples themselves instead of a file; needs --cross-validate.") var examples = false
        @Flag(help: "What is taken for what.") var confusion = false
        @Flag(help: "Every slot that is not named as it is labelled.") var slots = false

        func validate() throws {
            if folds < 1 || folds > 100 { throw ValidationError("--cross-validate must be between 1 and 100") }
            if examples == (file != nil) { throw ValidationError("name a FILE, or --examples") }
            if examples, folds < 2 { throw ValidationError("--examples needs --cross-validate 2 at least") }
        }

        private struct Document: Encodable {
            var topOne: Int
            var outsideKept: Int
            var slotF1: Int
            var counts: KnowledgeTrial.Outcome
        }

        func run() throws {
            let knowledge = try folder.load()
            let trial = KnowledgeTrial(knowledge)
            let outcome =
                try file.map { trial.run(try LabelledLine.load($0, knowledge: knowledge), folds: folds) }
                ?? trial.runExamples(folds: folds)
            if folder.json {
                try JSONOutput.print(
                    Document(
                        topOne: outcome.topOne, outsideKept: outcome.kept, slotF1: outcome.allSlots.f1,
                        counts: outcome))
            } else {
                show(outcome)
            }
            if outcome.disclosures > 0 { throw ExitCode(1) }
        }

        private func percent(_ share: Int) -> String { "\(share / 10).\(share % 10) %" }

        private func show(_ outcome: KnowledgeTrial.Outcome) {
            for miss in outcome.misses + outcome.secondMisses {
                Terminal.say("\(miss.id)\t\(miss.text)\t\(miss.wanted)\t\(miss.heard)\t\(miss.because)")
            }
            if slots {
                for miss in outcome.slotMisses {
                    Terminal.say("\(miss.id)\t\(miss.text)\t\(miss.slot)\t\(miss.wanted)\t\(miss.named)")
                }
            }
            if confusion {
                Terminal.table(
                    ["wanted", "understood", "#lines"],
                    outcome.confusion.flatMap { wanted, row in
                        row.filter { $0.key != wanted }.map { (wanted, $0.key, $0.value) }
                    }.sorted { ($1.2, $0.0, $0.1) < ($0.2, $1.0, $1.1) }.map { [$0.0, $0.1, "\($0.2)"] })
            }
            if !outcome.slots.isEmpty {
                Terminal.table(
                    ["slot", "#right", "#wrong", "#missed", "#precision", "#recall", "#F1"],
                    outcome.slots.sorted { $0.key < $1.key }.map { name, count in
                        [
                            name, "\(count.right)", "\(count.wrong)", "\(count.missed)", percent(count.precision),
                            percent(count.recall), percent(count.f1),
                        ]
                    })
            }
            Terminal.table(
                ["measure", "#figure", "#of"],
                [
                    ["top-1", percent(outcome.topOne), "\(outcome.lines)"],
                    ["asked back", "\(outcome.unclear)", "\(outcome.lines)"],
                    ["none or human, answered as nothing else", percent(outcome.kept), "\(outcome.outside)"],
                    [
                        "questions taken for none or human", "\(outcome.insideLost)",
                        "\(outcome.lines - outcome.outside)",
                    ],
                    ["two questions, both found", "\(outcome.secondFound)", "\(outcome.second)"],
                    [
                        "second questions that nobody asked", "\(outcome.secondInvented)",
                        "\(outcome.lines - outcome.second)",
                    ],
                    ["disclosures", "\(outcome.disclosures)", "\(outcome.refused)"],
                    ["slots, F1", percent(outcome.allSlots.f1), ""],
                ])
        }
    }
}
