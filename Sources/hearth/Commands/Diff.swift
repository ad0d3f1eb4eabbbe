import ArgumentParser
import Foundation
import HeatModel
import Mapping
import Reconciliation
import Setup
import Store

struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What changed between two outputs of hearth reconcile.",
        discussion: """
            New, resolved, changed and persisting findings with their money; of changed ones which fields, from what to what.
            Exit status: 0 the same, 1 different, 2 failure, 3 arguments.

            EXAMPLES
              hearth diff audit/2025-12 audit/2026-01
              hearth diff audit/2025-12 audit/2026-01 --csv > changes.csv
              hearth diff --as-of 12 --as-of now
              hearth diff --view --as-of 2026-01-01T00:00:00+08:00 --as-of now
            """)

    @OptionGroup var options: CommonOptions
    @OptionGroup var files: ReconciliationFiles
    @Argument(help: "The earlier output: a folder, or its findings.csv. Then the later one.") var outputs: [String] = []
    @Option(
        name: .customLong("as-of"), parsing: .singleValue,
        help: "Instead of outputs: an instant with its offset, a run's number, or now. Twice.")
    var asOf: [String] = []
    @Flag(help: "The account views of the two moments themselves.") var view = false
    @Flag(help: "A CSV row for each difference instead of text.") var csv = false
    @Option(help: "Differences to list as text; the counts are always of all.") var limit = 50

    func validate() throws {
        if limit < 0 { throw ValidationError("--limit must be at least 0") }
        if options.json && csv { throw ValidationError("--json and --csv cannot both be") }
        let isOfOutputs = outputs.count == 2 && asOf.isEmpty && !view
        if !isOfOutputs && !(outputs.isEmpty && asOf.count == 2) {
            throw ValidationError("name two outputs, or --as-of twice (with --view for the account views)")
        }
    }

    func run() throws {
        if view { return try compareViews() }
        if asOf.isEmpty { return try compare(outputs[0], outputs[1]) }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hearth-diff-\(UUID().uuidString)")
            .path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let workspace = try options.workspace()
        let reconciliation = try files.reconciliation(options, workspace)
        for (index, text) in asOf.enumerated() {
            var chosen = Reconciliation.Options()
            chosen.asOf = try AsOf(argument: text)
            // The outputs are gone again below: no later reconciliation may name them.
            chosen.isKept = false
            if chosen.asOf == .present { _ = try workspace.refreshViews() }
            _ = try reconciliation.run(workspace.store, into: "\(folder)/\(index)", chosen)
        }
        try compare("\(folder)/0", "\(folder)/1")
    }

    private func compare(_ before: String, _ after: String) throws {
        let counts =
            options.json
            ? try showJSON(before, after) : csv ? try showCSV(before, after) : try showText(before, after)
        if !counts.isSame { throw ExitCode(1) }
    }

    private func compareViews() throws {
        let workspace = try options.workspace()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var listed = 0
        if options.json { Terminal.put("{\"differences\":[") }
        if csv { Terminal.put(ViewComparison.Difference.csvHeader) }
        let counts = try ViewComparison.run(
            workspace.store, workspace.mappings.unified, from: AsOf(argument: asOf[0]), to: AsOf(argument: asOf[1])
        ) { difference in
            listed += 1
            if options.json {
                Terminal.put(
                    (listed == 1 ? "\n" : ",\n") + String(decoding: try encoder.encode(difference), as: UTF8.self))
            } else if csv {
                Terminal.put(difference.csvLines)
            } else if listed <= limit {
                Terminal.say("\(difference.kind.rawValue) \(difference.account)  \(difference.arrearsChange) 元")
                for change in difference.changes { Terminal.say("    \(change.field): \(change.from) → \(change.to)") }
            }
        }
        if options.json {
            Terminal.say("],\n\"counts\":\(String(decoding: try encoder.encode(counts), as: UTF8.self))}")
        } else if !csv {
            if listed > limit { Terminal.say("… and \(listed - limit) more: --limit, --csv or --json") }
            Terminal.say(
                "accounts: \(counts.new) new, \(counts.gone) gone, \(counts.changed) changed, \(counts.same) the same; arrears changed by \(counts.arrearsChange) 元"
            )
        }
        if !counts.isSame { throw ExitCode(1) }
    }

    private func showJSON(_ before: String, _ after: String) throws -> Comparison.Counts {
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

    private func showCSV(_ before: String, _ after: String) throws -> Comparison.Counts {
        Terminal.put(Comparison.Difference.csvHeader)
        return try Comparison.run(before, after) { Terminal.put($0.csvLines) }
    }

    private func showText(_ before: String, _ after: String) throws -> Comparison.Counts {
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
