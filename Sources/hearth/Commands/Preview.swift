import ArgumentParser
import HeatModel
import Mapping
import Records
import Sync

struct Preview: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The first rows of a stream, raw and canonical side by side. Nothing is stored.",
        discussion: "EXAMPLES\n  hearth preview billing.charges --rows 2\n  hearth preview customer.residents --unmask")

    @OptionGroup var options: CommonOptions
    @Argument(help: "Stream (source.stream).") var stream: String
    @Option(help: "How many rows.") var rows = 3
    @Flag(help: "Show personal data in clear.") var unmask = false

    private struct Row: Encodable {
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
        var unread: [RawDisplay.Column]
        var reject: String?
    }

    func validate() throws {
        if rows < 1 { throw ValidationError("--rows must be at least 1") }
    }

    func run() throws {
        Interrupt.catchSignals()
        let configuration = try HearthConfiguration.load(path: options.config)
        let mappings = try MappingSet.load(directory: configuration.mappings)
        guard StreamName(stream) != nil, let stream = try configuration.streams([stream], mappings: mappings).first
        else {
            throw HearthError(
                .init("usage.unknownStream"), "\"\(stream)\" is not a stream",
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
        func raw(_ text: String?, isPersonal: Bool) -> String? {
            isPersonal && !unmask ? text.map(PersonalData.mask) : text
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
                    canonical: raw(line.canonical, isPersonal: line.isPersonal))
            },
            unread: preview.unread.map {
                .init(column: $0.column, text: raw($0.raw, isPersonal: mapping.isPersonal(column: $0.column)))
            },
            reject: preview.reject.map { "\($0.mappingPlace.map { "\($0): " } ?? "")\($0.message) [\($0.code)]" })
    }
}
