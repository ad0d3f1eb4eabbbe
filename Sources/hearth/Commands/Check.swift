import ArgumentParser
import Mapping
import Records
import Sync

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Are the sources reachable, do the credentials hold, may we read what is configured?",
        discussion: "EXAMPLE\n  hearth check billing")

    @OptionGroup var options: CommonOptions
    @Argument(help: "Only this source.") var source: String?

    private struct Finding: Encodable {
        var source: String
        var subject: String
        var verdict: String
        var detail: String
        var advice: String?
    }

    func run() throws {
        let configuration = try HearthConfiguration.load(path: options.config)
        // Mapping files are part of what must be right before a sync.
        let mappings = try MappingSet.load(directory: configuration.mappings)
        _ = try configuration.streams(source.map { [$0] } ?? [], mappings: mappings)
        var findings: [Finding] = []
        for item in configuration.sources where source == nil || item.name == source {
            for finding in item.connector.check() {
                findings.append(
                    Finding(
                        source: item.name, subject: finding.subject, verdict: finding.verdict.rawValue, detail: finding.detail,
                        advice: finding.advice))
            }
        }
        if options.json {
            try JSONOutput.print(findings)
        } else {
            for finding in findings {
                Terminal.say("\(Terminal.pad(finding.verdict, 8)) \(finding.source): \(finding.subject): \(finding.detail)")
                if let advice = finding.advice { Terminal.say("         → \(advice)") }
            }
        }
        if findings.contains(where: { $0.verdict == CheckFinding.Verdict.failed.rawValue }) { throw ExitCode(2) }
    }
}
