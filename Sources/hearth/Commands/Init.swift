import ArgumentParser
import Foundation
import HeatModel
import Onboarding
import Setup

struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes what a company begins with: configuration, mapping files, tariffs, answers, rules.",
        discussion: """
            Every command can start in what it writes. Nothing that exists is overwritten.

            With --from it looks at where your data are: finds tables, files and operations, takes samples, suggests mappings, then
            checks and previews what it wrote, and ends with what to look at. It asks nothing, and reads only.
            Exit status of --from: 1 there is something to look at, 2 a source could not be read.

            EXAMPLES
              hearth init north-company
              hearth init --from drops
              hearth init --from postgres://reader@db.example/billing --from drops --from "http://dispatch.example/ws?wsdl"
            """)

    @Argument(help: "Folder to write into.") var directory = "."
    @Option(
        name: .customLong("from"),
        help: "Where data are: a folder, an SQLite file, postgres://…, a WSDL; may be repeated.")
    var from: [String] = []
    @Flag(help: "One JSON document instead of text.") var json = false

    func run() throws {
        let top = URL(fileURLWithPath: directory)
        let places = from.isEmpty ? asked() : from
        if !places.isEmpty { return try FirstWorkspace(top: top, places: places, json: json).make() }
        let written = try Self.write(Self.files.map { ($0, Array($1.utf8)) } + ShippedFiles.all, to: top, isQuiet: json)
        // The folder that the configuration reads from: without it the first sync of it would only say that it is not there.
        try ShippedFiles.makeFolder(top.appendingPathComponent("drops"))
        if json { return try JSONOutput.print(written) }
        Terminal.say("Next: name your systems in Config/hearth.yaml, then `hearth check` and `hearth discover`.")
        Terminal.say("Before production: the official text of your city's prices in Config/tariffs.")
    }

    /// Where a person at the terminal says that the data are; nothing elsewhere.
    private func asked() -> [String] {
        guard !json, isatty(STDIN_FILENO) == 1, Terminal.isInteractive else { return [] }
        Terminal.note(
            "Where are your data? A folder, an SQLite file, postgres://…, a WSDL; one a line, an empty line ends.\n")
        var places: [String] = []
        while let line = readLine()?.trimmingCharacters(in: .whitespaces), !line.isEmpty { places.append(line) }
        return places
    }

    /// Writes what is not there yet. Returns the paths of what was written.
    static func write(_ files: [(name: String, bytes: [UInt8])], to top: URL, isQuiet: Bool) throws -> [String] {
        var written: [String] = []
        try ShippedFiles.write(files, into: top) { path, isWritten in
            if isWritten { written.append(path) }
            if !isQuiet { Terminal.say((isWritten ? "wrote    " : "kept     ") + path) }
        }
        return written
    }

    private static let files = [
        (
            "Config/hearth.yaml",
            """
            # Where the legacy systems are and how they are read. Paths are seen from this file's folder.
            # Secrets stay outside, in any value: ${env:NAME}, ${file:path}; ${env:NAME:-default} has a default.
            store: {sqlite: ../hearth.db}
            mappings: ../Mappings
            zone: Asia/Shanghai
            privacy: {requireReason: true}              # personal data in clear only for a reason, which the access log keeps
            archive: {folder: ../archive, keep: 3650}   # what is pulled, byte for byte; days
            sources:
              billing:
                sql:
                  driver: postgres                # or sqlite, with path:
                  conninfo: host=billing.example dbname=billing user=hearth_reader password=${env:BILLING_PASSWORD}
                streams:
                  accounts: {table: sf_yh, key: [yhid], cursor: gxsj, lookback: 600}
              customer:
                csv: {folder: ../drops}
                streams:
                  residents: {pattern: "*.csv", encoding: auto, semantics: snapshot, ready: .done, key: [用户编号]}

            """
        ),
        (
            "Mappings/customer.residents.yaml",
            """
            # How the rows of customer.residents become premises. `hearth preview customer.residents` shows both sides.
            entity: premises
            from: customer.residents
            key: [用户编号]
            account: {column: 用户编号, as: accountNumber, introduces: true}
            null: ["", "-", "无"]
            fields:
              holder.name:   {column: 姓名, as: text}
              holder.phones: {column: 联系电话, as: phones}
              area.building: {column: 建筑面积, as: decimal(3), unit: m2, required: true, valid: 5..20000}

            """
        ),
        (
            "Mappings/billing.accounts.yaml",
            """
            entity: account
            from: billing.accounts
            key: [yhid]
            account: {column: yhkh, as: accountNumber, registers: {system: billing, column: yhid}}
            fields:
              area.billing: {column: sfmj, as: decimal(3), unit: m2}
              class:        {column: yhlx, as: code, codes: {居民: resident, 单位: unit}}

            """
        ),
        (
            "Mappings/unified.yaml",
            """
            # The account view: for each fact the streams that may state it, the first that does wins.
            facts:
              holder.name:   {from: [customer.residents]}
              holder.phones: {from: [customer.residents]}
              area.building: {from: [customer.residents]}
              area.billing:  {from: [billing.accounts]}
              class:         {from: [billing.accounts]}
            lists: {}

            """
        ),
    ]
}
