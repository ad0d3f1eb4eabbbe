import HeatModel
import Store

/// Takes the trailing blanks off the keys that a stream holds from before keys were stored without them, once.
struct KeyTrim {
    let stream: SyncStream
    let id: StreamID
    /// Records in a transaction.
    private static let chunk = 2048

    /// The records that are concerned.
    func records(_ store: any StoreReader) throws -> [RecordID] {
        var found: [RecordID] = []
        try store.forEachRecord(in: id) { if KeyBlanks.stand(in: $1) { found.append($0) } }
        return found
    }

    /// - Parameter transaction: Runs one chunk's work on a writer.
    func run(
        _ records: [RecordID], committer: inout BatchCommitter, isCancelled: () -> Bool,
        transaction: ((any StoreWriter) throws -> Void) throws -> Void
    ) throws {
        for start in stride(from: 0, to: records.count, by: Self.chunk) where !isCancelled() {
            try transaction { store in
                let chunk = try records[start..<min(start + Self.chunk, records.count)].compactMap {
                    try store.record($0)
                }
                try committer.trimKeys(of: chunk, store)
            }
        }
    }
}

extension BatchCommitter {
    /// Gives each record its key without the blanks. Where another record has that key, the two are one: what was stated last stays.
    mutating func trimKeys(of records: [StoredRecord], _ store: any StoreWriter) throws {
        for record in records {
            let key = KeyBlanks.removed(from: record.key)
            if key == record.key { continue }
            try trim(record, to: key, store)
        }
        try finish(store)
    }

    private mutating func trim(_ record: StoredRecord, to key: [UInt8], _ store: any StoreWriter) throws {
        let twin = try key.withUnsafeBytes { try store.current(stream: stream, key: $0) }
        let held = try record.key.withUnsafeBytes { try store.current(stream: stream, key: $0) }
        guard let held else { return }
        let statement = try store.statement(of: record.id)
        try end(record, store)
        books.notePulled(record.body)
        books.counts.read += 1
        if let twin, twin.run.number >= held.run.number {
            books.counts.duplicate += 1
            record.body.withUnsafeBytes { books.duplicate.add($0, sign: 1) }
            return
        }
        if let twin, let older = try store.record(twin.id) { try end(older, store) }
        let moved = try key.withUnsafeBytes { key in
            try record.body.withUnsafeBytes { body in
                try record.raw.withUnsafeBytes { raw in
                    try store.insert(
                        IncomingRecord(
                            stream: stream, key: key, account: record.account, rule: record.rule, hash: held.hash,
                            body: body, raw: raw, run: run, origin: record.origin, ordinal: record.provenance.ordinal,
                            isVoided: record.isVoided))
                }
            }
        }
        guard let moved else { throw HearthError(.storeFailed, "a key is not free", at: .address("store")) }
        if let statement, let account = record.account {
            try store.setStatement(statement, of: account, statedBy: moved)
        }
        if let account = record.account { note(account, .inserted) }
        books.counts.changed += 1
        books.recordsDelta += 1
        record.body.withUnsafeBytes { books.entered.add($0, sign: 1) }
    }
}
