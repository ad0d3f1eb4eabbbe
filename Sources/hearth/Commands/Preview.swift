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

    private struct Row: Encodable {
        struct Column: Encodable {
            var column: String
            var text: String?
        }
        struct Field: Encodable {
            var field: String
            var columns: [String]
            var raw: [String?]
            var canonical: String?
        }
        var position: Int64
        var key: String?
        var accountNumber: String?
        var isVoided: Bool
        var fields: [Field]
        var unread: [Column]
        var reject: String?
    }

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
        var found: [Row] = []
        let request = PullRequest(
            stream: stream.name.stream, mode: .full, limit: rows, isCancelled: { Interrupt.flag.isSet })
        _ = try stream.connector.pull(request) { batch in
            let plan = try MappingPlan(stream.mapping, columns: batch.columns, zone: stream.zone)
            for row in 0..<batch.rowCount { found.append(show(plan.preview(batch, row: row), stream.mapping)) }
            for defect in batch.defects {
                found.append(
                    Row(
                        position: defect.ordinal, key: nil, accountNumber: nil, isVoided: false, fields: [], unread: [],
                        reject: "\(defect.place): \(defect.message) [\(defect.code)]"))
            }
        }
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

    private func show(_ preview: RecordPreview, _ mapping: MappingFile) -> Row {
        let unmask = disclosure.unmask
        func raw(_ text: String?, isPersonal: Bool) -> String? {
            isPersonal && !unmask ? text.map(PersonalField.Mask.whole.text) : text
        }
        func canonical(_ line: RecordPreview.Line) -> String? {
            guard var json = line.canonical, !unmask, let mask = mapping.entity.field(named: line.field)?.mask else {
                return line.canonical
            }
            return json.withUTF8 { mask.text(ofJSON: UnsafeRawBufferPointer($0)) }
        }
        return Row(
            position: preview.ordinal, key: preview.key, accountNumber: preview.accountNumber,
            isVoided: preview.isVoided,
            fields: preview.lines.map { line in
                Row.Field(
                    field: line.field, columns: line.columns,
                    raw: zip(line.columns, line.raw).map {
                        raw($1, isPersonal: line.isPersonal || mapping.isPersonal(column: $0))
                    },
                    canonical: canonical(line))
            },
            unread: preview.unread.map {
                .init(column: $0.column, text: raw($0.raw, isPersonal: mapping.isPersonal(column: $0.column)))
            },
            reject: preview.reject.map { "\($0.mappingPlace.map { "\($0): " } ?? "")\($0.message) [\($0.code)]" })
    }
}
