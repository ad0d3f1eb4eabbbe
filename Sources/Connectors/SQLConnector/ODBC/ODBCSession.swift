import Foundation
import HeatModel
import Records

/// What is asked of a source behind an ODBC driver, by the data of its dialect.
extension ODBCConnection: SQLSession {
    var dialect: SQLDialect { odbc.sql }
    var greeting: String { "\(serverName) at \(target.place), by \(driverName)" }
    var form: RowTape.Form { .fields }
    var remembersAsRead: Bool { true }

    func ask(_ sql: String, stream: SQLStream?) throws -> [[String?]] { try rows(sql, stream: stream) }

    func read(_ sql: String, stream: SQLStream, _ take: (SQLRow) throws -> Void) throws -> Int64? {
        try ODBCStatement(self, sql, stream: stream).each(take)
        return nil
    }

    func begin(_ stream: SQLStream) throws {
        try setAutocommit(false, stream: stream)
        for statement in odbc.begin { _ = try rows(statement, stream: stream) }
    }

    func readOnlyFinding() throws -> CheckFinding {
        guard let question = odbc.readOnly else {
            return CheckFinding(
                "read only", .warning,
                "\(odbc.name) has no session that cannot write: what protects it is that nothing but SELECT is sent, and the user's rights",
                advice: "Give the gateway a user that may only read.")
        }
        let answer = try rows(question, stream: nil).first ?? []
        return answer.contains(where: { ["1", "on"].contains($0?.lowercased()) })
            ? CheckFinding("read only", .ok, "the server refuses every write of this session")
            : CheckFinding(
                "read only", .failed, "the session could write",
                advice: "Connect directly, not through a pooler that resets settings.")
    }

    func now(_ stream: SQLStream) throws -> Instant {
        let text = try rows(odbc.now, stream: stream).first?[0] ?? ""
        guard let moment = CursorOrder.instant.moment(text, offsetMinutes: 0) else {
            throw HearthError(
                .sourceQueryFailed, "the server's clock says \"\(text)\", which is no time", at: target.place,
                advice: "Run \(odbc.now) by hand, as the source's user.")
        }
        return Instant(microseconds: moment, inZone: zone)
    }

    // MARK: Values

    /// The way that the column is read, of another expression.
    func text(_ sql: String, of column: SQLColumn) -> String {
        sql == column.read ? sql : column.read.replacing(column.quoted, with: sql)
    }

    func literal(_ written: String, of column: SQLColumn) -> String? { odbc.literal(written, of: column) }
    func literal(_ moment: Instant, of column: SQLColumn) -> String { odbc.literal(moment, of: column) }

    /// Each system would need another way to say it, and none uses an index: the values are judged as they come.
    func position(_ column: SQLColumn, _ order: CursorOrder, now: Instant) throws -> String? { nil }
    func bytewise(_ column: SQLColumn) -> String? { nil }
    func oddTexts(_ column: SQLColumn, haveDigits: Bool) -> [String] { [] }

    func judge(
        _ column: SQLColumn, of table: SQLTable, _ stream: SQLStream, by judge: inout CursorColumn
    ) throws {
        let sql = "SELECT \(column.read) \(table.rows(stream, where: ["\(column.quoted) IS NOT NULL"]))"
        _ = try read(sql, stream: stream) { row in
            guard case .fields(let bytes, let ranges) = row, let range = ranges.first, !range.isNone else { return }
            judge.take(UnsafeBufferPointer(rebasing: bytes[Int(range.offset)..<Int(range.offset) + Int(range.length)]))
        }
    }

    // MARK: Facts

    func settle(_ stream: SQLStream, within time: Duration?) throws -> Bool? {
        guard let question = odbc.openTransactions else { return nil }
        do {
            return try isSettled(stream, question, within: time ?? .milliseconds(options.settleTime))
        } catch let error as HearthError where error.code.area == "source" && error.code != .sourceForbidden {
            throw error
        } catch let error as HearthError where error.code.area != "run" {
            // The server does not let the user see the transactions of others.
            return nil
        }
    }

    private func isSettled(_ stream: SQLStream, _ question: String, within time: Duration) throws -> Bool {
        if let own = odbc.ownTransaction { _ = try rows(own, stream: stream) }
        defer { if odbc.ownTransaction != nil { _ = try? rows("ROLLBACK", stream: stream) } }
        let deadline = ContinuousClock.now + max(time, odbc.ownTransaction == nil ? .zero : .seconds(2))
        var begin: ContinuousClock.Instant?
        var left: Set<String>?
        while true {
            if odbc.ownTransaction != nil { try pause(until: ODBCTurn.next(of: target.server)) }
            let found = try rows(question, stream: stream)
            let isFresh = odbc.ownTransaction == nil || found.contains { $0.count > 1 && $0[1] == "1" }
            if isFresh {
                let open = Set(found.filter { $0.count < 2 || $0[1] != "1" }.compactMap { $0[0] })
                left = left?.intersection(open) ?? open
                if left?.isEmpty == true { return true }
                let first = begin ?? ContinuousClock.now
                begin = first
                if ContinuousClock.now - first >= time { return false }
            }
            if ContinuousClock.now >= deadline { return false }
            if odbc.ownTransaction == nil { try pause(milliseconds: 20) }
        }
    }

    func lateCommits(_ stream: SQLStream) throws -> String? {
        switch try settle(stream, within: .milliseconds(500)) {
        case true?: nil
        case false?:
            "lookback is 0 and a transaction of another session stays open: the cursor does not move until it has ended"
        case nil:
            "lookback is 0, and \(odbc.name) does not let this user see the transactions of others: rows that are committed late may be missed"
        }
    }

    /// Where the driver would hold a whole result, a table of one snapshot is read in windows of its key.
    func windows(of table: SQLTable, _ stream: SQLStream) throws -> (any SQLWindowReader)? {
        guard odbc.holdsResults, case .table(let name) = stream.relation, let question = odbc.isVersioned else {
            return nil
        }
        let (schema, table) = parts(of: name)
        let answer = try rows(odbc.filled(question, schema: schema, table: table), stream: stream)
        return answer.first?[0] == "1" ? ODBCWindows(self, stream) : nil
    }
}
