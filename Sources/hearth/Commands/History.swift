import Answers
import ArgumentParser

struct History: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Every version of every record of an account: what changed, when, in which run, from which position.",
        discussion: """
            A record is shown for the time in which it was the account's. `now` marks a version that stands.

            EXAMPLES
              hearth history 00012345
              hearth history 00012345 --stream billing.charges --json
            """)

    @OptionGroup var options: CommonOptions
    @Argument(help: "Account number.") var number: String
    @Option(help: "Only records of this stream.") var stream: String?
    @OptionGroup var disclosure: DisclosureOptions

    /// What is shown of the document.
    private struct Document: Decodable {
        struct Record: Decodable {
            struct Version: Decodable {
                struct Change: Decodable {
                    var field: String
                    var before: JSONScalar?
                    var beforeFen: Int64?
                    var after: JSONScalar?
                    var afterFen: Int64?
                }
                var run: Int64
                var at: String?
                var origin: String
                var position: Int64
                var voided: Bool
                var changes: [Change]
                var endedBy: Int64?
                var endedAt: String?
                var reason: String?
            }
            var stream: String
            var key: String
            var versions: [Version]
        }
        var records: [Record]
    }

    func run() throws {
        let document = try LocalQuestions(options, disclosure: disclosure).ask(
            .history, ["number": .text(number), "stream": stream.map { .text($0) }])
        if options.json { return Terminal.say(document) }
        let records = try document.decoded(as: Document.self).records
        for record in records { show(record) }
        if records.isEmpty { Terminal.say("no record of this account\(stream.map { " in \($0)" } ?? "")") }
    }

    private func show(_ record: Document.Record) {
        Terminal.say("\(record.stream) / \(record.key)")
        for (index, version) in record.versions.enumerated() {
            Terminal.say(
                "  run \(version.run), \(version.at ?? ""), from \(version.origin) record \(version.position)\(version.voided ? " (voided)" : "")\(version.reason == nil ? " (now)" : "")"
            )
            for change in version.changes {
                let before = change.before.map { $0.text + (change.beforeFen == nil ? "" : " 元") }
                let after = change.after.map { $0.text + (change.afterFen == nil ? "" : " 元") }
                Terminal.say(
                    index == 0
                        ? "    \(change.field) = \(after ?? "")"
                        : "    \(change.field): \(before ?? "–") → \(after ?? "–")")
            }
            if index > 0, version.changes.isEmpty { Terminal.say("    (no field that is mapped)") }
            if let run = version.endedBy, version.reason != "changed" {
                Terminal.say("  \(version.reason ?? ""): run \(run), \(version.endedAt ?? "")")
            }
        }
    }
}
