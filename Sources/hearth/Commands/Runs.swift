import Answers
import ArgumentParser
import HeatModel
import Records
import Store

struct Runs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The runs, newest first, with their books and control totals; of one run also its log.",
        discussion: "EXAMPLES\n  hearth runs billing.charges --limit 5 --json\n  hearth runs 17")

    @OptionGroup var options: CommonOptions
    @Argument(help: "Only this stream, or only the run of this number, with its log.") var only: String?
    @Option(help: "How many.") var limit = 20

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit must be at least 1") }
    }

    func run() throws {
        let questions = try LocalQuestions(options)
        let run = only.flatMap { Int64($0) }
        let document = try questions.ask(.runs(stream: run == nil ? only : nil, limit: limit, run: run))
        if options.json { return Terminal.say(document) }
        let runs = try document.decoded(as: List.self).runs
        Terminal.table(
            [
                "#run", "stream", "mode", "state", "#read", "#new", "#changed", "#unchanged", "#duplicate",
                "#quarantined", "#vanished", "began",
            ],
            runs.map { run in
                let counts = run.counts
                let numbers = [
                    counts.read, counts.new, counts.changed, counts.unchanged, counts.duplicate, counts.quarantined,
                    counts.vanished,
                ]
                return ["\(run.run)", run.stream, run.mode, run.state] + numbers.map(Terminal.grouped) + [
                    Instant(run.startedAt).map(Terminal.moment) ?? run.startedAt
                ]
            })
        for run in runs {
            if let proof = run.proofText { Terminal.say("run \(run.run): \(proof)") }
            for line in run.noticeLines { Terminal.say("run \(run.run): \(line)") }
            if let message = run.error?.message { Terminal.say("run \(run.run): \(message)") }
            if let log = run.log {
                Terminal.table(
                    ["#seconds", "level", "what"],
                    log.map { ["\(ExactDecimal(units: $0.afterMs, places: 3))", $0.level, $0.text] })
                if let count = run.logLeftOut { Terminal.say("\(count) more lines were left out before the last") }
            }
        }
    }

    /// What is shown of the document.
    private struct List: Decodable {
        var runs: [Entry]
    }

    private struct Entry: Decodable {
        struct Counts: Decodable {
            var read: Int64
            var new: Int64
            var changed: Int64
            var unchanged: Int64
            var duplicate: Int64
            var quarantined: Int64
            var vanished: Int64
        }
        struct Failure: Decodable {
            var message: String?
        }
        struct Line: Decodable {
            var afterMs: Int64
            var level: String
            var text: String
        }
        var run: Int64
        var stream: String
        var mode: String
        var state: String
        var startedAt: String
        var counts: Counts
        var proof: String?
        var proofDetail: String?
        var notices: [PullNotice]?
        var noticesLeftOut: Int64?
        var error: Failure?
        var log: [Line]?
        var logLeftOut: Int64?

        var proofText: String? {
            proof.map { PullEnd.Statement(proof: $0, detail: proofDetail ?? "").text }
        }

        var noticeLines: [String] {
            PullEnd(notices: notices ?? [], noticesLeftOut: noticesLeftOut ?? 0).noticeLines
        }
    }
}
