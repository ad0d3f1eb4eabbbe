import ArgumentParser
import Foundation
import HeatModel
import Records
import SQLiteStore
import Setup
import Store
import Sync

struct Plan: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What a sync would change, without changing it.",
        discussion: """
            The sync of all the streams named is made in one transaction that is then taken back, so its counts are exact: what a
            stream brings counts for those after it. A sync that begins meanwhile waits for it, and gives up after half a minute; a
            stream that a sync is at work on is refused.
            Exit status 2: a stream would fail. 1: something would change, or come into quarantine. 0: the store is up to date.

            EXAMPLES
              hearth plan
              hearth plan billing.charges --full --show 50
            """)

    @OptionGroup var options: CommonOptions
    @Argument(help: "Sources or streams; all of them if none is named.") var selection: [String] = []
    @Flag(help: "Read everything.") var full = false
    @Option(help: "Stop each stream after so many rows.") var limit: Int?
    @Flag(help: "Without the fuse against too many deletes.") var allowDeletes = false
    @Option(help: "How many changes to show of each stream.") var show = 10

    private struct Result: Encodable {
        var runs: [RunSummary]
        var changes: [PlanSketch.Change]
        /// Records in quarantine that would go through.
        var replayed: Int64
    }

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
        if show < 0 { throw ValidationError("--show must be at least 0") }
    }

    /// Before the first sync a plan is held against an empty store, which goes when it was made.
    private func emptyStore(in folder: URL, named configuration: HearthConfiguration) throws -> any Store {
        let name = configuration.postgres == nil ? configuration.storePath : "the database of `store: postgres:`"
        Terminal.complain("there is no store yet in \(name): everything is new")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return try SQLiteStore(path: folder.appendingPathComponent("empty.db").path)
    }

    func run() throws {
        Interrupt.catchSignals()
        let passing = FileManager.default.temporaryDirectory.appendingPathComponent("hearth-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: passing) }
        let workspace = try options.workspace { try $0.storeIfAny() ?? emptyStore(in: passing, named: $0) }
        var policy = workspace.configuration.policy
        policy.allowsAll = allowDeletes
        let sketch = try workspace.sketch(
            selection, options: .init(mode: full ? .full : .incremental, limit: limit, policy: policy), keeping: show)
        let (outcome, shown) = (sketch.outcome, sketch.changes)
        let reports = outcome.reports
        let result = Result(
            runs: reports.map(RunSummary.init), changes: reports.flatMap { shown[$0.stream] ?? [] },
            replayed: outcome.replayed.replayed)
        if !options.json { tell(outcome, shown) }
        if options.json { try JSONOutput.print(result) }
        if reports.contains(where: { $0.state != .success }) { throw ExitCode(2) }
        if sketch.changesAnything { throw ExitCode(1) }
    }

    private func tell(_ outcome: PlanOutcome, _ shown: [StreamName: [PlanSketch.Change]]) {
        for report in outcome.reports {
            if let remapped = report.remapped {
                Terminal.say(
                    "\(report.stream): the mapping file has changed: \(remapped.changed + remapped.new) of \(remapped.read) records held would change, \(remapped.quarantined) go to quarantine"
                )
            }
            let counts = report.counts
            Terminal.say(
                "\(report.stream): would read \(counts.read): \(counts.new) new, \(counts.changed) changed, \(counts.unchanged) unchanged, \(counts.duplicate) duplicate, \(counts.quarantined) to quarantine; \(counts.vanished) vanished"
            )
            for change in shown[report.stream] ?? [] {
                let fields = change.fields.isEmpty ? "" : ": " + change.fields.joined(separator: ", ")
                Terminal.say("  \(change.kind) \(change.key)\(fields)")
            }
            for notice in report.pull.notices { Terminal.say("  \(notice.text)") }
            if let error = report.error { Terminal.say("  would fail: \(error)") }
        }
        if outcome.replayed.replayed > 0 {
            Terminal.say("quarantine: \(outcome.replayed.replayed) of the records that wait there would go through")
        }
    }
}
