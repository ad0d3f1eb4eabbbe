import HeatModel
import Records

/// The questions of ``SQLConnector/check()``.
struct SQLCheck {
    let connector: SQLConnector

    func run() -> [CheckFinding] {
        var findings: [CheckFinding] = []
        do {
            let session = try connector.session()
            // Asked first: a file shows only when it is read that it is no database.
            let readOnly = try session.readOnlyFinding()
            findings += [CheckFinding("connect", .ok, session.greeting), readOnly]
            for stream in connector.streams { findings += check(stream, session) }
        } catch {
            findings.append(.init("connect", error))
        }
        return findings
    }

    private func check(_ stream: SQLStream, _ session: any SQLSession) -> [CheckFinding] {
        let subject = "stream \(stream.name)"
        do {
            let table = try SQLTable(stream, session)
            try session.refuseHiddenRows(table.relation, stream)
            var findings = [
                CheckFinding(subject, .ok, "\(stream.relationName) has \(table.columns.count) columns to read")
            ]
            let read = table.columns + table.key + (table.cursor.map { [$0] } ?? [])
            _ = try session.ask(
                "SELECT \(read.map(\.read).joined(separator: ", ")) \(table.rows(stream, where: ["1 = 0"]))",
                stream: stream)
            let indexes = table.isTable ? try session.indexes(of: table.relation, stream) : nil
            findings += try checkKey(stream, table, indexes, session)
            findings += try checkCursor(stream, table, indexes, session)
            findings += try checkFresh(stream, table, indexes)
            return findings
        } catch let error as HearthError where error.code == .sourceForbidden {
            return [.init(subject, session.explained(error, stream))]
        } catch {
            return [.init(subject, error)]
        }
    }

    private func checkKey(
        _ stream: SQLStream, _ table: SQLTable, _ indexes: [SQLIndex]?, _ session: any SQLSession
    ) throws -> [CheckFinding] {
        let subject = "key of \(stream.name)"
        let names = table.key.map(\.name)
        if names.isEmpty {
            return [
                .init(
                    subject, .warning, "no key is configured and the table declares none: rows come in no order",
                    advice: "Name the columns that identify a row.")
            ]
        }
        if let indexes, indexes.contains(where: { $0.isUnique && Set($0.columns) == Set(names) }) {
            return [.init(subject, .ok, "\(names.joined(separator: ", ")) is unique")]
        }
        let shared = try checkShared(stream, table, session)
        if indexes == nil || shared.verdict != .ok { return [shared] }
        return [
            .init(
                subject, .warning,
                "\(names.joined(separator: ", ")) has no unique index: rows may share a key, and reading in its order sorts the table",
                advice: "Ask for a unique index, or choose the columns of the primary key.")
        ]
    }

    /// Whether rows share a key, where nothing says that they cannot.
    private func checkShared(
        _ stream: SQLStream, _ table: SQLTable, _ session: any SQLSession
    ) throws -> CheckFinding {
        let key = table.key.map(\.quoted).joined(separator: ", ")
        let found = try session.ask(
            "SELECT count(*), coalesce(sum(n), 0) FROM (SELECT count(*) AS n \(table.rows(stream)) GROUP BY \(key) HAVING count(*) > 1) k",
            stream: stream)
        let keys = found.first?[0] ?? "0"
        let names = table.key.map(\.name).joined(separator: ", ")
        if keys == "0" { return .init("key of \(stream.name)", .ok, "no two rows share \(names)") }
        return .init(
            "key of \(stream.name)", .warning, "\(found.first?[1] ?? "") rows share \(keys) values of \(names)",
            advice: "Name the columns that identify a row: of rows with one key only one is kept.")
    }

    private func checkFresh(_ stream: SQLStream, _ table: SQLTable, _ indexes: [SQLIndex]?) throws -> [CheckFinding] {
        if stream.fresh == nil { return [] }
        let column = try table.accountColumn(of: stream)
        if let indexes, !indexes.contains(where: { $0.columns.first == column.name }) {
            return [
                .init(
                    "fresh of \(stream.name)", .warning,
                    "\(column.name) has no index: asking for the rows of one account reads the whole table",
                    advice: "Ask for an index on it.")
            ]
        }
        return [.init("fresh of \(stream.name)", .ok, "the rows of one account are found by \(column.name)")]
    }

    private func checkCursor(
        _ stream: SQLStream, _ table: SQLTable, _ indexes: [SQLIndex]?, _ session: any SQLSession
    ) throws -> [CheckFinding] {
        guard let cursor = table.cursor else { return [] }
        let subject = "cursor of \(stream.name)"
        var findings: [CheckFinding] = []
        let survey = CursorSurvey(session: session, stream: stream, table: table, column: cursor)
        let result = try survey.run(from: nil)
        let high = try survey.high(result)
        _ = try result.rule.condition(from: high)
        let counts = try survey.counts(result)
        findings += counts.outcome.findings(subject, column: cursor.name)
        if let indexes, !indexes.contains(where: { $0.columns.first == cursor.name }) {
            findings.append(
                .init(
                    subject, .warning, "\(cursor.name) has no index: each incremental pull reads the whole table",
                    advice: "Ask for an index on it."))
        }
        if cursor.isNullable && (indexes != nil || counts.nulls > 0) {
            findings.append(
                .init(
                    subject, .warning,
                    "\(cursor.name) may be NULL, and is in \(counts.nulls) rows: rows without it are read by every pull",
                    advice: "Ask for NOT NULL, if it always has a value."))
        }
        if stream.lookback <= 0, let risk = try session.lateCommits(stream) {
            findings.append(
                .init(
                    "lookback of \(stream.name)", .warning, risk,
                    advice: "Set lookback to longer than the longest transaction of the legacy system lasts."))
        }
        if let order = result.rule.timeOrder {
            let isLocal = result.rule.kind == .moment && cursor.kind == .localTime
            findings += RepeatedHour.findings(
                stream, column: cursor.name, isLocal ? nil : high.map { session.content($0) } ?? "", order,
                in: connector.zone, now: result.rule.now)
        }
        let order = result.rule.order.map { ", read as \($0)" } ?? ""
        return findings.isEmpty ? [.init(subject, .ok, "\(cursor.name) of type \(cursor.type)\(order)")] : findings
    }
}
