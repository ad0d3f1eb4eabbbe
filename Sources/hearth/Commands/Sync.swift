import ArgumentParser
import Logging
import Pages
import Records
import Setup
import Store
import Sync

struct Sync: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Pulls what is new, maps, matches and commits it, and rebuilds the views of the accounts it touched.",
        discussion: """
            Safe to stop with Ctrl-C and to run again: a batch is committed whole or not at all. A stream that fails does not stop
            the others. Exit status 1: records of this run went to quarantine; 2: a stream failed, or the sync was stopped. A store on
            servers of which none takes writes just now is waited for as long as `failoverWait:` of the configuration says.

            EXAMPLES
              hearth sync
              hearth sync billing
              hearth sync billing.charges --full
            """)

    @OptionGroup var options: CommonOptions
    @Argument(help: "Sources or streams (source.stream); all of them if none is named.") var selection: [String] = []
    @Flag(help: "Read everything, and take records that a snapshot lacks as deleted.") var full = false
    @Option(help: "Stop each stream after so many rows.") var limit: Int?
    @Flag(help: "Let a snapshot delete however many records it lacks (see the fuse, `vanish:` in the configuration).")
    var allowDeletes = false
    @Option(help: "Rows in a transaction.") var batchRows: Int?
    @OptionGroup var log: LogOptions

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
        if let batchRows, batchRows < 1 { throw ValidationError("--batch-rows must be at least 1") }
    }

    func run() throws {
        Interrupt.catchSignals()
        let tellsLines = log.format == .json
        if tellsLines { log.begin(at: .info) }
        let logger = Logger(label: "hearth")
        let workspace = try options.workspace(madeBy: .sync, patience: .bounded) {
            tellsLines ? logger.warning("\($0)") : Terminal.complain($0)
        }
        let (display, lines) = (ProgressDisplay(isQuiet: options.json), SyncLog(logger))
        let outcome = try workspace.sync(
            selection, mode: full ? .full : .incremental, limit: limit, allowsDeletes: allowDeletes,
            batchRows: batchRows, report: { tellsLines ? lines.note($0) : display.show($0) },
            untold: { tellsLines ? lines.note(untold: $0) : Terminal.complain($0.commandLineText) })
        if tellsLines { lines.note(outcome) }
        if options.json {
            try JSONOutput.print(SyncSummary(outcome))
        } else if !tellsLines {
            if outcome.replayed.replayed > 0 {
                Terminal.note(
                    "quarantine: \(Terminal.grouped(outcome.replayed.replayed)) of the records that waited for their account found it\n"
                )
            }
            Terminal.note("\(Terminal.grouped(outcome.views)) account views rebuilt\n")
            if outcome.quarantined > 0 {
                Terminal.note(
                    "\(Terminal.grouped(outcome.quarantined)) records went to quarantine: `hearth quarantine list`\n")
            }
        }
        if !tellsLines {
            for stream in outcome.unread where !options.json {
                Terminal.note("\(stream): \(Status.unread)\n")
            }
            if outcome.isCancelled { Terminal.note(outcome.stopped()) }
        }
        if outcome.hasFailed || outcome.isCancelled { throw ExitCode(2) }
        if outcome.quarantined > 0 { throw ExitCode(1) }
    }
}

extension SyncOutcome {
    /// What a stopped sync reports, in a line.
    func stopped(in say: Tongue = .english) -> String {
        let names = notRun.map(\.description).joined(separator: ", ")
        let left = notRun.isEmpty ? "" : say(";没有运行:\(names)", "; not run: \(names)")
        return say("按要求停止了\(left)。再同步一次就接着做\n", "stopped on request\(left). Run sync again to carry on\n")
    }
}

/// A sync as `--json` prints it.
struct SyncSummary: Encodable {
    var runs: [RunSummary]
    /// Streams that were not begun because the sync was stopped.
    var notRun: [String]
    /// Streams of which records are held, and that are not configured.
    var unread: [String]
    var isCancelled: Bool
    var views: Int64
    var replayed: Int64

    init(_ outcome: SyncOutcome) {
        runs = outcome.reports.map(RunSummary.init)
        notRun = outcome.notRun.map(\.description)
        unread = outcome.unread
        isCancelled = outcome.isCancelled
        views = outcome.views
        replayed = outcome.replayed.replayed
    }
}
