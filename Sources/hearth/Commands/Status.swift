import ArgumentParser
import HeatModel
import Mapping
import Records
import Store
import Sync

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "How fresh each stream is, what the store holds, what waits in quarantine.",
        discussion: "EXAMPLES\n  hearth status\n  hearth status --json")

    @OptionGroup var options: CommonOptions

    private struct Stream: Encodable {
        var stream: String
        var records: Int64
        var succeededAt: String?
        /// When the last pull ended that brought something that was not known; what a stream holds is as old as that.
        var broughtNewsAt: String?
        /// The newest instant that the source states of its data: a time in its rows, the date of its last file.
        var newestData: String?
        var lastState: String?
        var lastError: String?
        var quarantined: Int64
        var totals: [RunTotal]
    }

    private struct Result: Encodable {
        var accounts: Int64
        var storeBytes: Int64
        var viewsToRebuild: Int64
        var streams: [Stream]
    }

    func run() throws {
        let workspace = try options.workspace()
        let result = try workspace.store.read { store in
            let counts = try store.quarantineCounts()
            let streams = try store.streams().map { stream in
                let state = try store.state(stream: stream.id)
                let last = try store.runs(stream: stream.id, limit: 1).first
                return Stream(
                    stream: stream.name, records: state.records, succeededAt: state.succeededAt.map(Terminal.moment),
                    broughtNewsAt: try store.lastNews(of: stream.id).map(Terminal.moment),
                    newestData: state.newestData.map(Terminal.moment),
                    lastState: last?.state.rawValue, lastError: last?.errorMessage,
                    quarantined: counts.filter { $0.stream == stream.name }.reduce(0) { $0 + $1.count },
                    totals: state.totals)
            }
            // Streams that have never been synced are part of the picture.
            let known = Set(streams.map(\.stream))
            let waiting = workspace.mappings.files.keys.map(\.description).filter { !known.contains($0) }.sorted().map {
                Stream(
                    stream: $0, records: 0, succeededAt: nil, broughtNewsAt: nil, lastState: nil, lastError: nil,
                    quarantined: 0, totals: []
                )
            }
            return Result(
                accounts: try store.accountCount(), storeBytes: 0, viewsToRebuild: try store.touchedCount(),
                streams: streams + waiting)
        }
        var complete = result
        complete.storeBytes = try workspace.store.size()
        if options.json { return try JSONOutput.print(complete) }
        Terminal.say(
            "accounts \(Terminal.grouped(complete.accounts)), store \(Terminal.grouped(complete.storeBytes / 1_048_576)) MB"
        )
        if complete.viewsToRebuild > 0 {
            Terminal.say("views to rebuild: \(complete.viewsToRebuild) (the next sync does it)")
        }
        Terminal.table(
            ["stream", "#records", "#quarantined", "last run", "last success", "last news", "newest data"],
            complete.streams.map {
                [
                    $0.stream, Terminal.grouped($0.records), "\($0.quarantined)", $0.lastState ?? "never",
                    $0.succeededAt ?? "never", $0.broughtNewsAt.map(withAge) ?? "never",
                    $0.newestData.map(withAge) ?? "not stated",
                ]
            })
        for stream in complete.streams {
            if let error = stream.lastError {
                Terminal.say("\(stream.stream): last run \(stream.lastState ?? ""): \(error)")
            }
        }
    }

    /// `2026-11-25T02:30:00+08:00 (3 d ago)`
    private func withAge(_ moment: String) -> String {
        guard let instant = Instant(moment) else { return moment }
        let minutes = max(0, (Instant.now.microseconds - instant.microseconds) / 60_000_000)
        let age = minutes < 120 ? "\(minutes) min" : minutes < 2880 ? "\(minutes / 60) h" : "\(minutes / 1440) d"
        return "\(moment) (\(age) ago)"
    }
}

extension StoreReader {
    /// When the last pull of a stream ended that brought a record, another version of one, or the end of one.
    fileprivate func lastNews(of stream: StreamID) throws -> Instant? {
        // Mostly it is among the last few; a stream that is asked often and seldom has news is gone through further.
        for limit in [16, 1024, 65_536] {
            let runs = try runs(stream: stream, limit: limit)
            let news = runs.first { run in
                let counts = run.counts
                return run.mode != "remap" && run.mode != "replay" && counts.new + counts.changed + counts.vanished > 0
            }
            if let news { return news.endedAt ?? news.startedAt }
            if runs.count < limit { return nil }
        }
        return nil
    }
}

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
        let workspace = try options.workspace()
        let runs = try workspace.store.read { store in
            var id: StreamID?
            if let stream { id = try store.existingStream(stream).id }
            return try store.runs(stream: id, limit: limit)
        }
        if options.json { return try JSONOutput.print(runs.map { RunSummary($0) }) }
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
                return ["\(run.id)", run.stream, run.mode, run.state.rawValue] + numbers.map(Terminal.grouped) + [
                    Terminal.moment(run.startedAt)
                ]
            })
        for run in runs {
            if let proof = run.pull.proofText { Terminal.say("run \(run.id): \(proof)") }
            for line in run.pull.noticeLines { Terminal.say("run \(run.id): \(line)") }
            if let message = run.errorMessage { Terminal.say("run \(run.id): \(message)") }
        }
    }
}

struct State: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What is kept of each stream from run to run: its cursor and control totals.",
        discussion: """
            --reset forgets a stream's cursor: the next sync reads it from the beginning. Records stay; unchanged ones stay as they are.

            EXAMPLES
              hearth state
              hearth state billing.charges --reset
            """)

    @OptionGroup var options: CommonOptions
    @Argument(help: "Only this stream.") var stream: String?
    @Flag(help: "Forget the cursor.") var reset = false

    private struct Entry: Encodable {
        var stream: String
        var cursor: String?
        var run: Int64?
        var records: Int64
        var totals: [RunTotal]
    }

    func validate() throws {
        if reset, stream == nil { throw ValidationError("--reset needs the stream that it is to reset") }
    }

    func run() throws {
        let workspace = try options.workspace()
        if let stream { _ = try workspace.store.read { try $0.existingStream(stream) } }
        if reset, let stream {
            try workspace.store.write { store in
                let id = try store.existingStream(stream).id
                let last = try store.runs(stream: id, limit: 1).first?.id ?? RunID(0)
                try store.setCursor(stream: id, run: last, cursor: nil)
            }
        }
        let entries = try workspace.store.read { store in
            try store.streams().filter { stream == nil || $0.name == stream }.map { stream in
                let state = try store.state(stream: stream.id)
                return Entry(
                    stream: state.stream, cursor: state.cursor, run: state.run?.number, records: state.records,
                    totals: state.totals)
            }
        }
        if options.json { return try JSONOutput.print(entries) }
        for entry in entries {
            Terminal.say(
                "\(entry.stream): \(Terminal.grouped(entry.records)) records, cursor \(entry.cursor ?? "none")")
            if entry.totals.isEmpty { continue }
            Terminal.table(
                ["  sum of", "#records", "#元"],
                entry.totals.map {
                    ["  " + $0.measure.replacing("_fen", with: ""), Terminal.grouped($0.count), $0.sum.description]
                })
        }
    }
}

extension StoreReader {
    /// A stream by its name, or an error that says which there are.
    func existingStream(_ name: String) throws -> StoredStream {
        let streams = try streams()
        if let stream = streams.first(where: { $0.name == name }) { return stream }
        throw HearthError(
            .init("usage.unknownStream"), "the store has no stream \"\(name)\"", at: .address("store"),
            advice: streams.isEmpty
                ? "run `hearth sync` first" : "there are: \(streams.map(\.name).joined(separator: ", "))")
    }
}
