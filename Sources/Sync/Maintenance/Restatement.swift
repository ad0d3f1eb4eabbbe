import AccountView
import HeatModel
import Mapping
import Records
import Store

/// Goes once through the records of a store that an earlier version of Hearth has filled, and keeps of each what it states of its
/// account: that version kept one place an account and one account an id, whichever had come last.
///
/// How far it has come stands in the store, so that the next process goes on where one ends.
struct Restatement {
    let store: any Store
    let mappings: MappingSet
    /// Records in a transaction.
    private let chunk: Int

    init(store: any Store, mappings: MappingSet, chunk: Int = 2048) {
        self.store = store
        self.mappings = mappings
        self.chunk = chunk
    }

    func run(isCancelled: () -> Bool = { false }) throws {
        var mappers: [StreamID: StatementMapper] = [:]
        while !isCancelled() {
            let isDone = try store.write { store in
                guard let done = try Self.progress(store) else { return true }
                let streams = try store.streams().sorted { $0.id < $1.id }
                guard let stream = streams.first(where: { $0.id >= done.stream }) else {
                    try store.removeStatementsOfNoRecord()
                    // Records that waited for an account, or were ambiguous by what no record states, may find it now.
                    try store.setSetting(.accountsChangedBy, SettingName.restated.text)
                    try store.setSetting(.restated, "")
                    return true
                }
                let after = stream.id == done.stream ? done.record : nil
                let last = try restate(stream, after: after, &mappers, store)
                let next = last.map { "\(stream.id) \($0)" } ?? "\(stream.id.number + 1) 0"
                try store.setSetting(.restated, next)
                return false
            }
            if isDone { break }
        }
    }

    private static func progress(_ store: any StoreReader) throws -> (stream: StreamID, record: RecordID)? {
        let parts = try (store.setting(.restated) ?? "").split(separator: " ").compactMap { Int64($0) }
        return parts.count == 2 ? (StreamID(parts[0]), RecordID(parts[1])) : nil
    }

    /// Returns the last record of the chunk, nil where the stream has no more.
    private func restate(
        _ stream: StoredStream, after: RecordID?, _ mappers: inout [StreamID: StatementMapper], _ store: any StoreWriter
    ) throws -> RecordID? {
        if mappers[stream.id] == nil {
            mappers[stream.id] = mappings.files.first { $0.key.description == stream.name }.map {
                StatementMapper($0.value)
            }
        }
        guard mappers[stream.id]?.makesStatements == true else { return nil }
        let records = try store.records(in: stream.id, after: after, limit: chunk)
        for record in records {
            guard let account = record.account, let mapped = try mappers[stream.id]?.map(record) else { continue }
            try store.setStatement(mapped.statement, of: account, statedBy: record.id)
        }
        return records.last?.id
    }
}
