import Foundation
import GRDBSQLite
import HeatModel
import Records

/// Asks how the values of a cursor column grow and how far they can be progress.
struct SQLiteSurvey {
    let connection: SQLiteConnection
    let stream: SQLStream
    let table: SQLiteTable
    let column: SQLiteTable.Column
    /// The present by this machine's clock, with the offset of the source's zone.
    let now: Instant

    enum Kind: Equatable {
        /// Numbers, compared as SQLite does.
        case number
        /// Texts, compared by `hearth_position`.
        case position(CursorOrder)
        /// Texts in the order of their bytes.
        case text
    }

    struct Result {
        var kind: Kind
        var order: CursorOrder?
        /// The greatest value that is progress; of moments nil where it was not looked for: now bounds them.
        var progress: SQLiteValue?
        /// The stored value, where it still is progress.
        var from: SQLiteValue?
        var outcome: CursorOutcome?
    }

    init(
        _ connection: SQLiteConnection, _ stream: SQLStream, _ table: SQLiteTable, _ column: SQLiteTable.Column,
        zone: String
    ) {
        self.connection = connection
        self.stream = stream
        self.table = table
        self.column = column
        let date = Date()
        let offset = (TimeZone(identifier: zone) ?? .gmt).secondsFromGMT(for: date) / 60
        now = Instant(microseconds: Int64(date.timeIntervalSince1970 * 1_000_000), offsetMinutes: Int16(offset))
    }

    private var name: String { SQLiteTable.quoted(column.name) }
    private var filter: String { stream.filter.map { "(\n\($0)\n) AND " } ?? "" }

    /// - Parameters:
    ///   - stored: where the last pull left off.
    ///   - looksFor: whether the greatest value is wanted although now alone bounds the cursor.
    /// - Throws: ``HearthError`` `config.cursorOrder` where the column's order is not known or is not that of time.
    func run(from stored: SQLiteValue?, looksFor: Bool) throws -> Result {
        if !looksFor, case .text(let text)? = stored, let order = timeOrder(of: text) {
            try SQLitePosition.define(order, offsetMinutes: now.offsetMinutes, for: connection)
            return Result(kind: .position(order), order: order, progress: nil, from: sound(stored, order), outcome: nil)
        }
        // Numbers stand before texts: where the greatest is one, all are.
        let greatest = try connection.rows(
            "SELECT typeof(max(\(name))) FROM \(table.sql) WHERE \(filter)1", stream: stream)
        if ["integer", "real"].contains(greatest.first?[0]) { return try numbers(stored) }
        return try texts(stored)
    }

    /// The order of a time that is declared, or that a stored value shows.
    private func timeOrder(of text: String) -> CursorOrder? {
        let order = stream.cursorOrder ?? .instant
        return order.moment(text, offsetMinutes: now.offsetMinutes) == nil ? nil : order
    }

    private func sound(_ stored: SQLiteValue?, _ order: CursorOrder) -> SQLiteValue? {
        guard let stored, let moment = order.moment(stored.content, offsetMinutes: now.offsetMinutes),
            moment <= now.microseconds
        else { return nil }
        return stored
    }

    private func numbers(_ stored: SQLiteValue?) throws -> Result {
        if case .text? = stored { throw SQLConnector.badCursor(stream) }
        var written: [String: SQLiteValue] = [:]
        let declared: CursorOrder =
            switch stream.cursorOrder {
            case .digits, .counter: stream.cursorOrder ?? .number
            default: .number
            }
        var column = CursorColumn(order: declared, now: now)
        if let stored { column.take(stored.content, rows: 0) }
        func take(_ values: [SQLiteValue]) {
            for value in values where written.updateValue(value, forKey: value.content) == nil {
                column.take(value.content)
            }
        }
        take(try greatestNumbers(below: nil))
        // What lies ahead of the times up to now must not hide them.
        if column.outcome().ahead.rows > 0 || column.outcome().progress == nil {
            for clock in CursorClock.allCases { take(try greatestNumbers(below: clock.number(at: now))) }
        }
        let outcome = column.outcome()
        var from = stored
        if let text = stored?.content, let order = outcome.order,
            outcome.progress.flatMap({ order.isBefore($0, text, offsetMinutes: now.offsetMinutes) }) != false
        {
            from = nil
        }
        let progress = outcome.progress.flatMap { written[$0] ?? (stored?.content == $0 ? stored : nil) }
        return Result(kind: .number, order: outcome.order, progress: progress, from: from, outcome: outcome)
    }

    private func greatestNumbers(below limit: Int64?) throws -> [SQLiteValue] {
        let bound = limit.map { " AND \(name) <= \($0)" } ?? ""
        let sql = """
            SELECT \(SQLiteValue.sql("v")) FROM (SELECT DISTINCT \(name) AS v FROM \(table.sql)
            WHERE \(filter)\(name) IS NOT NULL\(bound) ORDER BY \(name) DESC LIMIT \(CursorColumn.depth))
            """
        return try connection.rows(sql, stream: stream).compactMap { $0[0].flatMap { SQLiteValue(written: $0) } }
    }

    /// Reads the whole column: nothing else shows what its texts are.
    private func texts(_ stored: SQLiteValue?) throws -> Result {
        var column = CursorColumn(order: stream.cursorOrder, now: now)
        if let stored { column.take(stored.content, rows: 0) }
        try each { column.take($0) }
        let outcome = column.outcome()
        if let error = outcome.error(column: self.column.name, at: .table(stream.relationName, key: nil)) {
            throw error
        }
        let order = outcome.order ?? .instant
        try SQLitePosition.define(order, offsetMinutes: now.offsetMinutes, for: connection)
        var from = stored
        if order.isTime {
            from = sound(stored, order)
        } else if let text = stored?.content,
            outcome.progress.flatMap({ order.isBefore($0, text, offsetMinutes: now.offsetMinutes) }) != false
        {
            from = nil
        }
        return Result(
            kind: order == .text ? .text : .position(order), order: outcome.order,
            progress: outcome.progress.map { .text($0) }, from: from, outcome: outcome)
    }

    private func each(_ take: (UnsafeBufferPointer<UInt8>) -> Void) throws {
        let statement = try connection.prepare(
            "SELECT \(name) FROM \(table.sql) WHERE \(filter)\(name) IS NOT NULL", stream: stream)
        while try statement.step() {
            guard let text = sqlite3_column_text(statement.handle, 0) else { continue }
            take(UnsafeBufferPointer(start: text, count: Int(sqlite3_column_bytes(statement.handle, 0))))
        }
    }

    /// What the whole column comes to, and how many rows have no value.
    func counts() throws -> (outcome: CursorOutcome, nulls: Int) {
        let result = try run(from: nil, looksFor: true)
        let order: CursorOrder? = result.kind == .number ? (result.order ?? .number) : stream.cursorOrder
        var column = CursorColumn(order: order, now: now)
        try each { column.take($0) }
        let nulls = try connection.rows(
            "SELECT count(*) FROM \(table.sql) WHERE \(filter)\(name) IS NULL", stream: stream)
        return (column.outcome(), nulls.first?[0].flatMap { Int($0) } ?? 0)
    }
}
