package import HeatModel
package import Store

/// A version is there at a moment where the run that began it had ended by then, and the one that ended it had not.
extension SQLSession {
    private static var hasBegun: String { "(SELECT ended_us FROM run WHERE id = v.run_id) <= ?2" }
    private static var hasNotEnded: String {
        "coalesce((SELECT ended_us FROM run WHERE id = v.ended_run_id) > ?2, TRUE)"
    }

    package func moment(of asOf: AsOf) throws -> Moment? {
        switch asOf {
        case .present: return nil
        case .instant(let instant): return Moment(microseconds: instant.microseconds)
        case .run(let run):
            let end = try first(statement("SELECT ended_us FROM run WHERE id = ?1").bind(1, run.number)) {
                $0.optionalInt(0)
            }
            guard let end else {
                throw HearthError(
                    .usageUnknownRun, "there is no run \(run)", at: .address("store"),
                    advice: "\(.runs) lists them")
            }
            guard let end else {
                throw HearthError(
                    .usageRunNotEnded, "run \(run) has not ended", at: .address("store"),
                    advice: "wait for it, or ask for the present")
            }
            return Moment(microseconds: end)
        }
    }

    package func hasEnded(_ run: RunID, by moment: Moment) throws -> Bool {
        let sql = "SELECT ended_us <= ?2 FROM run WHERE id = ?1"
        return try first(statement(sql).bind(1, run.number).bind(2, moment.microseconds)) { $0.int(0) != 0 } ?? false
    }

    package func account(number: UnsafeRawBufferPointer, at moment: Moment) throws -> AccountID? {
        try first(statement(Self.accountAsOf).bind(1, text: number).bind(2, moment.microseconds)) {
            AccountID($0.int(0))
        }
    }

    package static var accountAsOf: String { "SELECT v.id FROM account v WHERE v.number = ?1 AND \(hasBegun)" }

    package func accounts(after number: [UInt8]?, limit: Int, at moment: Moment?) throws -> [(
        id: AccountID, number: String
    )] {
        let known = moment == nil ? "" : " AND \(Self.hasBegun)"
        let sql = "SELECT v.id, v.number FROM account v WHERE v.number > ?1\(known) ORDER BY v.number LIMIT ?3"
        let list = try statement(sql)
        list.bind(1, number.map { String(decoding: $0, as: UTF8.self) } ?? "").bind(3, Int64(limit))
        if let moment { list.bind(2, moment.microseconds) }
        return try rows(list) { (AccountID($0.int(0)), $0.text(1)) }
    }

    package func unchangedView(number: UnsafeRawBufferPointer, since moment: Moment) throws -> StoredView? {
        let view = try statement(
            """
            SELECT a.id, v.packing_id, v.packed FROM account a JOIN account_view v ON v.account_id = a.id
            WHERE a.number = ?1 AND v.settled_us <= ?2 AND NOT EXISTS (SELECT 1 FROM touched_account WHERE account_id = a.id)
            """)
        return try first(view.bind(1, text: number).bind(2, moment.microseconds), storedView)
    }

    package func forEachRecord(of account: AccountID, at moment: Moment, _ body: (RecordSlice) -> Void) throws {
        try withAccountRows { rows in
            rows.removeAll()
            for (statement, what) in try [
                (statement(Self.recordsAsOf), "record"), (statement(Self.versionsAsOf), "earlier version"),
            ] {
                statement.bind(1, account.number).bind(2, moment.microseconds)
                defer { statement.reset() }
                while try statement.step() {
                    try unpacking(statement, 2, what, statement.int(4)) { body, _ in
                        rows.append(stream: statement.int(0), key: statement.bytes(1), body: body, run: nil)
                    }
                }
            }
            rows.forEach(body)
        }
    }

    /// Each table by itself: to have them in one order SQLite would sort both and merge them, which takes longer than all the rest.
    package static var recordsAsOf: String {
        """
        SELECT v.stream_id, v.key, v.packing_id, v.packed, v.id FROM record v
        WHERE v.account_id = ?1 AND v.voided = 0 AND \(hasBegun)
        """
    }
    package static var versionsAsOf: String {
        """
        SELECT v.stream_id, v.key, v.packing_id, v.packed, v.id FROM record_history v
        WHERE v.account_id = ?1 AND v.voided = 0 AND \(hasBegun) AND \(hasNotEnded)
        """
    }

    package func records(of account: AccountID, at moment: Moment) throws -> [StoredRecord] {
        func versions(_ table: String, _ condition: String) throws -> [StoredRecord] {
            let sql = """
                SELECT \(Self.recordColumns) FROM \(table) r \(Self.recordJoins)
                WHERE r.id IN (SELECT v.id FROM \(table) v WHERE v.account_id = ?1 AND \(condition))
                """
            return try rows(statement(sql).bind(1, account.number).bind(2, moment.microseconds), storedRecord)
        }
        let present = try versions("record", Self.hasBegun)
        let past = try versions("record_history", "\(Self.hasBegun) AND \(Self.hasNotEnded)")
        return (present + past).sorted { ($0.stream, $0.provenance.key) < ($1.stream, $1.provenance.key) }
    }

    package func forEachRecord(in stream: StreamID, at moment: Moment, _ body: (AccountID?, RecordSlice) throws -> Void)
        throws
    {
        // Each half is read in the order of its index on (stream_id, key), and the two are merged.
        let sql = """
            SELECT v.key, v.account_id, v.packing_id, v.packed, v.id, 'record' FROM record v
                WHERE v.stream_id = ?1 AND v.voided = 0 AND \(Self.hasBegun)
            UNION ALL
            SELECT v.key, v.account_id, v.packing_id, v.packed, v.id, 'earlier version' FROM record_history v
                WHERE v.stream_id = ?1 AND v.voided = 0 AND \(Self.hasBegun) AND \(Self.hasNotEnded)
            ORDER BY 1
            """
        let statement = try scan(sql).bind(1, stream.number).bind(2, moment.microseconds)
        defer { statement.reset() }
        while try statement.step() {
            try unpacking(statement, 2, statement.text(5), statement.int(4)) { text, _ in
                try body(
                    statement.optionalInt(1).map { AccountID($0) },
                    RecordSlice(stream: stream, key: statement.bytes(0), body: text))
            }
        }
    }

    package func history(of account: AccountID) throws -> [StoredRecord] {
        let sql = """
            SELECT \(Self.recordColumns), r.ended_run_id, r.ended_reason FROM record_history r \(Self.recordJoins)
            WHERE r.account_id = ?1 ORDER BY s.name, r.key, r.id
            """
        return try rows(statement(sql).bind(1, account.number), endedRecord)
    }

    // MARK: Writing

    package func interruptRuns(of stream: StreamID) throws {
        try statement("UPDATE run SET state = 'interrupted' WHERE stream_id = ?1 AND state = 'running'")
            .bind(1, stream.number).run()
    }

    /// Runs end one after another: where the clock stood still or went back, a microsecond apart.
    package func noteEnd(of run: RunID, at instant: Instant) throws {
        let last = try first(statement("SELECT max(ended_us) FROM run")) { $0.optionalInt(0) }.flatMap { $0 }
        try statement("UPDATE run SET ended_us = ?2 WHERE id = ?1").bind(1, run.number)
            .bind(2, max(instant.microseconds, last.map { $0 + 1 } ?? .min)).run()
        memory.settled = nil
    }

    /// From which moment on all that is committed now belongs to the past; nil while a run is at work.
    package func settledMoment() throws -> Int64? {
        if let settled = memory.settled { return settled.moment }
        let open = try first(statement("SELECT 1 FROM run WHERE ended_us IS NULL LIMIT 1")) { _ in true } ?? false
        let last = try first(statement("SELECT coalesce(max(ended_us), 0) FROM run")) { $0.int(0) } ?? 0
        memory.settled = (open ? nil : last, ())
        return memory.settled?.moment
    }
}
