import ArgumentParser
import Foundation
import HeatModel
import PostgresStore
import SQLiteStore
import StoreCopy
import StoreSQL
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
            let source = try StorePlace(from)
            try source.require()
            let copy = try StoreCopy(from: try source.open(), to: try StorePlace(to).open())
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

/// A store as an argument names it.
private enum StorePlace {
    case file(String)
    case server(String)

    init(_ argument: String) throws {
        let isServer =
            argument.hasPrefix("postgresql://") || argument.hasPrefix("postgres://")
            || argument.prefix { $0 != "=" }.allSatisfy { $0.isLetter || $0 == "_" } && argument.contains("=")
        self = isServer ? .server(argument) : .file(argument)
    }

    func open() throws -> any TableStore {
        switch self {
        case .file(let path): try SQLiteStore(path: path)
        case .server(let conninfo): try PostgresStore(conninfo: conninfo)
        }
    }

    /// - Throws: `store.missing`.
    func require() throws {
        let isThere =
            switch self {
            case .file(let path): FileManager.default.fileExists(atPath: path)
            case .server(let conninfo): try PostgresStore.isThere(conninfo: conninfo)
            }
        if isThere { return }
        throw HearthError(
            .storeMissing, "there is no store to copy", at: .address("--from"),
            advice: "name the store's file or database")
    }
}
