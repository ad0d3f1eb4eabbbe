import AccountView
import Foundation
import HeatModel
import Mapping
import Records
import Store
import Sync

extension Answers {
    /// Where a value comes from: of each record that states it the source row, the raw columns, the rule, the run and what it
    /// said before. FIELD is a fact (`area.building`), or a field of records (`due`); `record` (`billing.charges/123`) picks one.
    func trace(_ call: Call, _ store: any StoreReader) throws -> Answer {
        let number = try call.accountNumber()
        guard let wanted = call.values.last, wanted.utf8.count <= 100 else {
            throw Problem.parameter("field", "is too long")
        }
        let catalogue = EntityKind.allCases.flatMap(\.fields)
        guard let definition = catalogue.first(where: { $0.name == wanted || $0.jsonKey == wanted }) else {
            var problem = Problem(
                404, "unknown-field", "There is no field of this name",
                detail: NearestName.advice(wanted, among: catalogue.map(\.name)))
            problem.parameter = "field"
            throw problem
        }
        let record = try call.text("record", allowing: "\u{1F}").map { try Self.recordName($0) }
        let bytes = Array(number.utf8)
        let moment = try moment(of: call, store)
        let known = try bytes.withUnsafeBytes { bytes in
            try moment.map { try store.account(number: bytes, at: $0) } ?? store.account(number: bytes)
        }
        guard let account = known else { throw Problem.unknownAccount }
        let streams = Dictionary(try store.streams().map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })
        var found: [(stream: String, json: [UInt8])] = []
        for stored in try moment.map({ try store.records(of: account, at: $0) }) ?? store.records(of: account) {
            if let record, stored.stream != record.stream || !record.keys.contains(stored.key) { continue }
            guard let field = stored.entity.fields.first(where: { $0.name == definition.name }),
                let value = Self.value(of: field, in: stored.body)
            else { continue }
            var earlier = try stored.key.withUnsafeBytes { key in
                try streams[stored.stream].map { try store.history(stream: $0, key: key) } ?? []
            }
            if let moment {
                earlier = try earlier.filter { try $0.ended.map { try store.hasEnded($0.run, by: moment) } ?? false }
            }
            var json = JSONBytes()
            write(stored, field, value, earlier, call.form, into: &json)
            found.append((stored.stream, json.bytes))
        }
        if found.isEmpty {
            throw Problem(
                404, "not-stated", "No record of this account states the field",
                detail: "the account's view shows what is known", parameter: "field")
        }
        let fact = workspace.mappings.unified.facts.first { $0.field.name == definition.name }
        let ranks = Dictionary(
            (fact?.from ?? []).enumerated().map { ($1.description, $0) }, uniquingKeysWith: { first, _ in first })
        let sorted = found.enumerated().sorted {
            (ranks[$0.element.stream] ?? .max, $0.offset) < (ranks[$1.element.stream] ?? .max, $1.offset)
        }.map(\.element)
        var json = JSONBytes()
        json.raw("{")
        json.member("account_number", number)
        json.member("field", definition.name)
        json.member("personal", definition.isPersonal)
        json.key("records")
        json.raw("[")
        for (index, record) in sorted.enumerated() {
            json.separate()
            json.raw("{")
            if fact != nil { json.member("shown", index == 0 && ranks[record.stream] != nil) }
            json.separate()
            json.raw(record.json)
            json.raw("}")
        }
        json.raw("]}")
        var answer = Answer(.json, json.bytes)
        answer.tag = json.withUnsafeBytes { ContentTag.of($0, seed: call.form.isUnmasked ? 2 : 1) }
        var shown: PersonalFieldSet = []
        if call.form.isUnmasked, let place = PersonalField.all.firstIndex(where: { $0.key == definition.jsonKey }) {
            shown.insert(PersonalFieldSet(place: place))
        }
        answer.accesses = [call.access([number], "ok", shown)]
        return answer
    }

    /// `billing.charges/123`; the parts of a key of several columns are joined by U+001F, as views print them, or by a comma, as people
    /// type them. Where a comma is part of the key itself both readings are meant.
    private static func recordName(_ text: String) throws(Problem) -> (stream: String, keys: [[UInt8]]) {
        let parts = text.split(separator: "/", maxSplits: 1)
        guard parts.count == 2, !parts[0].contains("\u{1F}") else {
            throw .parameter("record", "must be STREAM/KEY, as in billing.charges/123")
        }
        return (String(parts[0]), [Array(parts[1].utf8), Array(parts[1].replacing(",", with: "\u{1F}").utf8)])
    }

    /// The JSON text of a field in a body.
    private static func value(of field: FieldDefinition, in body: [UInt8]) -> [UInt8]? {
        var key = field.jsonKey
        return key.withUTF8 { key in
            body.withUnsafeBytes { body in
                FlatJSON(bytes: body).value(of: UnsafeRawBufferPointer(key)).map { Array($0) }
            }
        }
    }

    private func write(
        _ record: StoredRecord, _ field: FieldDefinition, _ value: [UInt8], _ earlier: [StoredRecord], _ form: ViewForm,
        into json: inout JSONBytes
    ) {
        let mapping = workspace.mappings.files.first { $0.key.description == record.stream }?.value
        Self.write(field, value, form, into: &json)
        json.member("stream", record.stream)
        json.member("key", String(decoding: record.key, as: UTF8.self).replacing("\u{1F}", with: ","))
        json.member("origin", record.provenance.origin)
        json.member("origin_sha256", record.provenance.originDigest)
        json.member("position", record.provenance.ordinal)
        json.key("columns")
        json.raw("[")
        let wanted = mapping?.columns(of: field.name) ?? []
        let values = RawRecord.decode(record.raw, columns: record.columns.count) ?? []
        for (name, text) in zip(record.columns, values) where wanted.contains(name) {
            json.separate()
            json.raw("{")
            json.member("column", name)
            let isPersonal = mapping?.isPersonal(column: name) ?? true
            if let text {
                json.member("text", isPersonal && !form.isUnmasked ? "***" : String(decoding: text, as: UTF8.self))
            }
            json.raw("}")
        }
        json.raw("]")
        json.member("mapping", mapping?.place(of: field.name).map { Self.fileName("\($0)") })
        json.member("mapping_version", record.provenance.mappingVersion)
        json.member("run", record.provenance.run)
        json.member("linked_by", record.rule.name)
        json.member("voided", record.isVoided)
        json.key("earlier")
        json.raw("[")
        for version in earlier {
            json.separate()
            json.raw("{")
            if let value = Self.value(of: field, in: version.body) { Self.write(field, value, form, into: &json) }
            json.member("run", version.provenance.run)
            json.member("ended_by", version.ended?.run.number)
            json.member("reason", version.ended?.reason.rawValue)
            json.raw("}")
        }
        json.raw("]")
    }

    /// The machine's folders are nobody's business.
    private static func fileName(_ place: String) -> String {
        place.split(separator: "/").last.map(String.init) ?? place
    }

    private static func write(_ field: FieldDefinition, _ value: [UInt8], _ form: ViewForm, into json: inout JSONBytes)
    {
        // Under the field's own key, so that the form applies to it, then under the name that every answer has.
        var object = JSONBytes()
        object.raw("{")
        object.key(field.jsonKey)
        object.raw(value)
        object.raw("}")
        var formed = JSONBytes()
        object.withUnsafeBytes { _ = form.write($0, into: &formed) }
        formed.withUnsafeBytes { formed in
            var members = JSONMembers(formed)
            while let (key, value) = members.next() {
                json.key(
                    field.type == .fen && String(decoding: key, as: UTF8.self).hasSuffix("_fen") ? "value_fen" : "value"
                )
                json.raw(value)
            }
        }
    }
}
