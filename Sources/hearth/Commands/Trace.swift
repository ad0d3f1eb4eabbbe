import ArgumentParser
import Foundation
import HeatModel
import Mapping
import Records
import Store
import Sync

struct Trace: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Where a value of an account comes from: source row, raw text, rule, run.",
        discussion: """
            FIELD is a fact (area.building), a field of every record of its kind (due), or of one record (billing.charges/123.due).

            EXAMPLES
              hearth trace 00012345 area.building
              hearth trace 00012345 billing.charges/8812.due
              hearth trace 00012345 area.building --as-of 2026-01-31T18:00:00+08:00
            """)

    @OptionGroup var options: CommonOptions
    @Argument(help: "Account number.") var number: String
    @Argument(help: "Field.") var field: String
    @OptionGroup var disclosure: DisclosureOptions
    @OptionGroup var past: PastOptions

    private struct Line: Encodable {
        struct Earlier: Encodable {
            var value: String?
            var run: Int64
            var endedBy: Int64?
            var reason: String?
        }
        var field: String
        var value: String?
        /// Of a fact: whether this is the value that the account's view shows.
        var isShown: Bool?
        var stream: String
        var key: String
        var origin: String
        var originSha256: String?
        var position: Int64
        var columns: [RawDisplay.Column]
        var mapping: String?
        var mappingVersion: String
        var run: Int64
        var linkedBy: String
        var isVoided: Bool
        var earlier: [Earlier]
    }

    func run() throws {
        let asOf = try past.asOf()
        let workspace = try options.workspace(ofStore: true)
        let lookup = Lookup(workspace: workspace, command: "trace \(field)", disclosure: disclosure)
        let lines = try lookup.account(number) {
            let found = try statements(workspace, asOf)
            return (found, disclosure.unmask ? PersonalData.keys(of: found.map(\.field)) : [])
        }
        if lines.isEmpty {
            throw HearthError(
                .init("usage.unknownField"), "no record of this account states \"\(field)\"", at: .address("store"),
                advice:
                    "`hearth account \(number)` shows what is known; a field is written area.building or billing.charges/KEY.due"
            )
        }
        if options.json { return try JSONOutput.print(lines) }
        for line in lines { show(line) }
    }

    private func statements(_ workspace: Workspace, _ asOf: AsOf) throws -> [Line] {
        let (wanted, stream, key) = parse()
        return try workspace.store.read { store in
            let bytes = Array(AccountLookup.folded(number).utf8)
            let moment = try store.moment(of: asOf)
            let account = try bytes.withUnsafeBytes { number in
                try moment.map { try store.account(number: number, at: $0) } ?? store.account(number: number)
            }
            guard let account else { throw AccountLookup.unknown(asOf) }
            var lines: [Line] = []
            for record in try moment.map({ try store.records(of: account, at: $0) }) ?? store.records(of: account) {
                if let stream, record.stream != stream { continue }
                if let key, record.key != RecordKey.bytes(key) { continue }
                guard let definition = record.entity.fields.first(where: { $0.name == wanted || $0.jsonKey == wanted })
                else { continue }
                guard let value = value(of: definition, in: record.body) ?? (key == nil ? nil : .some("")) else {
                    continue
                }
                let streamID = try store.existingStream(record.stream).id
                var earlier = try record.key.withUnsafeBytes { try store.history(stream: streamID, key: $0) }
                if let moment {
                    earlier = try earlier.filter {
                        try $0.ended.map { try store.hasEnded($0.run, by: moment) } ?? false
                    }
                }
                lines.append(line(record, definition, value, earlier, workspace.mappings))
            }
            return ranked(lines, workspace.mappings.unified)
        }
    }

    /// Of a fact the value that the view shows comes first.
    private func ranked(_ lines: [Line], _ unified: UnifiedView) -> [Line] {
        guard let first = lines.first, let fact = unified.facts.first(where: { $0.field.name == first.field }) else {
            return lines
        }
        let ranks = Dictionary(uniqueKeysWithValues: fact.from.enumerated().map { ($1.description, $0) })
        var sorted = lines.enumerated().sorted {
            (ranks[$0.element.stream] ?? .max, $0.offset) < (ranks[$1.element.stream] ?? .max, $1.offset)
        }.map(\.element)
        for index in sorted.indices where ranks[sorted[index].stream] != nil { sorted[index].isShown = index == 0 }
        return sorted
    }

    /// `field`, or `stream/key.field`; the field's own name may hold a dot.
    private func parse() -> (field: String, stream: String?, key: String?) {
        guard let slash = field.firstIndex(of: "/") else { return (field, nil, nil) }
        let rest = field[field.index(after: slash)...]
        guard let dot = rest.firstIndex(of: ".") else { return (String(rest), String(field[..<slash]), nil) }
        return (String(rest[rest.index(after: dot)...]), String(field[..<slash]), String(rest[..<dot]))
    }

    private func value(of definition: FieldDefinition, in body: [UInt8]) -> String? {
        guard let value = BodyDifference.object(body)[definition.jsonKey] else { return nil }
        return FieldText.text(value, of: definition, unmask: disclosure.unmask)
    }

    private func line(
        _ record: StoredRecord, _ definition: FieldDefinition, _ value: String, _ earlier: [StoredRecord],
        _ mappings: MappingSet
    ) -> Line {
        let mapping = mappings.files.first { $0.key.description == record.stream }?.value
        let wanted = mapping?.columns(of: definition.name) ?? []
        let raw = RawDisplay(
            record.raw, columns: record.columns, isSplit: true, mapping: mapping, unmask: disclosure.unmask)
        return Line(
            field: definition.name, value: value, stream: record.stream, key: RecordKey.text(record.key),
            origin: record.provenance.origin,
            originSha256: record.provenance.originDigest, position: record.provenance.ordinal,
            columns: (raw.columns ?? []).filter { wanted.contains($0.column) },
            mapping: mapping?.place(of: definition.name).map { "\($0)" },
            mappingVersion: record.provenance.mappingVersion,
            run: record.provenance.run, linkedBy: record.rule.name, isVoided: record.isVoided,
            earlier: earlier.map {
                .init(
                    value: self.value(of: definition, in: $0.body), run: $0.provenance.run,
                    endedBy: $0.ended?.run.number,
                    reason: $0.ended?.reason.rawValue)
            })
    }

    private func show(_ line: Line) {
        let standing =
            line.isVoided
            ? "   (voided)" : line.isShown.map { $0 ? "   (shown in the account)" : "   (not the one shown)" } ?? ""
        Terminal.say("\(line.field) = \(line.value ?? "")\(standing)")
        Terminal.say("  record    \(line.stream) / \(line.key), linked by \(line.linkedBy)")
        Terminal.say(
            "  read from \(line.origin), record \(line.position)\(line.originSha256.map { ", sha256 \($0.prefix(16))…" } ?? "")"
        )
        for column in line.columns { Terminal.say("  raw       \(column.column) = \(column.text ?? "NULL")") }
        if let mapping = line.mapping {
            Terminal.say("  rule      \(mapping), version \(line.mappingVersion.prefix(12))")
        }
        Terminal.say("  run       \(line.run)")
        for earlier in line.earlier {
            Terminal.say(
                "  before    \(earlier.value ?? "–") (run \(earlier.run), ended by run \(earlier.endedBy ?? 0): \(earlier.reason ?? ""))"
            )
        }
    }
}
