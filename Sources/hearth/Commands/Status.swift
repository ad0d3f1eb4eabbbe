import Answers
import ArgumentParser
import HeatModel
import Mapping
import Records
import Setup
import Store
import Sync

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "How fresh each stream is, what the store holds, what waits in quarantine.",
        discussion: "EXAMPLES\n  hearth status\n  hearth status --json")

    @OptionGroup var options: CommonOptions

    /// Of a stream that the configuration does not name, or that has no mapping file.
    static let unread =
        "not configured: its records are kept as they are, and count in accounts where unified.yaml names it"

    func run() throws {
        let questions = try LocalQuestions(options)
        if options.json { return Terminal.say(try questions.ask(.freshness)) }
        let store = questions.workspace.store
        let answerer = try questions.answerer()
        let bytes = try store.size()
        let workspace = questions.workspace
        let configured = Set(workspace.configuration.mappedStreams(workspace.mappings).map(\.name.description))
        try store.read { reader in
            Terminal.say(
                "accounts \(Terminal.grouped(try reader.accountCount())), store \(Terminal.grouped(bytes / 1_048_576)) MB"
            )
            let waiting = try reader.touchedCount()
            if waiting > 0 { Terminal.say("views to rebuild: \(waiting) (the next sync does it)") }
            show(try answerer.streamStates(reader), configured: configured)
        }
    }

    private func show(_ streams: [StreamState], configured: Set<String>) {
        Terminal.table(
            ["stream", "#records", "#quarantined", "last run", "last success", "last news", "newest data"],
            streams.map {
                [
                    $0.name, Terminal.grouped($0.records), "\($0.quarantined)", $0.last?.state.rawValue ?? "never",
                    $0.succeededAt.map(Terminal.moment) ?? "never", $0.broughtNewsAt.map(withAge) ?? "never",
                    $0.newestData.map(withAge) ?? "not stated",
                ]
            })
        for stream in streams {
            if !configured.contains(stream.name), stream.records > 0 { Terminal.say("\(stream.name): \(Self.unread)") }
            if let last = stream.last, let error = last.errorMessage {
                Terminal.say("\(stream.name): last run \(last.state.rawValue): \(error)")
            }
        }
    }

    /// `2026-11-25T02:30:00+08:00 (3 d ago)`
    private func withAge(_ instant: Instant) -> String {
        let minutes = max(0, (Instant.now.microseconds - instant.microseconds) / 60_000_000)
        let age = minutes < 120 ? "\(minutes) min" : minutes < 2880 ? "\(minutes / 60) h" : "\(minutes / 1440) d"
        return "\(Terminal.moment(instant)) (\(age) ago)"
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
        var totals: [MoneyTotal]
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
                    totals: state.totals.map { MoneyTotal($0) })
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
                    [
                        "  " + $0.measure.replacing("_fen", with: ""), Terminal.grouped($0.count),
                        Fen($0.sumFen).description,
                    ]
                })
        }
    }
}

extension StoreReader {
    /// A stream by its name, as a question finds it, or an error that says which there are.
    func existingStream(_ name: String) throws -> StoredStream {
        do {
            return try Answerer.stream(name, self)
        } catch let problem as Problem {
            throw HearthError(problem)
        }
    }
}
