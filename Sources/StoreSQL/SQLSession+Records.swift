import HeatModel
package import Store

extension SQLSession {
    /// A stream's rows resemble each other; what they have in common is kept once.
    package func preparePacking(of changes: [RecordChange]) throws {
        guard let stream = changes.first(where: { $0.incoming != nil })?.incoming?.stream else { return }
        let subject = try packing.subject(stream.number)
        guard packing.wantsSamples(subject) else { return }
        let rows = changes.compactMap { change -> PackedTexts? in
            change.incoming.flatMap { $0.stream == stream ? (body: $0.body, beside: $0.raw) : nil }
        }
        try packing.prepare(subject, rows)
    }

    package static var recordColumns: String {
        """
        r.id, s.name, s.entity, r.key, r.account_id, r.rule, r.voided, r.packing_id, r.packed,
        o.name, o.digest, r.ordinal, r.run_id,
        u.mapping_version, o.column_set_id, r.origin_id
        """
    }
    package static var recordJoins: String {
        """
        JOIN stream s ON s.id = r.stream_id JOIN origin o ON o.id = r.origin_id JOIN run u ON u.id = r.run_id
        """
    }

    package func storedRecord(_ row: Statement) throws -> StoredRecord {
        let name = row.text(1)
        let dot = name.firstIndex(of: ".") ?? name.endIndex
        let provenance = Provenance(
            source: String(name[..<dot]), stream: String(name[dot...].dropFirst()), key: row.text(3),
            origin: row.text(9),
            originDigest: row.optionalText(10), ordinal: row.int(11), run: row.int(12), mappingVersion: row.text(13))
        let (body, raw) = try unpacking(row, 7, "record", row.int(0)) { (Array($0), $1.map { Array($0) } ?? []) }
        return StoredRecord(
            id: RecordID(row.int(0)), stream: name, entity: EntityKind(rawValue: row.text(2)) ?? .account,
            key: row.blob(3),
            account: row.optionalInt(4).map { AccountID($0) }, rule: LinkRule(rawValue: Int(row.int(5))) ?? .none,
            isVoided: row.int(6) != 0, body: body, raw: raw, columns: try columns(ofSet: row.int(14)),
            origin: OriginID(row.int(15)), provenance: provenance, ended: nil)
    }

    package func record(_ id: RecordID) throws -> StoredRecord? {
        try first(
            statement("SELECT \(Self.recordColumns) FROM record r \(Self.recordJoins) WHERE r.id = ?1").bind(
                1, id.number),
            storedRecord)
    }

    package func record(stream: StreamID, key: UnsafeRawBufferPointer) throws -> StoredRecord? {
        let sql = "SELECT \(Self.recordColumns) FROM record r \(Self.recordJoins) WHERE r.stream_id = ?1 AND r.key = ?2"
        return try first(statement(sql).bind(1, stream.number).bind(2, blob: key), storedRecord)
    }

    package func records(of account: AccountID) throws -> [StoredRecord] {
        let sql =
            "SELECT \(Self.recordColumns) FROM record r \(Self.recordJoins) WHERE r.account_id = ?1 ORDER BY s.name, r.key"
        return try rows(statement(sql).bind(1, account.number), storedRecord)
    }

    package func records(in stream: StreamID, after: RecordID?, limit: Int) throws -> [StoredRecord] {
        let sql =
            "SELECT \(Self.recordColumns) FROM record r \(Self.recordJoins) WHERE +r.stream_id = ?1 AND r.id > ?2 ORDER BY r.id LIMIT ?3"
        let list = try statement(sql).bind(1, stream.number).bind(2, after?.number ?? 0).bind(3, Int64(limit))
        return try rows(list, storedRecord)
    }

    package func history(stream: StreamID, key: UnsafeRawBufferPointer) throws -> [StoredRecord] {
        let sql = """
            SELECT \(Self.recordColumns), r.ended_run_id, r.ended_reason FROM record_history r \(Self.recordJoins)
            WHERE r.stream_id = ?1 AND r.key = ?2 ORDER BY r.id DESC
            """
        return try rows(statement(sql).bind(1, stream.number).bind(2, blob: key), endedRecord)
    }

    /// Of a row that has the end's run and reason behind the columns.
    package func endedRecord(_ row: Statement) throws -> StoredRecord {
        var record = try storedRecord(row)
        record.ended = (RunID(row.int(16)), EndReason(rawValue: row.text(17)) ?? .changed)
        return record
    }

    package func forEachRecord(of accounts: [AccountID], _ body: (Int, RecordSlice) -> Void) throws {
        let statement = try statement(
            "SELECT stream_id, key, packing_id, packed, run_id, id FROM record WHERE account_id = ?1 AND voided = 0")
        try withAccountRows { rows in
            for (place, account) in accounts.enumerated() {
                statement.bind(1, account.number)
                defer { statement.reset() }
                rows.removeAll()
                while try statement.step() { try take(statement, into: &rows) }
                rows.forEach { body(place, $0) }
            }
        }
    }

    /// Takes a row of one account's records: stream_id, key, packing_id, packed, run_id, id.
    package func take(_ row: Statement, into rows: inout AccountRows) throws {
        try unpacking(row, 2, "record", row.int(5)) { body, _ in
            rows.append(stream: row.int(0), key: row.bytes(1), body: body, run: row.int(4))
        }
    }

    /// Memory for the records of an account, kept aside meanwhile: a variable that only its user sees.
    package func withAccountRows(_ use: (inout AccountRows) throws -> Void) rethrows {
        var rows = memory.accountRows
        memory.accountRows = AccountRows()
        defer { memory.accountRows = rows }
        try use(&rows)
    }

    package func forEachRecord(in stream: StreamID, _ body: (RecordID, UnsafeRawBufferPointer) throws -> Void) throws {
        // Answered from the index on (stream_id, key) alone.
        let statement = try scan("SELECT id, key FROM record WHERE stream_id = ?1 ORDER BY key").bind(
            1, stream.number)
        defer { statement.reset() }
        while try statement.step() { try body(RecordID(statement.int(0)), statement.bytes(1)) }
    }
}

extension ContentHash {
    /// The sixteen bytes of one, as a row keeps it.
    package init(stored bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 16 else {
            self.init(0, 0)
            return
        }
        self.init(
            UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
}
