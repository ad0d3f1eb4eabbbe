import GRDBSQLite
import HeatModel
import Store
import StoreSQL

extension Session {
    func lookUp(stream: StreamID, keys: [UnsafeRawBufferPointer]) throws -> [CurrentRecord?] {
        let statement = try currentRecord.get().bind(1, stream.number)
        return try keys.map { key in
            try first(statement.bind(2, blob: key)) {
                CurrentRecord(
                    id: RecordID($0.int(0)), hash: ContentHash(stored: $0.bytes(1)),
                    account: $0.optionalInt(2).map { AccountID($0) },
                    run: RunID($0.int(3)))
            }
        }
    }

    func apply(_ changes: [RecordChange]) throws -> [AppliedChange] {
        try preparePacking(of: changes)
        var applied: [AppliedChange] = []
        applied.reserveCapacity(changes.count)
        while applied.count < changes.count {
            switch changes[applied.count] {
            case .insert:
                let records = Self.newRecords(in: changes[applied.count...])
                for (record, id) in zip(records, try insert(records)) {
                    if let id { try setStatement(of: record, statedBy: id, isNew: true) }
                    applied.append(id.map { .inserted($0) } ?? .keyTaken)
                }
            case .supersede(let id, let record):
                let before = try supersede(id, with: record)
                try setStatement(of: record, statedBy: id, isNew: false)
                applied.append(.superseded(before: before))
            case .end(let id, let run, let reason):
                let (account, body) = try end(id, run: run, reason: reason)
                applied.append(.ended(account: account, body: body))
            }
        }
        return applied
    }

    private func setStatement(of record: IncomingRecord, statedBy id: RecordID, isNew: Bool) throws {
        guard let statement = record.statement, let account = record.account else { return }
        if statement.place != nil || !isNew { try setPlace(statement.place, of: account, statedBy: id) }
        if statement.foreignID != nil || !isNew {
            try setForeignID(statement.foreignID, system: statement.system, of: account, statedBy: id)
        }
    }

    /// Binds all columns; a statement may leave some of them unused.
    private func bind(
        _ record: IncomingRecord, hash: UnsafeRawBufferPointer, to statement: Statement
    ) throws {
        let subject = try packing.subject(record.stream.number)
        statement.bind(1, record.stream.number).bind(2, blob: record.key).bind(3, record.account?.number)
        statement.bind(4, Int64(record.rule.rawValue)).bind(5, record.isVoided ? Int64(1) : 0).bind(
            6, record.run.number)
        statement.bind(7, record.origin.number).bind(8, record.ordinal).bind(9, blob: hash)
        let (number, bytes) = try packing.pack(record.body, record.raw, as: subject)
        statement.bind(10, number).bind(11, blob: bytes)
    }

    func withHash<Result>(_ hash: ContentHash, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows
        -> Result
    {
        var pair = (hash.high.bigEndian, hash.low.bigEndian)
        return try withUnsafeBytes(of: &pair, body)
    }

    private func moveToHistory(_ id: RecordID, run: RunID, reason: EndReason) throws {
        let sql = """
            INSERT INTO record_history(record_id, stream_id, key, account_id, rule, voided, run_id, origin_id, ordinal, hash,
                packing_id, packed, ended_run_id, ended_reason)
            SELECT id, stream_id, key, account_id, rule, voided, run_id, origin_id, ordinal, hash, packing_id, packed, ?2, ?3
            FROM record WHERE id = ?1
            """
        try statement(sql).bind(1, id.number).bind(2, run.number).bind(3, reason.rawValue).run()
    }

    private func accountAndBody(_ id: RecordID) throws -> (account: AccountID?, body: [UInt8]) {
        let sql = "SELECT account_id, packing_id, packed FROM record WHERE id = ?1"
        let found = try first(statement(sql).bind(1, id.number)) { row in
            (
                row.optionalInt(0).map { AccountID($0) },
                try unpacking(row, 1, "record", id.number) { body, _ in Array(body) }
            )
        }
        guard let found else {
            throw HearthError(.storeFailed, "record \(id) is not in the store", at: .address("store"))
        }
        return found
    }

    private func supersede(_ id: RecordID, with record: IncomingRecord) throws -> [UInt8] {
        let (account, body) = try accountAndBody(id)
        try moveToHistory(id, run: record.run, reason: .changed)
        // An indexed column is set only where it changes: SQLite would take its entry out of the index and put it in again.
        let indexed = account == record.account ? "" : "account_id = ?3, "
        let sql = """
            UPDATE record SET \(indexed)rule = ?4, voided = ?5, run_id = ?6, origin_id = ?7, ordinal = ?8, hash = ?9,
                packing_id = ?10, packed = ?11 WHERE id = ?12
            """
        let statement = try statement(sql)
        try withHash(record.hash) {
            try bind(record, hash: $0, to: statement)
            try statement.bind(12, id.number).run()
        }
        return body
    }

    private func end(_ id: RecordID, run: RunID, reason: EndReason) throws -> (account: AccountID?, body: [UInt8]) {
        let found = try accountAndBody(id)
        try moveToHistory(id, run: run, reason: reason)
        try statement("DELETE FROM record WHERE id = ?1").bind(1, id.number).run()
        try removePlace.get().bind(1, id.number).run()
        try removeForeignID.get().bind(1, id.number).run()
        return found
    }
}
