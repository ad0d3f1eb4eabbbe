import HeatModel
package import Store

extension SQLSession {
    /// A version `v` held at the moment ?9.
    private static var hadBegun: String { "(SELECT ended_us FROM run WHERE id = v.run_id) <= ?9" }
    private static var hadNotEnded: String {
        "coalesce((SELECT ended_us FROM run WHERE id = v.ended_run_id) > ?9, TRUE)"
    }

    /// The versions that hold now, or held then, of records for which a condition is true.
    private func versions(
        _ columns: String, _ index: IndexHint, where condition: String, order: String, at moment: Moment?
    ) throws -> Statement {
        let present = "SELECT \(columns) FROM record v \(Self.hint(index)) WHERE \(condition)"
        guard let moment else { return try scan("\(present) \(order)") }
        let past =
            "SELECT \(columns) FROM record_history v WHERE \(condition) AND \(Self.hadBegun) AND \(Self.hadNotEnded)"
        return try scan("\(present) AND \(Self.hadBegun) UNION ALL \(past) \(order)").bind(9, moment.microseconds)
    }

    package func forEachView(_ body: (AccountID, UnsafeRawBufferPointer) throws -> Void) throws {
        let statement = try scan("SELECT account_id, packing_id, packed FROM account_view ORDER BY account_id")
        defer { statement.reset() }
        while try statement.step() { try unpackingView(statement) { try body(AccountID(statement.int(0)), $0.body) } }
    }

    package func view(_ account: AccountID) throws -> StoredView? {
        let sql = "SELECT account_id, packing_id, packed FROM account_view WHERE account_id = ?1"
        return try first(statement(sql).bind(1, account.number), storedView)
    }

    package func position(stream: StreamID, key: UnsafeRawBufferPointer, at moment: Moment?) throws -> RecordPosition? {
        let versions = try versions(
            "v.run_id, (SELECT name FROM origin WHERE id = v.origin_id), v.ordinal", .any,
            where: "v.stream_id = ?1 AND v.key = ?2", order: "", at: moment)
        return try first(versions.bind(1, stream.number).bind(2, blob: key)) {
            RecordPosition(run: RunID($0.int(0)), origin: $0.text(1), ordinal: $0.int(2))
        }
    }

    package func forEachPlacedRecord(at moment: Moment?, _ body: (AccountID, RecordSlice) throws -> Void) throws {
        // Of the present, the partial index record_placed holds these alone.
        let statement = try versions(
            "v.account_id, v.stream_id, v.key, v.packing_id, v.packed, v.id", .of("record_placed"),
            where: "v.rule = 3 AND v.voided = 0 AND v.account_id IS NOT NULL", order: "ORDER BY 2, 3", at: moment)
        defer { statement.reset() }
        while try statement.step() {
            try unpacking(statement, 3, "record", statement.int(5)) { text, _ in
                try body(
                    AccountID(statement.int(0)),
                    RecordSlice(stream: StreamID(statement.int(1)), key: statement.bytes(2), body: text))
            }
        }
    }

    package func forEachLeftOutRecord(at moment: Moment?, _ body: (RecordSlice) throws -> Void) throws {
        let statement = try versions(
            "v.stream_id, v.key, v.packing_id, v.packed, v.id", .of("record_left_out"),
            where: "(v.voided = 1 OR v.account_id IS NULL)", order: "ORDER BY 1, 2", at: moment)
        defer { statement.reset() }
        while try statement.step() {
            try unpacking(statement, 2, "record", statement.int(4)) { text, _ in
                try body(RecordSlice(stream: StreamID(statement.int(0)), key: statement.bytes(1), body: text))
            }
        }
    }

    package func forEachRecord(
        heldAt moment: Moment?, _ body: (RecordSlice, _ account: AccountID?, _ isVoided: Bool) throws -> Void
    ) throws {
        let statement = try versions(
            "v.stream_id, v.key, v.packing_id, v.packed, v.id, v.account_id, v.voided", .none, where: "1 = 1",
            order: "", at: moment)
        defer { statement.reset() }
        while try statement.step() {
            try unpacking(statement, 2, "record", statement.int(4)) { text, _ in
                try body(
                    RecordSlice(stream: StreamID(statement.int(0)), key: statement.bytes(1), body: text),
                    statement.optionalInt(5).map { AccountID($0) }, statement.int(6) != 0)
            }
        }
    }

    package func quarantine(at moment: Moment, after: QuarantineID?, limit: Int) throws -> [QuarantinedRecord] {
        // What a later run settled was open until that run ended.
        let sql = """
            SELECT q.id FROM quarantine q WHERE q.id > ?1
                AND (SELECT ended_us FROM run WHERE id = q.first_run_id) <= ?2
                AND (q.state = 'open' OR (q.state IN ('resolved', 'replayed')
                    AND coalesce((SELECT ended_us FROM run WHERE id = q.last_run_id) > ?2, TRUE)))
            ORDER BY q.id LIMIT ?3
            """
        let list = try statement(sql)
        list.bind(1, after?.number ?? 0).bind(2, moment.microseconds).bind(3, Int64(limit))
        return try rows(list) { QuarantineID($0.int(0)) }.compactMap { try quarantined($0) }
    }

    package func sharedPlaces() throws -> [(numbers: [String], community: String)] {
        let places = try statement(
            """
            SELECT community, building, unit, room FROM place WHERE community <> '' AND building <> '' AND room <> ''
            GROUP BY community, building, room, unit HAVING count(DISTINCT account_id) > 1 ORDER BY community, building, room, unit
            """)
        let found = try rows(places) { [$0.text(0), $0.text(1), $0.text(2), $0.text(3)] }
        let members = try statement(
            """
            SELECT DISTINCT a.number FROM place p JOIN account a ON a.id = p.account_id
            WHERE p.community = ?1 AND p.building = ?2 AND p.unit = ?3 AND p.room = ?4 ORDER BY a.number
            """)
        return try found.map { place in
            for (index, part) in place.enumerated() { members.bind(Int32(index + 1), part) }
            return (try rows(members) { $0.text(0) }, place[0])
        }
    }

    package func originName(_ origin: OriginID) throws -> String? {
        try first(statement("SELECT name FROM origin WHERE id = ?1").bind(1, origin.number)) { $0.text(0) }
    }

    package func newestRun(at moment: Moment?) throws -> RunID? {
        let sql = "SELECT max(id) FROM run WHERE ?1 IS NULL OR ended_us <= ?1"
        return try first(statement(sql).bind(1, moment?.microseconds)) { $0.optionalInt(0).map { RunID($0) } } ?? nil
    }

    package func newestRun(of stream: StreamID, at moment: Moment?) throws -> Run? {
        let sql =
            "SELECT max(id) FROM run WHERE stream_id = ?1 AND mode <> 'account' AND (?2 IS NULL OR ended_us <= ?2)"
        let newest = try first(statement(sql).bind(1, stream.number).bind(2, moment?.microseconds)) {
            $0.optionalInt(0)
        }
        guard let id = newest ?? nil else { return nil }
        return try run(RunID(id))
    }

    /// Runs of a stream (?1) since its last reading of everything, that one included: a full run, or one that read a snapshot to its
    /// end. Of the past (?2), those that had ended by then. What reads one account alone states nothing of the stream.
    private static var sinceWhole: String {
        """
        run.stream_id = ?1 AND (?2 IS NULL OR run.ended_us <= ?2) AND run.mode <> 'account' AND run.id >=
            coalesce((SELECT max(r.id) FROM run r WHERE r.stream_id = ?1 AND r.mode = 'full' AND r.state = 'success'
                AND (?2 IS NULL OR r.ended_us <= ?2)), 0) AND run.id >=
            coalesce((SELECT max(o.run_id) FROM origin o JOIN run r ON r.id = o.run_id
                WHERE o.stream_id = ?1 AND o.is_snapshot = 1 AND o.is_complete = 1
                AND (?2 IS NULL OR r.ended_us <= ?2)), 0)
        """
    }

    package func repeatedRows(stream: StreamID, at moment: Moment?) throws -> Int64 {
        let sql = "SELECT CAST(coalesce(sum(duplicate), 0) AS BIGINT) FROM run WHERE \(Self.sinceWhole)"
        return try first(statement(sql).bind(1, stream.number).bind(2, moment?.microseconds)) { $0.int(0) } ?? 0
    }

    package func repeatedMoney(stream: StreamID, at moment: Moment?) throws -> [RunTotal] {
        let sql = """
            SELECT t.measure, CAST(sum(t.count) AS BIGINT), CAST(sum(t.sum_fen) AS BIGINT) FROM run_total t JOIN run ON run.id = t.run_id
            WHERE t.side = 'duplicate' AND \(Self.sinceWhole) GROUP BY t.measure ORDER BY t.measure
            """
        return try rows(statement(sql).bind(1, stream.number).bind(2, moment?.microseconds)) {
            RunTotal(side: .duplicate, measure: $0.text(0), count: $0.int(1), sum: Fen($0.int(2)))
        }
    }
}
