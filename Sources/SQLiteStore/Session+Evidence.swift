import GRDBSQLite
import HeatModel
import Store

extension Session {
    func forEachRun(
        ofRecordsOf account: AccountID, _ body: (StreamID, _ key: UnsafeRawBufferPointer, RunID) throws -> Void
    ) throws {
        let kept = try runsOfView.get().bind(1, account.number)
        defer { kept.reset() }
        if try kept.step(), !kept.isNull(0) { return try RecordRuns.forEach(in: kept.bytes(0), body) }
        // A view from before they were kept beside it.
        let statement = try runsOfAccount.get().bind(1, account.number)
        defer { statement.reset() }
        while try statement.step() { try body(StreamID(statement.int(0)), statement.bytes(1), RunID(statement.int(2))) }
    }

    func runMark() throws -> String {
        // What another connection commits changes the first number, what this one writes the second.
        let version = try first(dataVersion.get()) { $0.int(0) } ?? 0
        let changes = sqlite3_total_changes64(connection)
        if let known = knownRunMark, known.version == version, known.changes == changes { return known.mark }
        // A running run ends under its own number: how many of the latest are still running shows that.
        let sql = """
            SELECT coalesce(max(id), 0) || '/' || sum(state = 'running') FROM (SELECT id, state FROM run ORDER BY id DESC LIMIT 64)
            """
        let mark = try first(statement(sql)) { $0.optionalText(0) ?? "" } ?? ""
        knownRunMark = (version, changes, mark)
        return mark
    }

    func readEverything() throws -> Int64 {
        var count: Int64 = 0
        for table in PackedTable.all {
            let read = try statement("SELECT \(table.key), packing_id, packed FROM \(table.name)")
            defer { read.reset() }
            while try read.step() {
                let isThere: Void? = try packing.unpacking(read.bytes(2), packing: read.int(1)) { _, _ in }
                if isThere == nil { throw PackedColumns.unreadable(table.what, read.int(0)) }
                count += 1
            }
        }
        return count
    }

    private static func lastSuccesses(_ condition: String) -> String {
        """
        SELECT s.name, r.started_at FROM stream s JOIN run r ON r.id =
            (SELECT max(id) FROM run WHERE stream_id = s.id AND \(isPull)\(condition))
        """
    }

    func lastSuccesses() throws -> [String: Instant] { try successes(statement(Self.lastSuccesses(""))) }

    func lastSuccesses(at moment: Moment) throws -> [String: Instant] {
        try successes(statement(Self.lastSuccesses(" AND ended_us <= ?1")).bind(1, moment.microseconds))
    }

    private func successes(_ statement: Statement) throws -> [String: Instant] {
        var found: [String: Instant] = [:]
        for (name, text) in try rows(statement, { ($0.text(0), $0.text(1)) }) { found[name] = Instant(text) }
        return found
    }

    func waitingRecords(of entity: EntityKind, naming number: String) throws -> Int {
        let sql = """
            SELECT count(*) FROM quarantine q JOIN stream s ON s.id = q.stream_id
            WHERE q.state = 'open' AND s.entity = ?1 AND instr(q.raw, CAST(?2 AS BLOB)) > 0
            """
        return Int(try first(statement(sql).bind(1, entity.rawValue).bind(2, number)) { $0.int(0) } ?? 0)
    }
}
