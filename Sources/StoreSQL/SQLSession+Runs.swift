package import HeatModel
package import Store

extension SQLSession {
    package func streams() throws -> [StoredStream] {
        try rows(statement("SELECT id, name, entity FROM stream ORDER BY name"), storedStream)
    }

    private func storedStream(_ row: Statement) -> StoredStream {
        StoredStream(id: StreamID(row.int(0)), name: row.text(1), entity: EntityKind(rawValue: row.text(2)) ?? .account)
    }

    package func stream(named name: String, entity: EntityKind) throws -> StreamID {
        let add =
            "INSERT INTO stream(name, entity) VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET entity = ?2 WHERE stream.entity <> ?2"
        try statement(add).bind(1, name).bind(2, entity.rawValue).run()
        let id = try first(statement("SELECT id FROM stream WHERE name = ?1").bind(1, name)) { StreamID($0.int(0)) }
        guard let id else { throw HearthError(.storeFailed, "no stream \(name)", at: .address("store")) }
        return id
    }

    // MARK: Runs

    package func beginRun(stream: StreamID, mode: String, mappingVersion: String, at instant: Instant) throws -> RunID {
        let sql = """
            INSERT INTO run(stream_id, mode, state, started_at, mapping_version, cursor_before, cursor_after)
            SELECT id, ?2, 'running', ?3, ?4, cursor, cursor FROM stream WHERE id = ?1 RETURNING id
            """
        let begin = try statement(sql)
        begin.bind(1, stream.number).bind(2, mode).bind(3, instant.description)
        begin.bind(4, mappingVersion)
        memory.settled = nil
        return RunID(try inserted(begin))
    }

    package func noteCounts(run: RunID, _ counts: RunCounts, cursorAfter: String?) throws {
        let sql = """
            UPDATE run SET read = ?2, new = ?3, changed = ?4, unchanged = ?5, duplicate = ?6, quarantined = ?7, vanished = ?8,
                batches = batches + 1, cursor_after = coalesce(?9, cursor_after) WHERE id = ?1
            """
        let note = try statement(sql)
        note.bind(1, run.number).bind(2, counts.read).bind(3, counts.new).bind(4, counts.changed)
        note.bind(5, counts.unchanged).bind(6, counts.duplicate).bind(7, counts.quarantined)
        try note.bind(8, counts.vanished).bind(9, cursorAfter).run()
    }

    package func endRun(_ run: RunID, state: RunState, at instant: Instant, error: HearthError?, totals: [RunTotal])
        throws
    {
        let end = try statement(
            "UPDATE run SET state = ?2, ended_at = ?3, error_code = ?4, error_message = ?5 WHERE id = ?1")
        end.bind(1, run.number).bind(2, state.rawValue).bind(3, instant.description)
        try end.bind(4, error?.code.name).bind(5, error.map { String(describing: $0) }).run()
        try noteEnd(of: run, at: instant)
        for total in totals {
            let add = try statement(
                """
                INSERT INTO run_total(run_id, side, measure, count, sum_fen) VALUES(?1, ?2, ?3, ?4, ?5)
                ON CONFLICT(run_id, side, measure) DO UPDATE SET count = ?4, sum_fen = ?5
                """)
            add.bind(1, run.number).bind(2, total.side.rawValue).bind(3, total.measure)
            try add.bind(4, total.count).bind(5, total.sum.amount).run()
        }
    }

    private static var runColumns: String {
        """
        r.id, s.name, r.mode, r.state, r.started_at, r.ended_at, r.mapping_version, r.read, r.new, r.changed, r.unchanged,
        r.duplicate, r.quarantined, r.vanished, r.error_code, r.error_message, r.cursor_before, r.cursor_after,
        r.batches, r.ended_us, r.proof, r.proof_detail, r.row_limit, r.notices, r.notices_left_out, r.newest_data
        """
    }

    /// - Throws: `store.corrupt` for what no version of Hearth writes: nothing is guessed of a run.
    private func storedRun(_ row: Statement) throws -> Run {
        let number = row.int(0)
        func instant(_ text: String) throws -> Instant {
            guard let instant = Instant(text), instant.description == text else {
                throw Self.unreadable("run \(number) has a time that is none")
            }
            return instant
        }
        guard let state = RunState(rawValue: row.text(3)) else {
            throw Self.unreadable("run \(number) has a state that is none")
        }
        var counts = RunCounts()
        counts.read = row.int(7)
        counts.new = row.int(8)
        counts.changed = row.int(9)
        counts.unchanged = row.int(10)
        counts.duplicate = row.int(11)
        counts.quarantined = row.int(12)
        counts.vanished = row.int(13)
        return Run(
            id: RunID(row.int(0)), stream: row.text(1), mode: row.text(2),
            state: state, startedAt: try instant(row.text(4)), endedAt: try row.optionalText(5).map(instant),
            mappingVersion: row.text(6), counts: counts,
            totals: [],
            errorCode: row.optionalText(14), errorMessage: row.optionalText(15), cursorBefore: row.optionalText(16),
            cursorAfter: row.optionalText(17), batches: row.int(18),
            settled: row.optionalInt(19).map { Moment(microseconds: $0) },
            pull: try Self.pullEnd(row, from: 20, of: number))
    }

    package static func unreadable(_ message: String) -> HearthError {
        HearthError(
            .storeCorrupt, message, at: .address("store"),
            advice: "\(.verifyAudit) shows what was altered; restore the store from a copy, or build it again")
    }

    /// Puts totals to runs; `ids` selects their numbers, as `id`.
    private func withTotals(_ runs: [Run], _ ids: String, _ bind: (Statement) -> Void) throws -> [Run] {
        // The runs come first, whatever the planner takes either for.
        let totals = try statement(
            """
            SELECT t.run_id, t.side, t.measure, t.count, t.sum_fen FROM (\(ids)) w CROSS JOIN run_total t
            WHERE t.run_id = w.id ORDER BY t.run_id, t.side, t.measure
            """)
        bind(totals)
        let all = try rows(totals) {
            guard let side = RunTotal.Side(rawValue: $0.text(1)) else {
                throw Self.unreadable("run \($0.int(0)) has a total of a side that is none")
            }
            return ($0.int(0), RunTotal(side: side, measure: $0.text(2), count: $0.int(3), sum: Fen($0.int(4))))
        }
        let totalsOf = Dictionary(grouping: all, by: \.0)
        return runs.map { run in
            var run = run
            run.totals = totalsOf[run.id.number, default: []].map(\.1)
            return run
        }
    }

    package func runs(_ which: RunChoice, limit: Int) throws -> [Run] {
        if which.each != nil || which.kind != .all && which.stream == nil {
            // A few of each stream, from indexes that hold no others: what is asked for may lie far back.
            let streams = try which.stream.map { [$0] } ?? streams().map(\.id)
            let most = min(limit, which.each ?? limit)
            let runs = try streams.flatMap { try self.runs(RunChoice(which.kind, stream: $0), limit: most) }
            return Array(runs.sorted { $0.id > $1.id }.prefix(limit))
        }
        let conditions = [which.stream == nil ? nil : "stream_id = ?2", Self.condition(of: which.kind)].compactMap(
            \.self)
        let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        let ids = "SELECT id FROM run \(filter) ORDER BY id DESC LIMIT ?1"
        func bind(_ statement: Statement) {
            statement.bind(1, Int64(limit))
            if let stream = which.stream { statement.bind(2, stream.number) }
        }
        let found = try statement(
            """
            SELECT \(Self.runColumns) FROM (\(ids)) w CROSS JOIN run r CROSS JOIN stream s
            WHERE r.id = w.id AND s.id = r.stream_id ORDER BY r.id DESC
            """)
        bind(found)
        return try withTotals(try rows(found, storedRun), ids, bind)
    }

    /// What is asked of a run for its kind, as the indexes `run_whole`, `run_news` and `run_failed` have it.
    package static func condition(of kind: RunChoice.Kind) -> String? {
        let whole = "mode <> 'account'"
        let pulls = "\(whole) AND mode NOT IN ('replay', 'remap')"
        return switch kind {
        case .all: nil
        case .whole: whole
        case .pulls: pulls
        case .news: "\(pulls) AND new + changed + vanished > 0"
        case .failed: "\(whole) AND state NOT IN ('success', 'running')"
        }
    }

    package func run(_ id: RunID) throws -> Run? {
        let sql = "SELECT \(Self.runColumns) FROM run r JOIN stream s ON s.id = r.stream_id WHERE r.id = ?1"
        guard let run = try first(statement(sql).bind(1, id.number), storedRun) else { return nil }
        return try withTotals([run], "SELECT ?1 AS id") { $0.bind(1, id.number) }.first
    }

    // MARK: State

    /// A run that has read a stream, as the index `run_pulled` has it: a reading of one account says nothing of the others, and what
    /// goes through records that are held reads nothing.
    package static var isPull: String { "state = 'success' AND mode NOT IN ('account', 'replay', 'remap')" }

    package func state(stream: StreamID) throws -> SyncState {
        let sql = """
            SELECT s.name, s.cursor, s.cursor_run_id, s.records,
                (SELECT ended_at FROM run WHERE stream_id = s.id AND \(Self.isPull) ORDER BY id DESC LIMIT 1),
                (SELECT newest_data FROM run WHERE stream_id = s.id AND \(Self.isPull) AND newest_data IS NOT NULL
                    ORDER BY id DESC LIMIT 1)
            FROM stream s WHERE s.id = ?1
            """
        let state = try first(statement(sql).bind(1, stream.number)) {
            SyncState(
                stream: $0.text(0), cursor: $0.optionalText(1), run: $0.optionalInt(2).map { RunID($0) },
                succeededAt: $0.optionalText(4).flatMap { Instant($0) }, records: $0.int(3), totals: [],
                newestData: $0.optionalText(5).flatMap { Instant($0) })
        }
        guard var state else { throw HearthError(.storeFailed, "no stream \(stream)", at: .address("store")) }
        state.totals = try rows(
            statement("SELECT measure, count, sum_fen FROM stream_total WHERE stream_id = ?1 ORDER BY measure").bind(
                1, stream.number)
        ) { RunTotal(side: .stored, measure: $0.text(0), count: $0.int(1), sum: Fen($0.int(2))) }
        return state
    }

    package func setCursor(stream: StreamID, run: RunID, cursor: String?) throws {
        try statement("UPDATE stream SET cursor = ?2, cursor_run_id = ?3 WHERE id = ?1")
            .bind(1, stream.number).bind(2, cursor).bind(3, run.number).run()
        // What a run that has ended left behind stands in the chain.
        try statement("UPDATE run SET cursor_after = ?2 WHERE id = ?1 AND ended_us IS NULL")
            .bind(1, run.number).bind(2, cursor).run()
    }

    package func addTotals(stream: StreamID, records: Int64, sums: [(measure: String, count: Int64, sum: Int64)]) throws
    {
        if records != 0 {
            try statement("UPDATE stream SET records = records + ?2 WHERE id = ?1").bind(1, stream.number).bind(
                2, records
            ).run()
        }
        for sum in sums where sum.count != 0 || sum.sum != 0 {
            let sql = """
                INSERT INTO stream_total(stream_id, measure, count, sum_fen) VALUES(?1, ?2, ?3, ?4)
                ON CONFLICT(stream_id, measure) DO UPDATE SET
                    count = stream_total.count + ?3, sum_fen = stream_total.sum_fen + ?4
                """
            try statement(sql).bind(1, stream.number).bind(2, sum.measure).bind(3, sum.count).bind(4, sum.sum).run()
        }
    }

    // MARK: Origins

    package func beginOrigin(_ origin: IncomingOrigin) throws -> OriginID {
        let columns = origin.columns.joined(separator: "\u{1F}")
        try statement(
            "INSERT INTO column_set(columns) SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM column_set WHERE columns = ?1)"
        ).bind(1, columns).run()
        let sql = """
            INSERT INTO origin(stream_id, run_id, kind, name, digest, byte_count, is_snapshot, column_set_id)
            SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, id FROM column_set WHERE columns = ?8 RETURNING id
            """
        let begin = try statement(sql)
        begin.bind(1, origin.stream.number).bind(2, origin.run.number).bind(3, origin.kind).bind(4, origin.name)
        begin.bind(5, origin.digest).bind(6, origin.byteCount).bind(7, origin.isSnapshot ? Int64(1) : 0)
        return OriginID(try inserted(begin.bind(8, columns)))
    }

    package func noteProgress(of origin: OriginID, ordinal: Int64) throws {
        try statement("UPDATE origin SET last_ordinal = ?2 WHERE id = ?1").bind(1, origin.number).bind(2, ordinal).run()
    }

    package func unfinishedOrigin(stream: StreamID, digest: String) throws -> Int64? {
        let sql = """
            SELECT last_ordinal, is_complete FROM origin WHERE stream_id = ?1 AND digest = ?2 ORDER BY id DESC LIMIT 1
            """
        let last = try first(statement(sql).bind(1, stream.number).bind(2, digest)) {
            (ordinal: $0.int(0), isComplete: $0.int(1) != 0)
        }
        return last.flatMap { $0.isComplete ? nil : $0.ordinal }
    }

    package func endOrigin(_ origin: OriginID, digest: String?, byteCount: Int64?) throws {
        let sql =
            "UPDATE origin SET is_complete = 1, digest = coalesce(?2, digest), byte_count = coalesce(?3, byte_count) WHERE id = ?1"
        try statement(sql).bind(1, origin.number).bind(2, digest).bind(3, byteCount).run()
    }

    package func isKnownOrigin(stream: StreamID, digest: String, since: RunID?) throws -> Bool {
        let sql = """
            SELECT 1 FROM origin WHERE stream_id = ?1 AND digest = ?2 AND is_complete = 1 AND (is_snapshot = 1 OR run_id >= ?3) LIMIT 1
            """
        return try first(statement(sql).bind(1, stream.number).bind(2, digest).bind(3, since?.number ?? 0)) { _ in true
        } ?? false
    }

    package func lastSnapshot(stream: StreamID) throws -> SnapshotMark? {
        let snapshots = "FROM origin WHERE stream_id = ?1 AND is_snapshot = 1 AND digest"
        let last = "SELECT id, name, digest \(snapshots) IS NOT NULL ORDER BY id DESC LIMIT 1"
        let sql = """
            SELECT name, digest, EXISTS(
                SELECT 1 \(snapshots) = last.digest AND is_complete = 1
                AND id > (SELECT coalesce(max(id), 0) \(snapshots) <> last.digest))
            FROM (\(last)) AS last
            """
        return try first(statement(sql).bind(1, stream.number)) {
            SnapshotMark(name: $0.text(0), digest: $0.text(1), isWhole: $0.int(2) != 0)
        }
    }

    // MARK: Settings

    package func setting(_ name: String) throws -> String? {
        try first(statement("SELECT value FROM setting WHERE name = ?1").bind(1, name)) { $0.text(0) }
    }

    package func setSetting(_ name: String, _ value: String) throws {
        try statement(
            "INSERT INTO setting(name, value) VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET value = ?2"
        ).bind(1, name).bind(2, value).run()
    }
}
