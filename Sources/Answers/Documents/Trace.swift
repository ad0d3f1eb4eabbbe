package import Disclosure
import Foundation
import HeatModel
import JSONText
import Mapping
import Records
import Store

extension Answerer {
    /// Where a value comes from: of each record that states it the source row, the raw columns, the rule, the run and what it
    /// said before. FIELD is a fact (`area.building`), or a field of records (`due`); `record` (`billing.charges/123`) picks one.
    func trace(
        _ number: String, _ wanted: String, _ record: Question.RecordName?, _ asOf: AsOf, _ requester: Requester,
        _ store: any StoreReader
    ) throws -> Reply {
        let form = requester.form
        let catalogue = EntityKind.allCases.flatMap(\.fields)
        guard let definition = catalogue.first(where: { $0.name == wanted || $0.jsonKey == wanted }) else {
            throw Problem(
                .unknown, "unknown-field", "There is no field of this name",
                detail: "\"\(wanted)\" is none; \(NearestName.advice(wanted, among: catalogue.map(\.name)) ?? "")",
                parameter: "field")
        }
        let bytes = Array(number.utf8)
        let moment = asOf == .present ? nil : try store.moment(of: asOf)
        let known = try bytes.withUnsafeBytes { bytes in
            try moment.map { try store.account(number: bytes, at: $0) } ?? store.account(number: bytes)
        }
        guard let account = known else { throw Problem.unknownAccount }
        let streams = Dictionary(try store.streams().map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })
        var found: [(stream: String, json: [UInt8])] = []
        for stored in try moment.map({ try store.records(of: account, at: $0) }) ?? store.records(of: account) {
            if let record, !record.isName(of: stored) { continue }
            guard let field = stored.entity.fields.first(where: { $0.name == definition.name }) else { continue }
            let value = Self.value(of: field, in: stored.body)
            // Of a record that is named it is worth knowing that it states nothing.
            if value == nil, record?.key == nil { continue }
            var earlier = try stored.key.withUnsafeBytes { key in
                try streams[stored.stream].map { try store.history(stream: $0, key: key) } ?? []
            }
            if let moment {
                earlier = try earlier.filter { try $0.ended.map { try store.hasEnded($0.run, by: moment) } ?? false }
            }
            var json = JSONBytes()
            write(stored, field, value, earlier, form, into: &json)
            found.append((stored.stream, json.bytes))
        }
        if found.isEmpty {
            throw Problem(
                .unknown, "not-stated", "No record of this account states the field",
                detail: "the account's view shows what is known", parameter: "field")
        }
        let fact = mappings.unified.facts.first { $0.field.name == definition.name }
        let ranks = Dictionary(
            (fact?.from ?? []).enumerated().map { ($1.description, $0) }, uniquingKeysWith: { first, _ in first })
        let sorted = found.enumerated().sorted {
            (ranks[$0.element.stream] ?? .max, $0.offset) < (ranks[$1.element.stream] ?? .max, $1.offset)
        }.map(\.element)
        var json = JSONBytes()
        json.raw("{\"version\":2")
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
        let tag = json.withUnsafeBytes { ContentTag.of($0, seed: form.isUnmasked ? 2 : 1) }
        let shown = form.isUnmasked ? PersonalFieldSet(of: [definition.jsonKey]) : []
        return Reply(AnswerDocument(json.bytes, tag: tag), [requester.access([number], "ok", shown)])
    }

    /// The JSON text of a field in a body.
    static func value(of field: FieldDefinition, in body: [UInt8]) -> [UInt8]? {
        var key = field.jsonKey
        return key.withUTF8 { key in
            body.withUnsafeBytes { body in
                JSONMembers.value(of: UnsafeRawBufferPointer(key), in: body).map { Array($0) }
            }
        }
    }

    private func write(
        _ record: StoredRecord, _ field: FieldDefinition, _ value: [UInt8]?, _ earlier: [StoredRecord],
        _ form: ViewForm,
        into json: inout JSONBytes
    ) {
        let mapping = mappings.files.first { $0.key.description == record.stream }?.value
        if let value { Self.write(field, value, as: "value", form, into: &json) }
        json.member("stream", record.stream)
        json.member("key", RecordKey.text(record.key))
        json.member("origin", record.provenance.origin)
        json.member("origin_sha256", record.provenance.originDigest)
        json.member("position", record.provenance.ordinal)
        json.key("columns")
        json.raw("[")
        let wanted = mapping?.columns(of: field.name) ?? []
        let values = RawRecord.decode(record.raw, columns: record.columns.count) ?? []
        for (name, text) in zip(record.columns, values) where wanted.contains(name) {
            Self.write(name, text, mapping, isUnmasked: form.isUnmasked, into: &json)
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
            if let value = Self.value(of: field, in: version.body) {
                Self.write(field, value, as: "value", form, into: &json)
            }
            json.member("run", version.provenance.run)
            json.member("ended_by", version.ended?.run.number)
            json.member("reason", version.ended?.reason.rawValue)
            json.raw("}")
        }
        json.raw("]")
    }

    /// The machine's folders are no requester's business.
    static func fileName(_ place: String) -> String {
        place.split(separator: "/").last.map(String.init) ?? place
    }

    /// A field's value in the requester's form under a name of the document's: `"value":"新华路8号"`, of money
    /// `"value_fen":99098,"value":"990.98"`.
    static func write(
        _ field: FieldDefinition, _ value: [UInt8], as name: String, _ form: ViewForm, into json: inout JSONBytes
    ) {
        // Under the field's own key first, so that the form applies to it.
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
                    field.type == .fen && String(decoding: key, as: UTF8.self).hasSuffix("_fen") ? name + "_fen" : name)
                json.raw(value)
            }
        }
    }
}

extension Question.RecordName {
    /// Where a comma is part of the key itself both readings are meant.
    fileprivate func isName(of record: StoredRecord) -> Bool {
        guard record.stream == stream else { return false }
        guard let key else { return true }
        return record.key == Array(key.utf8) || record.key == Array(key.replacing(",", with: "\u{1F}").utf8)
    }
}

extension PersonalFieldSet {
    /// Those of some JSON keys that are personal.
    package init(of keys: some Sequence<String>) {
        self.init()
        for key in keys {
            if let place = PersonalField.all.firstIndex(where: { $0.key == key }) {
                insert(PersonalFieldSet(place: place))
            }
        }
    }
}
