import ArgumentParser
import Billing
import Foundation
import HeatModel
import Reconciliation
import Setup
import Store
import Sync

struct Reconcile: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What the systems disagree on, and what it is worth in yuan.",
        discussion: """
            Looks for everything that Config/reconciliation.yaml names, and writes findings.csv, totals.csv, summary.json,
            report.html, findings.xlsx and manifest.json. The same store gives the same bytes on every machine.
            Exit status: 0 no finding, 1 findings, 2 failure, 3 configuration or arguments.

            EXAMPLES
              hearth reconcile
              hearth reconcile --season 2025-2026 --out audit/2026-01
              hearth reconcile --as-of 2026-01-31T18:00:00+08:00
              hearth reconcile --recount          count every record again: control totals, places, ids, views
              hearth diff audit/2025-12 audit/2026-01
            """)

    @OptionGroup var options: CommonOptions
    @OptionGroup var files: ReconciliationFiles
    @Option(help: "Only findings of this season, and those that belong to none.") var season: String?
    @OptionGroup var past: PastOptions
    @Option(help: "Folder for the outputs.") var out = "reconciliation"
    @Flag(help: "Begin the CSV files with a byte-order mark, which some spreadsheets want.") var bom = false

    @Flag(
        help:
            "Hold the control totals against the records themselves, cell by cell, and make every table that is derived of them again; takes several times as long."
    )
    var recount = false

    func run() throws {
        Interrupt.catchSignals()
        let workspace = try options.workspace()
        let reconciliation = try files.reconciliation(options, workspace)
        if try workspace.refreshViews() > 0, !options.json { Terminal.note("account views were brought up to date\n") }
        var chosen = Reconciliation.Options()
        chosen.asOf = try past.asOf()
        chosen.season = season
        chosen.writesByteOrderMark = bom
        chosen.recounts = recount
        chosen.peers = workspace.configuration.peers
        let summary = try reconciliation.run(workspace.store, into: out, chosen)
        if options.json { try JSONOutput.print(summary) } else { show(summary) }
        if summary.all.findings > 0 { throw ExitCode(1) }
    }

    private func show(_ summary: Summary) {
        let worth = "worth \(summary.all.absolute) 元"
        Terminal.say(
            "\(Terminal.grouped(summary.accounts)) accounts, \(Terminal.grouped(summary.all.findings)) findings \(worth), as of run \(summary.asOfRun)"
        )
        let rows = summary.rules.filter { $0.count.findings > 0 }.map {
            [
                $0.rule, $0.severity, $0.blocks ? "blocks" : "", "\($0.count.findings)", $0.count.money.description,
                $0.count.absolute.description,
            ]
        }
        if !rows.isEmpty { Terminal.table(["rule", "severity", "", "#findings", "#net 元", "#absolute 元"], rows) }
        Terminal.say(
            "written to \(out): report.html, findings.csv, findings.xlsx, totals.csv, summary.json, manifest.json")
    }
}

/// Where the rules are.
struct ReconciliationFiles: ParsableArguments {
    @Option(help: "The rules; reconciliation.yaml beside the configuration where it is not named.") var rules: String?

    func reconciliation(_ options: CommonOptions, _ workspace: Workspace) throws -> Reconciliation {
        let beside = URL(fileURLWithPath: options.config).deletingLastPathComponent()
            .appendingPathComponent("reconciliation.yaml").relativePath
        var rules = try RuleSet.load(path: rules ?? beside)
        // Where the rules name no city, accounts that state none are of the city that explanations take.
        rules.city = rules.city ?? workspace.configuration.homeCity
        let book = try TariffBook.load(directory: rules.tariffs)
        return try Reconciliation(mappings: workspace.mappings, rules: rules, book: book)
    }
}
