import ArgumentParser
import HeatModel
import StoreCopy
import Sync

struct StoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "The store itself: taken over from a file to a PostgreSQL server, or back.",
        discussion: "EXAMPLES\n  hearth store copy --from hearth.db --to 'host=db dbname=hearth'",
        subcommands: [Copy.self])

    struct Copy: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes a store over into another, row by row, and compares both.",
            discussion: """
                A copy that was cut off goes on where it stopped: give the same command again. Nothing may write to the source meanwhile; the
                comparison at the end tells if anything did. Passwords stand best in ~/.pgpass.

                EXAMPLES
                  hearth store copy --from hearth.db --to 'host=db dbname=hearth user=hearth'
                  hearth store copy --from postgresql://hearth@db/hearth --to back.db
                """)

        @Option(help: "A store: a file, or PostgreSQL's connection settings.")
        var from: String

        @Option(help: "Where it goes: a file that is not there, or an empty database.")
        var to: String

        @Flag(help: "One JSON document instead of text.")
        var json = false

        func run() throws {
            Interrupt.catchSignals()
            let copy = try StoreCopy(from: StorePlace(from), to: StorePlace(to))
            let tables = try copy.run(isCancelled: { Interrupt.flag.isSet }) { table, rows in
                if !json, Terminal.isInteractive { Terminal.note("\r\u{1B}[K\(table) \(rows)") }
            }
            if !json, Terminal.isInteractive { Terminal.note("\r\u{1B}[K") }
            if json { return try JSONOutput.print(Document(tables: tables)) }
            let held = tables.filter { $0.rows > 0 }.sorted { $0.name < $1.name }
            Terminal.table(
                ["table", "#rows", "digest"], held.map { [$0.name, "\($0.rows)", String($0.digest.prefix(16))] })
            Terminal.say("both stores hold the same; name the new one under `store:`, then `hearth audit verify`")
        }

        private struct Document: Encodable {
            var tables: [StoreCopy.Table]
        }
    }
}
