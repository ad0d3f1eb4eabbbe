import Disclosure
import HeatModel
import JSONText
import Mapping
import Records
import Store

extension Answerer {
    /// Records that could not be taken over: where they stand and why, without their text, which may hold anything.
    func quarantine(
        _ name: String?, _ code: String?, _ state: QuarantineState?, after: Int64?, limit: Int,
        _ store: any StoreReader
    ) throws -> Reply {
        let stream = try name.map { try Self.stream($0, store) }
        var json = JSONBytes()
        json.raw("{\"version\":2,\"counts\":[")
        for count in try store.quarantineCounts() {
            json.separate()
            json.raw("{")
            json.member("stream", count.stream)
            json.member("code", count.code)
            json.member("count", count.count)
            json.raw("}")
        }
        json.raw("],\"records\":[")
        var after = after.map { QuarantineID($0) }
        var left = limit
        // Page by page: a list without a bound holds the document in memory and nothing else.
        repeat {
            let wanted = min(left, Self.pageSize)
            let page = try store.quarantine(stream: stream?.id, state: state, code: code, after: after, limit: wanted)
            for record in page {
                json.separate()
                json.raw("{")
                Self.write(record, into: &json)
                json.raw("}")
            }
            after = page.last?.id
            left -= page.count
            if page.count < wanted { after = nil }
        } while left > 0 && after != nil
        json.raw("]")
        json.member("next", after?.number)
        json.raw("}")
        return Reply(AnswerDocument(json.bytes, tag: json.withUnsafeBytes { ContentTag.of($0, seed: 0) }))
    }

    private static let pageSize = 1000

    private static func write(_ record: QuarantinedRecord, into json: inout JSONBytes) {
        json.member("id", record.id.number)
        json.member("stream", record.stream)
        json.member("state", record.state.rawValue)
        json.member("code", record.code)
        json.member("message", record.message)
        // Of a file that could not be split it is a path.
        json.member("place", record.place.hasPrefix("/") ? fileName(record.place) : record.place)
        json.member("column", record.column)
        json.member("key", record.key.map { RecordKey.text($0) })
        json.member("candidates", record.candidates)
        json.member("first_run", record.firstRun.number)
        json.member("last_run", record.lastRun.number)
        json.member("note", record.note)
    }

    /// One record with its raw text: its columns, or its size where it could not be split. Columns that the mapping reads into
    /// personal fields, or that it does not know, are masked.
    func quarantineEntry(_ id: Int64, _ requester: Requester, _ store: any StoreReader) throws -> Reply {
        guard let record = try store.quarantined(QuarantineID(id)) else {
            throw Problem(
                .unknown, "unknown-entry", "There is no record of this number in quarantine",
                detail: "/v1/quarantine lists them", parameter: "id")
        }
        let isUnmasked = requester.form.isUnmasked
        let mapping = mappings.files.first { $0.key.description == record.stream }?.value
        var json = JSONBytes()
        json.raw("{\"version\":1")
        Self.write(record, into: &json)
        json.key("raw")
        json.raw("{")
        if record.isSplit, let values = RawRecord.decode(record.raw, columns: record.columns.count) {
            json.key("columns")
            json.raw("[")
            let rules = mapping.map { Self.rules(of: $0) } ?? [:]
            for (name, text) in zip(record.columns, values) {
                Self.write(name, text, mapping, isUnmasked: isUnmasked, rules: rules[name] ?? [], into: &json)
            }
            json.raw("]")
        } else {
            json.member("bytes", Int64(record.raw.count))
            if isUnmasked { json.member("text", String(decoding: record.raw, as: UTF8.self)) }
        }
        json.raw("}}")
        guard isUnmasked else { return Reply(AnswerDocument(json.bytes)) }
        let personal = mapping?.filledFields.filter(\.isPersonal).map(\.jsonKey) ?? []
        var access = requester.access([], "ok", PersonalFieldSet(of: personal))
        access.showsRawText = true
        return Reply(AnswerDocument(json.bytes), [access])
    }

    /// For each column the fields that the mapping reads it into, and where the mapping says so.
    private static func rules(of mapping: MappingFile) -> [String: [(field: String, place: String?)]] {
        var rules: [String: [(field: String, place: String?)]] = [:]
        for field in mapping.filledFields {
            let place = mapping.place(of: field.name).map { fileName("\($0)") }
            for column in mapping.columns(of: field.name) { rules[column, default: []].append((field.name, place)) }
        }
        return rules
    }

    /// A raw column, masked where it is of personal data or the mapping does not know it.
    static func write(
        _ name: String, _ text: (some Sequence<UInt8>)?, _ mapping: MappingFile?, isUnmasked: Bool,
        rules: [(field: String, place: String?)] = [], into json: inout JSONBytes
    ) {
        json.separate()
        json.raw("{")
        json.member("column", name)
        if let text {
            let isHidden = (mapping?.isPersonal(column: name) ?? true) && !isUnmasked
            json.member("text", isHidden ? "***" : String(decoding: Array(text), as: UTF8.self))
        }
        if !rules.isEmpty {
            json.member("fields", rules.map(\.field))
            json.member("mapping", rules.first?.place)
        }
        json.raw("}")
    }
}
