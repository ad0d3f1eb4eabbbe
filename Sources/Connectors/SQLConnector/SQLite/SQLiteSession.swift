import Foundation
import GRDBSQLite
import HeatModel
import Records

/// SQLite's answers to what a check, a discovery and a pull ask. Its values have types, its columns have none.
extension SQLiteConnection: SQLSession {
    var dialect: SQLDialect { Self.dialect }
    static let dialect = SQLDialect()

    var greeting: String { "SQLite \(String(cString: sqlite3_libversion())) reads \(path)" }
    var form: RowTape.Form { .fields }
    var remembersAsRead: Bool { false }

    func ask(_ sql: String, stream: SQLStream?) throws -> [[String?]] { try rows(sql, stream: stream) }

    func read(_ sql: String, stream: SQLStream, _ take: (SQLRow) throws -> Void) throws -> Int64? {
        let statement = try prepare(sql, stream: stream)
        var row = SQLiteRow(width: statement.columnCount)
        while try statement.step() {
            row.read(statement.handle)
            try row.bytes.withUnsafeBufferPointer { bytes in
                try row.ranges.withUnsafeBufferPointer { try take(.fields(bytes, $0)) }
            }
        }
        return nil
    }

    /// The first SELECT takes the snapshot.
    func begin(_ stream: SQLStream) throws { try execute("BEGIN", stream: stream) }

    func readOnlyFinding() throws -> CheckFinding {
        // What the file is, is seen when it is first read.
        _ = try rows("SELECT count(*) FROM sqlite_schema")
        return sqlite3_db_readonly(handle, "main") == 1
            ? CheckFinding("read only", .ok, "the file is open for reading only")
            : CheckFinding("read only", .failed, "the session could write", advice: "Report this.")
    }

    /// This machine's clock, with the offset of the source's zone.
    func now(_ stream: SQLStream) throws -> Instant {
        Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000), inZone: zone)
    }

    // MARK: Values

    func text(_ sql: String, of column: SQLColumn) -> String { SQLiteValue.sql(sql) }
    func literal(_ written: String, of column: SQLColumn) -> String? { SQLiteValue(written: written)?.literal }
    func content(_ written: String) -> String { SQLiteValue(written: written)?.content ?? written }
    func written(_ content: String) -> String { SQLiteValue.text(content).written }

    func number(_ written: String, of column: SQLColumn) -> String? {
        guard let value = SQLiteValue(written: written), value.isNumber else { return nil }
        return value.literal
    }

    /// No column has a type for moments.
    func literal(_ moment: Instant, of column: SQLColumn) -> String { SQLDialect.literal(moment.description) }

    func kind(of column: SQLColumn, in table: SQLTable, _ stream: SQLStream) throws -> SQLColumn.Kind {
        // Numbers stand before texts: where the greatest is one, all are.
        let greatest = try rows("SELECT typeof(max(\(column.quoted))) \(table.rows(stream))", stream: stream)
        return ["integer", "real"].contains(greatest.first?[0]) ? .number : .text
    }

    func position(_ column: SQLColumn, _ order: CursorOrder, now: Instant) throws -> String? {
        if order == .text { return bytewise(column) }
        try SQLitePosition.define(order, offsetMinutes: now.offsetMinutes, for: self)
        return "hearth_position(\(column.quoted))"
    }

    func statesNoTime(_ column: SQLColumn, _ clock: CursorClock, now: Instant) throws -> String? {
        try SQLitePosition.define(.digits(clock), offsetMinutes: now.offsetMinutes, isMoment: true, for: self)
        return "hearth_moment(\(column.quoted)) IS NULL"
    }

    func bytewise(_ column: SQLColumn) -> String? { "\(column.quoted) COLLATE BINARY" }

    func oddTexts(_ column: SQLColumn, haveDigits: Bool) -> [String] {
        ["typeof(\(column.quoted)) <> 'text'"] + (haveDigits ? ["\(column.quoted) NOT GLOB '*[0-9]*'"] : [])
    }

    func judge(
        _ column: SQLColumn, of table: SQLTable, _ stream: SQLStream, by judge: inout CursorColumn
    ) throws {
        let statement = try prepare(
            "SELECT \(column.quoted) \(table.rows(stream, where: ["\(column.quoted) IS NOT NULL"]))", stream: stream)
        while try statement.step() {
            guard let text = sqlite3_column_text(statement.handle, 0) else { continue }
            judge.take(UnsafeBufferPointer(start: text, count: Int(sqlite3_column_bytes(statement.handle, 0))))
        }
    }

    // MARK: Facts

    func settle(_ stream: SQLStream, within time: Duration?) throws -> Bool? { nil }

    func lateCommits(_ stream: SQLStream) throws -> String? {
        "lookback is 0, and SQLite does not tell of transactions that are open: a row that is committed during a pull with a value from before it may be lost"
    }
}
