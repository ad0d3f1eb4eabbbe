import ArgumentParser
import Foundation
import HeatModel

struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes a configuration and a first mapping file to begin with.",
        discussion: """
            Nothing that exists is overwritten.

            EXAMPLE
              hearth init north-company
            """)

    @Argument(help: "Folder to write into.") var directory = "."
    @Flag(help: "One JSON document instead of text.") var json = false

    func run() throws {
        let top = URL(fileURLWithPath: directory)
        var written: [String] = []
        for (name, text) in Self.files {
            let file = top.appendingPathComponent(name)
            if FileManager.default.fileExists(atPath: file.path) {
                if !json { Terminal.say("kept     \(file.path)") }
                continue
            }
            do {
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: file, options: .withoutOverwriting)
            } catch {
                throw HearthError(
                    .init("usage.notWritable"), "the file cannot be written", at: .file(file.path, line: 0, column: 0),
                    advice: "name a folder that you may write to", cause: error)
            }
            written.append(file.path)
            if !json { Terminal.say("wrote    \(file.path)") }
        }
        if json { return try JSONOutput.print(written) }
        Terminal.say("Next: name your systems in Config/hearth.yaml, then `hearth check` and `hearth discover`.")
    }

    private static let files = [
        (
            "Config/hearth.yaml",
            """
            # Where the legacy systems are and how they are read. Paths are seen from this file's folder.
            # Secrets stay outside: ${env:NAME}, ${file:path}; ${env:NAME:-default} has a default.
            store: {sqlite: ../hearth.db}
            mappings: ../Mappings
            zone: Asia/Shanghai
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
