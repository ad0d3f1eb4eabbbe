import ArgumentParser
import Foundation
import HeatModel
import Reconciliation

struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What changed between two outputs of hearth reconcile.",
        discussion: """
            New, resolved, changed and persisting findings with their money; of changed ones which fields, from what to what.
            Exit status: 0 the same, 1 different, 2 failure, 3 arguments.

            EXAMPLES
              hearth diff audit/2025-12 audit/2026-01
              hearth diff audit/2025-12 audit/2026-01 --csv > changes.csv
            """)

    @Argument(help: "The earlier output: a folder, or its findings.csv.") var before: String
    @Argument(help: "The later output.") var after: String
    @Flag(help: "One JSON document instead of text.") var json = false
    @Flag(help: "A CSV row for each difference instead of text.") var csv = false
    @Option(help: "Differences to list as text; the counts are always of all.") var limit = 50

    func validate() throws {
        if json && csv { throw ValidationError("--json and --csv cannot both be") }
    }

    func run() throws {
        let counts = json ? try showJSON() : csv ? try showCSV() : try showText()
        if !counts.isSame { throw ExitCode(1) }
    }

    private func showJSON() throws -> Comparison.Counts {
        // Written piece by piece: there may be more differences than memory holds.
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var isFirst = true
        Terminal.put("{\"differences\":[")
        let counts = try Comparison.run(before, after) { difference in
            Terminal.put((isFirst ? "\n" : ",\n") + String(decoding: try encoder.encode(difference), as: UTF8.self))
            isFirst = false
        }
        Terminal.say("],\n\"counts\":\(String(decoding: try encoder.encode(counts), as: UTF8.self))}")
        return counts
    }

    private func showCSV() throws -> Comparison.Counts {
        Terminal.put(Comparison.Difference.csvHeader)
        return try Comparison.run(before, after) { Terminal.put($0.csvLines) }
    }

    private func showText() throws -> Comparison.Counts {
        var listed = 0
        let counts = try Comparison.run(before, after) { difference in
            listed += 1
            if listed > limit { return }
            let sign = ["new": "+", "resolved": "-", "changed": "~"][difference.kind.rawValue] ?? " "
            let money = (difference.after ?? difference.before ?? .zero).description
            let parts = [difference.rule, difference.account, difference.season, money + " 元", difference.text]
            Terminal.say("\(sign) " + parts.filter { !$0.isEmpty }.joined(separator: "  "))
            for change in difference.changes where change.field != "text_zh" && change.field != "text_en" {
                Terminal.say("    \(change.field): \(change.from) → \(change.to)")
            }
        }
        if listed > limit { Terminal.say("… and \(listed - limit) more: --limit, --csv or --json") }
        Terminal.table(
            ["", "#findings", "#net 元", "#absolute 元"],
            [
                ("new", counts.new), ("resolved", counts.resolved), ("changed", counts.changed),
                ("persisting", counts.persisting),
            ].map { [$0.0, Terminal.grouped($0.1.findings), $0.1.money.description, $0.1.absolute.description] })
        Terminal.say(counts.isSame ? "the same" : "money changed by \(counts.moneyChange) 元")
        return counts
    }
}
