package import HeatModel
package import Store

extension SQLSession {
    package func forEachRun(
        ofRecordsOf account: AccountID, _ body: (StreamID, _ key: UnsafeRawBufferPointer, RunID) throws -> Void
    ) throws {
        let kept = try statement("SELECT account_id, packing_id, packed FROM account_view WHERE account_id = ?1")
        let isKept = try first(kept.bind(1, account.number)) { row in
            try unpackingView(row) { view in
                if let runs = view.runs { try RecordRuns.forEach(in: runs, body) }
                return view.runs != nil
            }
        }
        if isKept == true { return }
        // A view from before they were kept beside it.
        let statement = try statement(
            "SELECT stream_id, key, run_id FROM record WHERE account_id = ?1 ORDER BY stream_id, key")
        statement.bind(1, account.number)
        defer { statement.reset() }
        while try statement.step() { try body(StreamID(statement.int(0)), statement.bytes(1), RunID(statement.int(2))) }
    }

    package func runMark() throws -> String { try newestRunMark() }

    /// ``runMark()``, asked of the table.
    package func newestRunMark() throws -> String {
        // A running run ends under its own number: how many of the latest are still running shows that.
        let sql = """
            SELECT coalesce(max(id), 0) || '/' || count(*) FILTER (WHERE state = 'running')
            FROM (SELECT id, state FROM run ORDER BY id DESC LIMIT 64) AS latest
            """
        return try first(statement(sql)) { $0.text(0) } ?? ""
    }

    package func readEverything() throws -> Int64 {
        var count: Int64 = 0
        for (table, key, what) in [
            ("record", "id", "record"), ("record_history", "id", "earlier version"),
            ("account_view", "account_id", "view of account"),
        ] {
            let read = try scan("SELECT \(key), packing_id, packed FROM \(table)")
            defer { read.reset() }
            while try read.step() {
                try unpacking(read, 1, what, read.int(0)) { _, _ in }
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

    package func lastSuccesses() throws -> [String: Instant] { try successes(statement(Self.lastSuccesses(""))) }

    package func lastSuccesses(at moment: Moment) throws -> [String: Instant] {
        try successes(statement(Self.lastSuccesses(" AND ended_us <= ?1")).bind(1, moment.microseconds))
    }

    private func successes(_ statement: Statement) throws -> [String: Instant] {
        var found: [String: Instant] = [:]
        for (name, text) in try rows(statement, { ($0.text(0), $0.text(1)) }) { found[name] = Instant(text) }
        return found
    }

    package func waitingRecords(of entity: EntityKind, naming number: String) throws -> Int {
        let sql = """
            SELECT count(*) FROM quarantine q JOIN stream s ON s.id = q.stream_id
            WHERE q.state = 'open' AND s.entity = ?1 AND instr(q.raw, ?2) > 0
            """
        return Int(
            try first(statement(sql).bind(1, entity.rawValue).bind(2, blob: Array(number.utf8))) { $0.int(0) } ?? 0)
    }
}
