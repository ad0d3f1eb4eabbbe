import Disclosure
import HeatModel
import JSONText
import Store

extension Answerer {
    /// Every version of every record of an account, in the time in which it was the account's: what changed, when, in which run,
    /// from which position.
    func history(_ number: String, _ stream: String?, _ requester: Requester, _ store: any StoreReader) throws -> Reply
    {
        let bytes = Array(number.utf8)
        guard let account = try bytes.withUnsafeBytes({ try store.account(number: $0) }) else {
            throw Problem.unknownAccount
        }
        let wanted = try stream.map { try Self.stream($0, store).name }
        struct Name: Hashable { var stream: String, key: [UInt8] }
        var versions: [Name: [StoredRecord]] = [:]
        for record in try store.history(of: account) + store.records(of: account)
        where wanted == nil || record.stream == wanted {
            versions[Name(stream: record.stream, key: record.key), default: []].append(record)
        }
        let names = versions.keys.sorted {
            $0.stream == $1.stream ? $0.key.lexicographicallyPrecedes($1.key) : $0.stream < $1.stream
        }
        let streams = Dictionary(try store.streams().map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })
        var writer = HistoryWriter(store: store, form: requester.form)
        var json = JSONBytes(capacity: 8192)
        json.raw("{\"version\":1")
        json.member("account_number", number)
        json.key("records")
        json.raw("[")
        for name in names {
            guard let id = streams[name.stream] else { continue }
            let current = try name.key.withUnsafeBytes { try store.current(stream: id, key: $0) }
            json.separate()
            json.raw("{")
            json.member("stream", name.stream)
            json.member("key", RecordKey.text(name.key))
            json.key("versions")
            json.raw("[")
            try writer.write(versions[name] ?? [], isMoved: current != nil && current?.account != account, into: &json)
            json.raw("]}")
        }
        json.raw("]}")
        let shown = requester.form.isUnmasked ? PersonalFieldSet(of: writer.fields) : []
        return Reply(AnswerDocument(json.bytes), [requester.access([number], "ok", shown)])
    }
}

/// Writes the versions of records, each with what it changed.
private struct HistoryWriter {
    let store: any StoreReader
    let form: ViewForm
    /// JSON keys of the fields that were written.
    private(set) var fields: Set<String> = []
    private var runs: [Int64: Run] = [:]

    init(store: any StoreReader, form: ViewForm) {
        self.store = store
        self.form = form
    }

    /// - Parameter isMoved: whether the record that stands now is another account's.
    mutating func write(_ versions: [StoredRecord], isMoved: Bool, into json: inout JSONBytes) throws {
        for (index, version) in versions.enumerated() {
            json.separate()
            json.raw("{")
            json.member("run", version.provenance.run)
            json.member("at", try moment(version.provenance.run))
            json.member("origin", version.provenance.origin)
            json.member("origin_sha256", version.provenance.originDigest)
            json.member("position", version.provenance.ordinal)
            json.member("mapping_version", version.provenance.mappingVersion)
            json.member("linked_by", version.rule.name)
            json.member("voided", version.isVoided)
            json.key("changes")
            json.raw("[")
            writeChanges(index > 0 ? versions[index - 1] : nil, version, into: &json)
            json.raw("]")
            if let end = version.ended {
                // Replaced by a version that is not the account's.
                let isLast = index == versions.count - 1
                json.member("ended_by", end.run.number)
                json.member("ended_at", try moment(end.run.number))
                json.member("reason", isLast && end.reason == .changed && isMoved ? "moved" : end.reason.rawValue)
            }
            json.raw("}")
        }
    }

    /// Field by field, in the order of the entity's fields; of the first version all that it states.
    private mutating func writeChanges(_ before: StoredRecord?, _ after: StoredRecord, into json: inout JSONBytes) {
        for field in after.entity.fields {
            let old = before.flatMap { Answerer.value(of: field, in: $0.body) }
            let new = Answerer.value(of: field, in: after.body)
            if old == new { continue }
            fields.insert(field.jsonKey)
            json.separate()
            json.raw("{")
            json.member("field", field.name)
            if let old { Answerer.write(field, old, as: "before", form, into: &json) }
            if let new { Answerer.write(field, new, as: "after", form, into: &json) }
            json.raw("}")
        }
    }

    /// When a run ended, or began where it has not ended.
    private mutating func moment(_ number: Int64) throws -> String? {
        if runs[number] == nil { runs[number] = try store.run(RunID(number)) }
        return (runs[number]?.endedAt ?? runs[number]?.startedAt)?.description
    }
}
