import Answers
import ArgumentParser
import HeatModel
import Records
import Store

struct Runs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The runs, newest first, with their books and control totals.",
        discussion: "EXAMPLE\n  hearth runs billing.charges --limit 5 --json")

    @OptionGroup var options: CommonOptions
    @Argument(help: "Only this stream.") var stream: String?
    @Option(help: "How many.") var limit = 20

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit must be at least 1") }
    }

    func run() throws {
        let questions = try LocalQuestions(options)
        let document = try questions.ask(.runs(stream: stream, limit: limit))
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

        var proofText: String? {
            proof.map { PullEnd.Statement(proof: $0, detail: proofDetail ?? "").text }
        }

        var noticeLines: [String] {
            PullEnd(notices: notices ?? [], noticesLeftOut: noticesLeftOut ?? 0).noticeLines
        }
    }
}
