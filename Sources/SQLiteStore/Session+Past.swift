import GRDBSQLite
import HeatModel
import Store

/// A version is there at a moment where the run that began it had ended by then, and the one that ended it had not.
extension Session {
    private static let hasBegun = "(SELECT ended_us FROM run WHERE id = v.run_id) <= ?2"
    private static let hasNotEnded = "coalesce((SELECT ended_us FROM run WHERE id = v.ended_run_id) > ?2, 1)"

    func moment(of asOf: AsOf) throws -> Moment? {
        switch asOf {
        case .present: return nil
        case .instant(let instant): return Moment(microseconds: instant.microseconds)
        case .run(let run):
            let end = try first(endOfRun.get().bind(1, run.number)) { $0.optionalInt(0) }
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

    func hasEnded(_ run: RunID, by moment: Moment) throws -> Bool {
        let sql = "SELECT ended_us <= ?2 FROM run WHERE id = ?1"
        return try first(statement(sql).bind(1, run.number).bind(2, moment.microseconds)) { $0.int(0) != 0 } ?? false
    }

    func account(number: UnsafeRawBufferPointer, at moment: Moment) throws -> AccountID? {
        try first(accountByNumberAsOf.get().bind(1, text: number).bind(2, moment.microseconds)) {
            AccountID($0.int(0))
        }
    }

    static let accountAsOf = "SELECT v.id FROM account v WHERE v.number = ?1 AND \(hasBegun)"

    func accounts(after number: [UInt8]?, limit: Int, at moment: Moment?) throws -> [(id: AccountID, number: String)] {
        let known = moment == nil ? "" : " AND \(Self.hasBegun)"
        let sql = "SELECT v.id, v.number FROM account v WHERE v.number > ?1\(known) ORDER BY v.number LIMIT ?3"
        let list = try statement(sql)
        list.bind(1, number.map { String(decoding: $0, as: UTF8.self) } ?? "").bind(3, Int64(limit))
        if let moment { list.bind(2, moment.microseconds) }
        return try rows(list) { (AccountID($0.int(0)), $0.text(1)) }
    }

    func unchangedView(number: UnsafeRawBufferPointer, since moment: Moment) throws -> StoredView? {
        let view = try unchangedViewByNumber.get().bind(1, text: number).bind(2, moment.microseconds)
        return try first(view, storedView)
    }

    func forEachRecord(of account: AccountID, at moment: Moment, _ body: (RecordSlice) -> Void) throws {
        // Kept aside, so that who is handed them may read other accounts.
        var rows = accountRows
        accountRows = AccountRows()
        defer { accountRows = rows }
        rows.removeAll()
        for (statement, what) in try [
            (recordsOfAccountAsOf.get(), "record"), (versionsOfAccountAsOf.get(), "earlier version"),
        ] {
            statement.bind(1, account.number).bind(2, moment.microseconds)
            defer { statement.reset() }
            while try statement.step() {
                let isThere: Void? = try packing.unpacking(statement.bytes(3), packing: statement.int(2)) { body, _ in
                    rows.append(stream: statement.int(0), key: statement.bytes(1), body: body, run: nil)
                }
                if isThere == nil { throw PackedColumns.unreadable(what, statement.int(4)) }
            }
        }
        rows.forEach(body)
    }

    /// Each table by itself: to have them in one order SQLite would sort both and merge them, which takes longer than all the rest.
    static let recordsAsOf = """
        SELECT v.stream_id, v.key, v.packing_id, v.packed, v.id FROM record v
        WHERE v.account_id = ?1 AND v.voided = 0 AND \(hasBegun)
        """
    static let versionsAsOf = """
        SELECT v.stream_id, v.key, v.packing_id, v.packed, v.id FROM record_history v
        WHERE v.account_id = ?1 AND v.voided = 0 AND \(hasBegun) AND \(hasNotEnded)
        """

    func records(of account: AccountID, at moment: Moment) throws -> [StoredRecord] {
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

    func forEachRecord(in stream: StreamID, at moment: Moment, _ body: (AccountID?, RecordSlice) throws -> Void) throws
    {
        // Each half is read in the order of its index on (stream_id, key), and the two are merged.
        let sql = """
            SELECT v.key, v.account_id, \(PackedColumns.body("v")) FROM record v
                WHERE v.stream_id = ?1 AND v.voided = 0 AND \(Self.hasBegun)
            UNION ALL
            SELECT v.key, v.account_id, \(PackedColumns.body("v", "earlier version")) FROM record_history v
                WHERE v.stream_id = ?1 AND v.voided = 0 AND \(Self.hasBegun) AND \(Self.hasNotEnded)
            ORDER BY 1
            """
        let statement = try statement(sql).bind(1, stream.number).bind(2, moment.microseconds)
        defer { statement.reset() }
        while try statement.step() {
            try body(
                statement.optionalInt(1).map { AccountID($0) },
                RecordSlice(stream: stream, key: statement.bytes(0), body: statement.bytes(2)))
        }
    }

    func history(of account: AccountID) throws -> [StoredRecord] {
        let sql = """
            SELECT \(Self.recordColumns), r.ended_run_id, r.ended_reason FROM record_history r \(Self.recordJoins)
            WHERE r.account_id = ?1 ORDER BY s.name, r.key, r.id
            """
        return try rows(statement(sql).bind(1, account.number), endedRecord)
    }

    // MARK: Writing

    func interruptRuns(of stream: StreamID) throws {
        try statement("UPDATE run SET state = 'interrupted' WHERE stream_id = ?1 AND state = 'running'")
            .bind(1, stream.number).run()
    }

    /// Runs end one after another: where the clock stood still or went back, a microsecond apart.
    func noteEnd(of run: RunID, at instant: Instant) throws {
        let sql = "UPDATE run SET ended_us = max(?2, coalesce((SELECT max(ended_us) + 1 FROM run), ?2)) WHERE id = ?1"
        try statement(sql).bind(1, run.number).bind(2, instant.microseconds).run()
        settled = nil
    }

    /// From which moment on all that is committed now belongs to the past; nil while a run is at work.
    func settledMoment() throws -> Int64? {
        if let settled { return settled.moment }
        let open = try first(statement("SELECT 1 FROM run WHERE ended_us IS NULL LIMIT 1")) { _ in true } ?? false
        let last = try first(statement("SELECT coalesce(max(ended_us), 0) FROM run")) { $0.int(0) } ?? 0
        settled = (open ? nil : last, ())
        return settled?.moment
    }
}
