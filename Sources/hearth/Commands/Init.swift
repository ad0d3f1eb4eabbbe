import ArgumentParser
import Foundation
import HeatModel

struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes what a company begins with: configuration, mapping files, tariffs, answers, rules.",
        discussion: """
            Every command can start in what it writes. Nothing that exists is overwritten.

            EXAMPLE
              hearth init north-company
            """)

    @Argument(help: "Folder to write into.") var directory = "."
    @Flag(help: "One JSON document instead of text.") var json = false

    func run() throws {
        let top = URL(fileURLWithPath: directory)
        var written: [String] = []
        try ShippedFiles.write(Self.files.map { ($0, Array($1.utf8)) } + ShippedFiles.all, into: top) {
            path, isWritten in
            if isWritten { written.append(path) }
            if !json { Terminal.say((isWritten ? "wrote    " : "kept     ") + path) }
        }
        // The folder that the configuration reads from: without it the first sync of it would only say that it is not there.
        try ShippedFiles.makeFolder(top.appendingPathComponent("drops"))
        if json { return try JSONOutput.print(written) }
        Terminal.say("Next: name your systems in Config/hearth.yaml, then `hearth check` and `hearth discover`.")
        Terminal.say("Before production: the official text of your city's prices in Config/tariffs.")
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
