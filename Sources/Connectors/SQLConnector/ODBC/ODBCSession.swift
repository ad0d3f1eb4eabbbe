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
        let date = Date(timeIntervalSince1970: Double(moment / 1_000_000))
        let offset = (TimeZone(identifier: zone) ?? .gmt).secondsFromGMT(for: date) / 60
        return Instant(microseconds: moment, offsetMinutes: Int16(offset))
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

    /// A server that does not let the user see the transactions of others does not tell.
    private func open(_ stream: SQLStream) throws -> Set<String>? {
        guard let question = odbc.openTransactions else { return nil }
        // A list that the server keeps for a while must not be older than the question.
        if odbc.openTransactionsAge > 0 { try pause(milliseconds: odbc.openTransactionsAge) }
        do {
            return Set(try rows(question, stream: stream).compactMap { $0[0] })
        } catch let error as HearthError where error.code.area == "source" && error.code != .sourceForbidden {
            throw error
        } catch is HearthError {
            return nil
        }
    }

    func settle(_ stream: SQLStream, within time: Duration?) throws -> Bool? {
        let deadline = ContinuousClock.now + (time ?? .milliseconds(options.settleTime))
        guard var left = try open(stream) else { return nil }
        while !left.isEmpty {
            if ContinuousClock.now >= deadline { return false }
            try pause(milliseconds: 20)
            left.formIntersection(try open(stream) ?? [])
        }
        return true
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
    func readsInWindows(_ table: SQLTable, _ stream: SQLStream) throws -> Bool {
        guard odbc.holdsResults, case .table(let name) = stream.relation, let question = odbc.isVersioned else {
            return false
        }
        let (schema, table) = parts(of: name)
        let asked = question.replacing("??", with: odbc.literal(table)).replacing("?", with: odbc.literal(schema ?? ""))
        return try rows(asked, stream: stream).first?[0] == "1"
    }
}
