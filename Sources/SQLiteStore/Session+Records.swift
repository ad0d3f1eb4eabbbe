import GRDBSQLite
import HeatModel
import Store

extension Session {
    func lookUp(stream: StreamID, keys: [UnsafeRawBufferPointer]) throws -> [CurrentRecord?] {
        let statement = try currentRecord.get().bind(1, stream.number)
        return try keys.map { key in
            try first(statement.bind(2, blob: key)) {
                CurrentRecord(
                    id: RecordID($0.int(0)), hash: hash($0.bytes(1)), account: $0.optionalInt(2).map { AccountID($0) },
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

    /// A stream's rows resemble each other; what they have in common is kept once.
    private func preparePacking(of changes: [RecordChange]) throws {
        guard let stream = changes.first(where: { $0.incoming != nil })?.incoming?.stream else { return }
        let subject = try packing.subject(stream.number)
        guard packing.wantsSamples(subject) else { return }
        let rows = changes.compactMap { change -> PackedTexts? in
            change.incoming.flatMap { $0.stream == stream ? (body: $0.body, beside: $0.raw) : nil }
        }
        try packing.prepare(subject, rows)
    }

    private func setStatement(of record: IncomingRecord, statedBy id: RecordID, isNew: Bool) throws {
        guard let statement = record.statement, let account = record.account else { return }
        if statement.place != nil || !isNew { try setPlace(statement.place, of: account, statedBy: id) }
        if statement.foreignID != nil || !isNew {
            try setForeignID(statement.foreignID, system: statement.system, of: account, statedBy: id)
        }
    }

    private func hash(_ bytes: UnsafeRawBufferPointer) -> ContentHash {
        guard bytes.count == 16 else { return ContentHash(0, 0) }
        return ContentHash(
            UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
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
        let sql = "SELECT account_id, \(PackedColumns.body("r")) FROM record r WHERE id = ?1"
        let found = try first(statement(sql).bind(1, id.number)) {
            ($0.optionalInt(0).map { AccountID($0) }, $0.blob(1))
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

    // MARK: Reading

    static let recordColumns = """
        r.id, s.name, s.entity, r.key, r.account_id, r.rule, r.voided, \(PackedColumns.body("r")),
        \(PackedColumns.beside("r")), o.name, o.digest, r.ordinal, r.run_id,
        u.mapping_version, o.column_set_id, r.origin_id
        """
    static let recordJoins = """
        JOIN stream s ON s.id = r.stream_id JOIN origin o ON o.id = r.origin_id JOIN run u ON u.id = r.run_id
        """

    func storedRecord(_ row: Statement) throws -> StoredRecord {
        let name = row.text(1)
        let dot = name.firstIndex(of: ".") ?? name.endIndex
        let provenance = Provenance(
            source: String(name[..<dot]), stream: String(name[dot...].dropFirst()), key: row.text(3),
            origin: row.text(9),
            originDigest: row.optionalText(10), ordinal: row.int(11), run: row.int(12), mappingVersion: row.text(13))
        return StoredRecord(
            id: RecordID(row.int(0)), stream: name, entity: EntityKind(rawValue: row.text(2)) ?? .account,
            key: row.blob(3),
            account: row.optionalInt(4).map { AccountID($0) }, rule: LinkRule(rawValue: Int(row.int(5))) ?? .none,
            isVoided: row.int(6) != 0, body: row.blob(7), raw: row.blob(8), columns: try columns(ofSet: row.int(14)),
            origin: OriginID(row.int(15)), provenance: provenance, ended: nil)
    }

    func record(_ id: RecordID) throws -> StoredRecord? {
        try first(
            statement("SELECT \(Self.recordColumns) FROM record r \(Self.recordJoins) WHERE r.id = ?1").bind(
                1, id.number),
            storedRecord)
    }

    func record(stream: StreamID, key: UnsafeRawBufferPointer) throws -> StoredRecord? {
        let sql = "SELECT \(Self.recordColumns) FROM record r \(Self.recordJoins) WHERE r.stream_id = ?1 AND r.key = ?2"
        return try first(statement(sql).bind(1, stream.number).bind(2, blob: key), storedRecord)
    }

    func records(of account: AccountID) throws -> [StoredRecord] {
        let sql =
            "SELECT \(Self.recordColumns) FROM record r \(Self.recordJoins) WHERE r.account_id = ?1 ORDER BY s.name, r.key"
        return try rows(statement(sql).bind(1, account.number), storedRecord)
    }

    func records(in stream: StreamID, after: RecordID?, limit: Int) throws -> [StoredRecord] {
        let sql =
            "SELECT \(Self.recordColumns) FROM record r \(Self.recordJoins) WHERE +r.stream_id = ?1 AND r.id > ?2 ORDER BY r.id LIMIT ?3"
        let list = try statement(sql).bind(1, stream.number).bind(2, after?.number ?? 0).bind(3, Int64(limit))
        return try rows(list, storedRecord)
    }

    func history(stream: StreamID, key: UnsafeRawBufferPointer) throws -> [StoredRecord] {
        let sql = """
            SELECT \(Self.recordColumns), r.ended_run_id, r.ended_reason FROM record_history r \(Self.recordJoins)
            WHERE r.stream_id = ?1 AND r.key = ?2 ORDER BY r.id DESC
            """
        return try rows(statement(sql).bind(1, stream.number).bind(2, blob: key), endedRecord)
    }

    /// Of a row that has the end's run and reason behind the columns.
    func endedRecord(_ row: Statement) throws -> StoredRecord {
        var record = try storedRecord(row)
        record.ended = (RunID(row.int(16)), EndReason(rawValue: row.text(17)) ?? .changed)
        return record
    }

    func forEachRecord(of account: AccountID, _ body: (RecordSlice) -> Void) throws {
        let statement = try recordsOfAccount.get().bind(1, account.number)
        defer { statement.reset() }
        // Kept aside, so that who is handed them may read other accounts.
        var rows = accountRows
        accountRows = AccountRows()
        defer { accountRows = rows }
        rows.removeAll()
        while try statement.step() {
            let isThere: Void? = try packing.unpacking(statement.bytes(3), packing: statement.int(2)) { body, _ in
                rows.append(stream: statement.int(0), key: statement.bytes(1), body: body, run: statement.int(4))
            }
            if isThere == nil { throw PackedColumns.unreadable("record", statement.int(5)) }
        }
        rows.forEach(body)
    }

    func forEachRecord(in stream: StreamID, _ body: (RecordID, UnsafeRawBufferPointer) throws -> Void) throws {
        // Answered from the index on (stream_id, key) alone.
        let statement = try statement("SELECT id, key FROM record WHERE stream_id = ?1 ORDER BY key").bind(
            1, stream.number)
        defer { statement.reset() }
        while try statement.step() { try body(RecordID(statement.int(0)), statement.bytes(1)) }
    }
}
