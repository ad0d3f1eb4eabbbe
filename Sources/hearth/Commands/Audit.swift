import Answers
import ArgumentParser
import Audit
import Evidence
import Foundation
import Gateway
import HeatModel
import Setup

struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Whether the record was altered, and a bundle that proves it elsewhere.",
        discussion: "EXAMPLES\n  hearth audit verify\n  hearth audit export proof",
        subcommands: [Verify.self, Export.self])

    struct Logs: ParsableArguments {
        @Option(name: .customLong("log"), help: "Folder of an access log; may be given more than once.")
        var folders: [String] = []

        func all(_ workspace: Workspace) -> [String] { folders.isEmpty ? workspace.configuration.logFolders : folders }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Walks the chain of runs and manifests, the archive and the logs, and names the first thing altered.",
            discussion: """
                A head (`seq:hash`) of the chain that was noted elsewhere, on paper or in an exported bundle, also shows whether lines are
                missing at the end or the chain was made again. Exit status: 0 nothing is wrong, 1 something is.

                EXAMPLES
                  hearth audit verify
                  hearth audit verify --head 1204:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
                """)

        @OptionGroup var options: CommonOptions
        @OptionGroup var logs: Logs
        @Option(name: .customLong("head"), help: "A head of the chain that was noted elsewhere.") var heads: [String] =
            []

        @Flag(help: "A manifest that is no longer where it was written is no problem; it is named.")
        var movedManifests = false

        @Flag(help: "Runs of machines that keep an archive of their own are no problem; they are counted.")
        var otherArchives = false

        private struct Summary: Encodable {
            struct Problem: Encodable {
                var kind: String
                var place: String
                var sequence: Int64?
                var message: String
            }
            var ok: Bool
            var head: String
            var lines: Int64
            var runs: Int
            var rows: Int64
            var journals: Int
            var objects: Int
            var objectBytes: Int64
            var manifests: Int
            var manifestsElsewhere: [String]
            var runsElsewhere: [Int64]
            var logs: Int
            var logLines: Int64
            var problem: Problem?

            init(_ result: AuditVerification.Result) {
                ok = result.problem == nil
                head = result.head.description
                lines = result.lines
                runs = result.runs
                rows = result.rows
                journals = result.journals
                objects = result.objects
                objectBytes = result.objectBytes
                manifests = result.manifests
                manifestsElsewhere = result.manifestsElsewhere
                runsElsewhere = result.runsElsewhere
                logs = result.logs
                logLines = result.logLines
                problem = result.problem.map {
                    Problem(kind: $0.kind.rawValue, place: $0.place, sequence: $0.sequence, message: $0.message)
                }
            }
        }

        func run() throws {
            let workspace = try options.workspace()
            let anchors = try heads.map { text in
                guard let head = ChainHead(text) else {
                    throw HearthError(
                        .usageBadHead, "not a head",
                        advice: "write seq:hash as `hearth audit verify` prints it")
                }
                return head
            }
            var verification = try AuditVerification(
                store: workspace.store, archive: workspace.archive, logFolders: logs.all(workspace),
                gateway: workspace.configuration.serve.name,
                outputs: RestoredOutputs(workspace.configuration.ownReconciliations),
                allowsMovedManifests: movedManifests, allowsOtherArchives: otherArchives)
            let result = try verification.run(anchors: anchors)
            if options.json {
                try JSONOutput.print(Summary(result))
            } else {
                show(result)
            }
            if result.problem != nil { throw ExitCode(1) }
        }

        private func show(_ result: AuditVerification.Result) {
            Terminal.say(
                "chain: \(Terminal.grouped(result.lines)) lines, \(result.runs) runs; records and views: \(Terminal.grouped(result.rows)); archive: \(result.journals) journals, \(Terminal.grouped(Int64(result.objects))) objects, \(Terminal.grouped(result.objectBytes)) bytes; manifests: \(result.manifests); logs: \(result.logs), \(Terminal.grouped(result.logLines)) lines"
            )
            for folder in result.manifestsElsewhere {
                Terminal.say("no longer there, not looked at: \(folder)/manifest.json")
            }
            if !result.runsElsewhere.isEmpty {
                Terminal.say("in other archives, not looked at: the journals of \(result.runsElsewhere.count) runs")
            }
            if let problem = result.problem {
                Terminal.say("WRONG  \(problem)")
            } else {
                Terminal.say("nothing is wrong; head \(result.head)")
            }
        }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "A folder that verifies on a machine without hearth: sha256sum -c, and a ten-line script for the chain.",
            discussion: """
                Holds what was pulled in clear, personal data included: give it only to the auditor.

                EXAMPLES
                  hearth audit export 2026-11-bundle --reason 'yearly audit'
                  (cd 2026-11-bundle && sha256sum -c --quiet SHA256SUMS && python3 check_chain.py chain.jsonl)
                """)

        @OptionGroup var options: CommonOptions
        @OptionGroup var logs: Logs
        @Argument(help: "Folder to write; new or empty.") var folder: String
        @OptionGroup var why: ReasonOptions

        func run() throws {
            let workspace = try options.workspace()
            let reason = try why.stated(workspace.configuration)
            try LocalAccess.ofTerminal(workspace.configuration).noteRawText(shownBy: "audit export", reason: reason)
            var bundle = try AuditBundle(
                store: workspace.store, archive: workspace.archive, logFolders: logs.all(workspace),
                outputs: RestoredOutputs(workspace.configuration.ownReconciliations), folder: folder)
            let files = try bundle.write()
            if options.json {
                try JSONOutput.print(["files": files])
            } else {
                Terminal.say("\(files) files in \(folder); README.txt says how to check them")
            }
        }
    }
}
