import ArgumentParser
import ConfigurationFiles
import Explanation
import Foundation
import HeatModel
import Logging
import Mapping
import Notices
import Records
import Setup
import Sync
import Triage

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What a sync would stumble on: reach, credentials, rights, columns, records that cannot be read.",
        discussion: """
            Reads the files of answers (tariffs, words, rules), asks each source, then takes the first 200 records of each stream
            through its mapping. Nothing is stored, and nothing is changed anywhere.
            Exit status: 0 a sync may begin; 1 records of the sample would go to quarantine; 2 a source failed; 3 a mapping names
            what its source has not.

            EXAMPLES
              hearth check
              hearth check billing
              hearth check --no-sample          only whether the sources answer
            """)

    @OptionGroup var options: CommonOptions
    @Argument(help: "Only this source.") var source: String?
    @Flag(inversion: .prefixedNo, help: "Take records of each stream through its mapping.") var sample = true

    private struct Finding: Encodable {
        var source: String
        var about: String
        var subject: String
        var verdict: String
        var detail: String
        var advice: String?

        init(_ found: SourceCheck.Finding) {
            source = found.source
            about = found.about.rawValue
            subject = found.finding.subject
            verdict = found.finding.verdict.rawValue
            detail = found.finding.detail
            advice = found.finding.advice?.text(naming: \.commandLineName)
        }
    }

    func run() throws {
        Interrupt.catchSignals()
        let configuration = try HearthConfiguration.load(path: options.config)
        // Mapping files are part of what must be right before a sync.
        let mappings = try MappingSet.load(directory: configuration.mappings)
        // So are the rules of what customers are told, and the channels, once something is sent.
        _ = try CustomerPost(
            configuration, rules: NoticeRules.loadIfAny(besides: configuration.path),
            logger: Logger(label: "hearth") { _ in SwiftLogNoOpLogHandler() })
        try configuration.requireSource(source)
        if source == nil { try configuration.checkAnswers() }
        // Who events go to is read by `hearth serve` alone: what is wrong there is found here.
        _ = try configuration.webhooks()
        let check = try configuration.check(of: source, mappings: mappings, isCancelled: { Interrupt.flag.isSet })
        var findings: [SourceCheck.Finding] = []
        check.run(sample: sample ? .init() : nil) { found in
            findings += found
            if !options.json { for finding in found { show(Finding(finding)) } }
        }
        if options.json { try JSONOutput.print(findings.map(Finding.init)) }
        if let status = status(findings) { throw status }
    }

    private func show(_ finding: Finding) {
        Terminal.say("\(Terminal.pad(finding.verdict, 8)) \(finding.source): \(finding.subject): \(finding.detail)")
        if let advice = finding.advice { Terminal.say("         → \(advice)") }
    }

    private func status(_ findings: [SourceCheck.Finding]) -> ExitCode? {
        func has(_ about: SourceCheck.Subject, _ verdicts: CheckFinding.Verdict...) -> Bool {
            findings.contains { $0.about == about && verdicts.contains($0.finding.verdict) }
        }
        if Interrupt.flag.isSet || has(.source, .failed) { return ExitCode(2) }
        if has(.mapping, .failed) { return ExitCode(3) }
        return has(.records, .failed, .warning) ? ExitCode(1) : nil
    }
}

extension HearthConfiguration {
    /// Reads the files that answers are made by, those that are there: tariffs, words, rules, procedures.
    ///
    /// - Throws: ``ConfigurationErrors`` with every problem of all of them.
    func checkAnswers() throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        func isThere(_ name: String) -> Bool {
            FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path)
        }
        var problems: [HearthError] = []
        func read(_ load: () throws -> Void) throws {
            do { try load() } catch let errors as ConfigurationErrors { problems += errors.errors }
        }
        if isThere("tariffs"), isThere("answers") {
            try read {
                _ = try MoneyAnswers.load(configuration: folder.relativePath, settings: ExplanationSettings())
            }
        }
        try read { _ = try TriageRules.loadIfAny(besides: path) }
        if !problems.isEmpty { throw ConfigurationErrors(problems) }
    }

    /// - Throws: `usage.unknownSource` where there is no source of this name.
    func requireSource(_ name: String?) throws {
        guard let name, !sources.contains(where: { $0.name == name }) else { return }
        throw HearthError(
            .usageUnknownSource, "there is no source \"\(name)\"", at: .address("configuration"),
            advice: "there are: \(sources.map(\.name).joined(separator: ", "))")
    }
}
