import Answers
import ArgumentParser
import Disclosure
import HeatModel
import Mapping
import Records
import Setup
import Sync

struct Preview: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The first rows of a stream, raw and canonical side by side. Nothing is stored.",
        discussion:
            "EXAMPLES\n  hearth preview billing.charges --rows 2\n  hearth preview customer.residents --unmask --reason 'mending the mapping'"
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: "Stream (source.stream).") var stream: String
    @Option(help: "How many rows.") var rows = 3
    @OptionGroup var disclosure: DisclosureOptions

    func validate() throws {
        if rows < 1 { throw ValidationError("--rows must be at least 1") }
    }

    func run() throws {
        Interrupt.catchSignals()
        let configuration = try HearthConfiguration.load(path: options.config)
        // What cannot be written down is not looked at.
        let reason = try disclosure.reason(configuration)
        let log = try disclosure.unmask ? LocalAccess.ofTerminal(configuration) : nil
        let mappings = try MappingSet.load(directory: configuration.mappings)
        guard StreamName(stream) != nil, let stream = try configuration.streams([stream], mappings: mappings).first
        else {
            throw HearthError(
                .usageUnknownStream, "\"\(stream)\" is not a stream",
                at: .file(options.config, line: 0, column: 0),
                advice: "write source.stream, as in billing.charges")
        }
        let found = try StreamPreview.rows(
            of: stream, limit: rows, isUnmasked: disclosure.unmask, isCancelled: { Interrupt.flag.isSet })
        let numbers = Set(found.compactMap(\.accountNumber)).sorted()
        let personal = stream.mapping.filledFields.filter(\.isPersonal).map(\.jsonKey)
        try log?.noteRawText(
            shownBy: "preview \(stream.name)", of: numbers, fields: PersonalFieldSet(of: personal), reason: reason)
        if options.json { return try JSONOutput.print(found) }
        for row in found {
            Terminal.say(
                "record \(row.position), key \(row.key.map { RecordKey.text($0) } ?? "–"), account \(row.accountNumber ?? "–")\(row.isVoided ? ", voided" : "")"
            )
            if let reject = row.reject { Terminal.say("  goes to quarantine: \(reject)") }
            if row.fields.isEmpty { continue }
            Terminal.table(
                ["  raw", "text", "canonical", "value"],
                row.fields.map {
                    [
                        "  " + ($0.columns.isEmpty ? "(constant)" : $0.columns.joined(separator: " + ")),
                        $0.raw.map { $0 ?? "NULL" }.joined(separator: " + "), $0.field, $0.canonical ?? "–",
                    ]
                } + row.unread.map { ["  " + $0.column, $0.text ?? "NULL", "(not read)", ""] })
        }
    }
}
