import HeatModel
import Records

/// One pull of one stream in one snapshot.
struct SQLPull {
    let session: any SQLSession
    let stream: SQLStream
    let request: PullRequest
    /// Ordinal of the first row: a pull that was broken off may be taken up again.
    var first: Int64 = 1

    func run(_ deliver: (consuming RawBatch) throws -> Void) throws -> PullSummary {
        do { return try read(deliver) } catch let error as HearthError where error.code == .sourceForbidden {
            throw session.explained(error, stream)
        }
    }

    private func read(_ deliver: (consuming RawBatch) throws -> Void) throws -> PullSummary {
        let table = try SQLTable(stream, session)
        try session.refuseHiddenRows(table.relation, stream)
        var summary = PullSummary()
        let isOfAccount = request.mode == .account
        let followed = isOfAccount ? nil : try table.cursor.map { try follow($0, table, &summary) }
        try session.begin(stream)
        let isRenewed = try followed.map { try isFilledAnew($0, table, &summary) } ?? false
        var plan = try SQLPullPlan(stream, request, table, followed, session)
        let tail = table.rows(stream, where: plan.condition)
        var counted: Int64?
        if stream.countsRows && request.limit == nil {
            counted = try session.ask("SELECT count(*) \(tail)", stream: stream).first?[0].flatMap { Int64($0) }
        }
        let windows = try windows(&plan, table)

        let columns = table.columns.map(\.name)
        var batcher = RowBatcher(
            columns: columns, width: columns.count + plan.hidden.count, tracked: plan.tracked, origin: origin,
            request: request, first: first)
        var tape = try RowTape(
            request.tape, session.form, origin: origin, columns: columns, width: batcher.width, first: first)
        let most = request.limit.map { Int64($0) } ?? .max
        var came: Int64 = 0
        let sent = try windows.each(plan) { row in
            came += 1
            if came & 0x3ff == 0 && request.isCancelled() { throw SQLConnector.cancelled }
            if batcher.total >= most || !plan.takes(row) { return }
            if batcher.isFull(for: row.length) {
                let cursor = plan.move(to: batcher.trackedTexts())
                try tape.flush()
                try hand(batcher.take(cursor: cursor, endsOrigin: false), deliver)
            }
            summary.bytes += Int64(row.length + 1)
            tape.append(row)
            guard batcher.append(row) else {
                throw HearthError(
                    .sourceBrokenData,
                    "stream \(stream.name): a row does not have the \(batcher.width) fields asked for",
                    at: .table(stream.relationName, key: nil),
                    advice: "Run again; if it stays, look at the server's log.")
            }
        }
        if let sent, sent != came {
            throw HearthError(
                .sourceBrokenData, "stream \(stream.name): \(came) rows came, the server sent \(sent)",
                at: .table(stream.relationName, key: nil), advice: "Run again.")
        }
        summary.rows = batcher.total
        // Rows that were read and say nothing new are counted by the server too.
        summary.statedRows = counted.map { $0 - (came - batcher.total) }
        let isWhole = batcher.total < most
        let moved = plan.move(to: batcher.trackedTexts())
        plan.end(isWhole: isWhole)
        var last = moved
        if isWhole, var end = plan.end ?? plan.state {
            if let rule = followed?.result.rule, isRenewed || end.witness == nil || end.from != followed?.stored?.from {
                end.witness = try witness(end, rule, table) ?? end.witness
            }
            last = end.written()
        }
        try tape.end()
        try hand(batcher.take(cursor: last, endsOrigin: isWhole), deliver)
        if let text = (plan.end ?? plan.state)?.from { summary.newestData = followed?.result.rule.instant(text) }
        if isWhole { summary.completeness = SQLConnector.completeness(of: summary, "the result ended") }
        return summary
    }

    private func windows(_ plan: inout SQLPullPlan, _ table: SQLTable) throws -> SQLWindows {
        var reader: (any SQLWindowReader)?
        if request.limit == nil, request.mode != .account, table.isTable, plan.isInKeyOrder(of: table),
            !table.key.contains(where: \.isNullable)
        {
            reader = try session.windows(of: table, stream)
        }
        if reader != nil {
            let names = Set(table.key.map(\.name))
            let isUnique = try session.indexes(of: table.relation, stream).contains {
                $0.isUnique && Set($0.columns) == names
            }
            if !isUnique { reader = nil }
        }
        if reader != nil { plan.addKeyFields(table, session) }
        return SQLWindows(
            session: session, stream: stream, table: table, limit: plan.judge == nil ? request.limit : nil,
            reader: reader)
    }

    private func hand(_ batch: consuming RawBatch, _ deliver: (consuming RawBatch) throws -> Void) throws {
        if request.isCancelled() { throw SQLConnector.cancelled }
        try deliver(batch)
    }

    private var origin: Origin {
        let isQuery = if case .query = stream.relation { true } else { false }
        let isFull = request.mode == .full || (request.mode == .incremental && stream.cursor == nil)
        return Origin(
            kind: isQuery ? .query : .table, name: stream.relationName,
            isSnapshot: isFull && stream.isSnapshot && request.limit == nil)
    }

    // MARK: The cursor

    /// Where the cursor column stands, asked before the snapshot: what a transaction that is open by then has yet to commit is
    /// seen by the snapshot or, without a lookback, not passed by the cursor.
    private func follow(
        _ column: SQLColumn, _ table: SQLTable, _ summary: inout PullSummary
    ) throws -> SQLPullPlan.Followed {
        let stored =
            try request.mode == .full
            ? nil
            : request.cursor.map {
                try SQLCursor.read(
                    $0, keyCount: table.order.count,
                    place: .table(stream.relationName, key: nil))
            }
        if let stored, stored.keys == nil { try refusePaddedKeys(table) }
        let survey = CursorSurvey(session: session, stream: stream, table: table, column: column)
        let result = try survey.run(from: stored?.from ?? stored?.high)
        if let outcome = result.outcome { summary.notice(outcome, column: column.name, at: stream.relationName) }
        // A value that was looked for before is settled, or was given up.
        let isOld = stored?.phase == .load
        let isSettled = try stream.lookback > 0 || isOld || session.settle(stream, within: nil) ?? true
        if !isSettled {
            summary.notice(
                "cursor.transactionOpen",
                "a transaction of another session stays open, and what it has yet to commit may be older than what was read: the cursor stays where it is. Look for sessions that are idle in transaction, or set lookback to longer than the longest transaction lasts",
                at: stream.relationName)
        }
        return SQLPullPlan.Followed(survey: survey, result: result, stored: stored, isSettled: isSettled)
    }

    /// These stood in the keys of records once: read without them, each record would be there twice.
    private func refusePaddedKeys(_ table: SQLTable) throws {
        guard let condition = session.paddedKeys(table.key) else { return }
        let limited = session.dialect.limited(to: 1, isOrdered: false)
        if try session.ask("SELECT 1 FROM \(table.sql) WHERE \(condition)\(limited)", stream: stream).isEmpty { return }
        throw HearthError(
            .sourcePaddedKeys,
            "stream \(stream.name): its records were stored under keys with the blanks of char(n), which are no longer read",
            at: .table(stream.relationName, key: nil),
            advice:
                "Run \(.fullRefreshWithDeletes) once: every record gets its key without blanks, and the old ones end."
        )
    }

    /// Whether rows are to be remembered anew.
    /// - Throws: ``HearthError`` `source.refilled` where the remembered ones are gone or changed.
    private func isFilledAnew(
        _ followed: SQLPullPlan.Followed, _ table: SQLTable, _ summary: inout PullSummary
    ) throws -> Bool {
        let rule = followed.result.rule
        guard followed.stored?.phase == .follow, let from = followed.result.from, let column = table.cursor else {
            return false
        }
        // The judge of texts that come as they are sees it at the end.
        if case .judged = rule.kind { return false }
        let reached = "FROM \(table.sql) WHERE \(rule.value) >= \(try rule.literal(from))"
        let limited = session.dialect.limited(to: 1, isOrdered: false)
        if try session.ask("SELECT 1 \(reached)\(limited)", stream: stream).isEmpty {
            summary.noticeNothingReached(column: column.name, at: stream.relationName)
            return false
        }
        guard let witness = followed.stored?.witness, let condition = try rule.condition(from: witness.since) else {
            return false
        }
        return try witnesses(rule, table).check(witness, reading: condition)
    }

    private func witnesses(_ rule: CursorRule, _ table: SQLTable) -> WitnessQuery {
        WitnessQuery(
            stream: stream, dialect: session.dialect, table: table,
            key: table.key.map { key in
                WitnessQuery.Key(
                    name: key.quoted, read: session.text(key), literal: { session.literal($0, of: key) })
            }, columns: table.columns.map { session.text($0) },
            value: (rule.value, session.text(rule.value, of: rule.column)),
            form: CursorWitness.digest([session.zone] + table.columns.flatMap { [$0.name, $0.type] })
        ) { try session.ask($0, stream: stream) }
    }

    /// Of a column that the system orders by an index, and rows that it finds by one.
    private func witness(_ end: SQLCursor, _ rule: CursorRule, _ table: SQLTable) throws -> CursorWitness? {
        guard rule.kind == .moment || rule.kind == .number, let from = end.from, let key = table.key.first,
            table.isTable
        else { return nil }
        let indexes = try session.indexes(of: table.relation, stream)
        guard indexes.contains(where: { $0.columns.first == rule.column.name }),
            indexes.contains(where: { $0.columns.first == key.name })
        else { return nil }
        return try witnesses(rule, table).take(at: from, where: rule.upTo(from))
    }
}
