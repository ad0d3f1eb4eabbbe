import HeatModel
package import Store

extension SQLSession {
    private static var columns: String {
        """
        q.id, s.name, q.state, q.code, q.message, q.place, q.field_column, q.key, q.ordinal, q.candidates, q.raw, q.is_split,
        q.first_run_id, q.last_run_id, q.note, q.origin_id, o.column_set_id,
        CASE WHEN o.is_snapshot = 1 OR o.kind IN ('table', 'query') THEN 1 ELSE 0 END, q.position
        """
    }
    private static var joins: String {
        """
        JOIN stream s ON s.id = q.stream_id JOIN origin o ON o.id = q.origin_id
        """
    }

    private func quarantinedRecord(_ row: Statement) throws -> QuarantinedRecord {
        QuarantinedRecord(
            id: QuarantineID(row.int(0)), stream: row.text(1), state: QuarantineState(rawValue: row.text(2)) ?? .open,
            code: row.text(3), message: row.text(4), place: row.text(5), column: row.optionalText(6),
            key: row.optionalBlob(7),
            ordinal: row.int(8), candidates: row.text(9).split(separator: "\n").map(String.init), raw: row.blob(10),
            isSplit: row.int(11) != 0, columns: try columns(ofSet: row.int(16)), origin: OriginID(row.int(15)),
            firstRun: RunID(row.int(12)), lastRun: RunID(row.int(13)), note: row.optionalText(14),
            hasUniqueKeys: row.int(17) != 0, position: row.blob(18))
    }

    package func quarantine(stream: StreamID?, state: QuarantineState?, code: String?, after: QuarantineID?, limit: Int)
        throws
        -> [QuarantinedRecord]
    {
        let sql = """
            SELECT \(Self.columns) FROM quarantine q \(Self.joins)
            WHERE (?1 IS NULL OR q.stream_id = ?1) AND (?2 IS NULL OR q.state = ?2) AND (?3 IS NULL OR q.code = ?3) AND q.id > ?4
            ORDER BY q.id LIMIT ?5
            """
        let list = try statement(sql)
        list.bind(1, stream?.number).bind(2, state?.rawValue).bind(3, code).bind(4, after?.number ?? 0)
        return try rows(list.bind(5, Int64(limit)), quarantinedRecord)
    }

    package func quarantined(_ id: QuarantineID) throws -> QuarantinedRecord? {
        let sql = "SELECT \(Self.columns) FROM quarantine q \(Self.joins) WHERE q.id = ?1"
        return try first(statement(sql).bind(1, id.number), quarantinedRecord)
    }

    package func quarantineCounts() throws -> [(stream: String, code: String, count: Int64)] {
        let sql = """
            SELECT s.name, q.code, q.entries FROM (
                SELECT stream_id, code, count(*) AS entries FROM quarantine WHERE state = 'open' GROUP BY stream_id, code) q
            JOIN stream s ON s.id = q.stream_id ORDER BY s.name, q.code
            """
        return try rows(statement(sql)) { ($0.text(0), $0.text(1), $0.int(2)) }
    }

    package func openQuarantineIDs(stream: StreamID) throws -> [QuarantineID] {
        let sql = "SELECT id FROM quarantine WHERE stream_id = ?1 AND state = 'open' ORDER BY origin_id, ordinal, id"
        return try rows(statement(sql).bind(1, stream.number)) { QuarantineID($0.int(0)) }
    }

    package func openQuarantineKeys(stream: StreamID, limit: Int) throws -> Set<[UInt8]>? {
        let sql = "SELECT key FROM quarantine WHERE stream_id = ?1 AND state = 'open' AND key IS NOT NULL LIMIT ?2"
        let keys = try rows(statement(sql).bind(1, stream.number).bind(2, Int64(limit) + 1)) { $0.blob(0) }
        return keys.count > limit ? nil : Set(keys)
    }

    package func quarantine(_ record: IncomingQuarantine) throws {
        func put(_ sql: String) throws -> Int64 {
            let put = try statement(sql)
            put.bind(1, record.stream.number).bind(2, record.code).bind(3, record.message).bind(4, record.place)
            put.bind(5, record.column).bind(6, blob: record.key).bind(7, record.ordinal)
            put.bind(8, record.candidates.joined(separator: "\n"))
            put.bind(9, blob: record.raw).bind(10, record.isSplit ? Int64(1) : 0).bind(11, record.origin.number)
            return try put.bind(12, record.run.number).bind(13, blob: record.position).changed()
        }
        // Not by a conflict of an index: a row may be longer than one holds.
        let isKnown = try put(
            """
            UPDATE quarantine SET last_run_id = ?12, code = ?2, message = ?3, place = ?4, field_column = ?5,
                candidates = ?8, ordinal = ?7, origin_id = ?11,
                state = CASE WHEN state = 'discarded' THEN state ELSE 'open' END
            WHERE stream_id = ?1 AND raw = ?9 AND position = ?13
            """)
        if isKnown > 0 { return }
        _ = try put(
            """
            INSERT INTO quarantine(stream_id, state, code, message, place, field_column, key, ordinal, candidates, raw, is_split,
                origin_id, first_run_id, last_run_id, position)
            VALUES(?1, 'open', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12, ?13)
            """)
    }

    package func setQuarantineState(_ id: QuarantineID, _ state: QuarantineState, run: RunID?, note: String?) throws {
        let sql = """
            UPDATE quarantine SET state = ?2, last_run_id = coalesce(?3, last_run_id), note = coalesce(?4, note) WHERE id = ?1
            """
        try statement(sql).bind(1, id.number).bind(2, state.rawValue).bind(3, run?.number).bind(4, note).run()
    }

    package func openQuarantineCode(stream: StreamID, raw: UnsafeRawBufferPointer) throws -> String? {
        let sql = "SELECT code FROM quarantine WHERE stream_id = ?1 AND raw = ?2 AND state = 'open'"
        return try first(statement(sql).bind(1, stream.number).bind(2, blob: raw)) { $0.text(0) }
    }

    package func resolveQuarantine(
        stream: StreamID, key: UnsafeRawBufferPointer, run: RunID, through origin: OriginID, ordinal: Int64
    ) throws {
        let sql = """
            UPDATE quarantine SET state = 'resolved', last_run_id = ?3
            WHERE stream_id = ?1 AND key = ?2 AND state = 'open' AND (origin_id < ?4 OR (origin_id = ?4 AND ordinal <= ?5))
            """
        let resolve = try statement(sql)
        resolve.bind(1, stream.number).bind(2, blob: key).bind(3, run.number)
        try resolve.bind(4, origin.number).bind(5, ordinal).run()
    }

    package func resolveQuarantineUnseen(stream: StreamID, origin: OriginID, run: RunID) throws {
        let sql = """
            UPDATE quarantine SET state = 'resolved', last_run_id = ?3 WHERE stream_id = ?1 AND state = 'open' AND origin_id < ?2
            """
        try statement(sql).bind(1, stream.number).bind(2, origin.number).bind(3, run.number).run()
    }
}
