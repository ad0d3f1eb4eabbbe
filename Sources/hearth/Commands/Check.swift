import ArgumentParser
import HeatModel
import Mapping
import Records
import Sync

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Are the sources reachable, do the credentials hold, may we read what is configured?",
        discussion:
            "Nothing is stored, and nothing is changed anywhere.\n\nEXAMPLES\n  hearth check\n  hearth check billing")

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
        try configuration.requireSource(source)
        _ = try configuration.streams(source.map { [$0] } ?? [], mappings: mappings)
        var findings: [Finding] = []
        for item in configuration.sources where source == nil || item.name == source {
            for finding in item.connector.check() {
                findings.append(
                    Finding(
                        source: item.name, subject: finding.subject, verdict: finding.verdict.rawValue,
                        detail: finding.detail,
                        advice: finding.advice))
            }
        }
        if options.json {
            try JSONOutput.print(findings)
        } else {
            for finding in findings {
                Terminal.say(
                    "\(Terminal.pad(finding.verdict, 8)) \(finding.source): \(finding.subject): \(finding.detail)")
                if let advice = finding.advice { Terminal.say("         → \(advice)") }
            }
        }
        if findings.contains(where: { $0.verdict == CheckFinding.Verdict.failed.rawValue }) { throw ExitCode(2) }
    }
}

extension HearthConfiguration {
    /// - Throws: `usage.unknownSource` where a source of this name is asked for and there is none.
    func requireSource(_ name: String?) throws {
        guard let name, !sources.contains(where: { $0.name == name }) else { return }
        throw HearthError(
            .init("usage.unknownSource"), "there is no source \"\(name)\"", at: .address("configuration"),
            advice: "there are: \(sources.map(\.name).joined(separator: ", "))")
    }
}
