import ArgumentParser
import HeatModel
import Records
import Store
import Sync

struct Plan: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What a sync would change, without changing it.",
        discussion: """
            The sync is made in one transaction that is then taken back, so its counts are exact. A sync that begins meanwhile
            waits for it, and gives up after half a minute.
            Exit status 1: something would change, or come into quarantine. 0: the store is up to date.

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

    private struct Change: Encodable {
        var stream: String
        var kind: String
        var key: String
        /// Fields that differ; the values of personal fields are not shown.
        var fields: [String]
    }

    private struct Result: Encodable {
        var runs: [RunSummary]
        var changes: [Change]
    }

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
        if show < 0 { throw ValidationError("--show must be at least 0") }
    }

    func run() throws {
        Interrupt.catchSignals()
        let workspace = try options.workspace()
        var result = Result(runs: [], changes: [])
        var differs = false
        for stream in try workspace.configuration.streams(selection, mappings: workspace.mappings) {
            var shown: [Change] = []
            var policy = workspace.configuration.policy
            policy.allowsAll = allowDeletes
            let report = try workspace.engine.plan(
                stream, options: .init(mode: full ? .full : .incremental, limit: limit, policy: policy)
            ) { change in
                guard shown.count < show, change.kind != .new || shown.count < show / 2 else { return }
                shown.append(
                    Change(
                        stream: stream.name.description, kind: change.kind.rawValue, key: RecordKey.text(change.key),
                        fields: BodyDifference.fields(change.before, change.after)))
            }
            result.runs.append(RunSummary(report))
            result.changes += shown
            var counts = report.counts
            if let remapped = report.remapped {
                if !options.json {
                    Terminal.say(
                        "\(report.stream): the mapping file has changed: \(remapped.changed + remapped.new) of \(remapped.read) records held would change, \(remapped.quarantined) go to quarantine"
                    )
                }
                counts += remapped
            }
            differs = differs || counts.new + counts.changed + counts.vanished > 0 || report.newlyQuarantined > 0
            if !options.json {
                Terminal.say(
                    "\(report.stream): would read \(report.counts.read): \(report.counts.new) new, \(report.counts.changed) changed, \(report.counts.unchanged) unchanged, \(report.counts.duplicate) duplicate, \(report.counts.quarantined) to quarantine; \(report.counts.vanished) vanished"
                )
                for change in shown {
                    Terminal.say(
                        "  \(change.kind) \(change.key)\(change.fields.isEmpty ? "" : ": " + change.fields.joined(separator: ", "))"
                    )
                }
            }
        }
        if options.json { try JSONOutput.print(result) }
        if differs { throw ExitCode(1) }
    }
}
