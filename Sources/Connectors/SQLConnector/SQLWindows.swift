import HeatModel
import Records

/// Runs the statements of a table's windows, one beside the rows of another.
protocol SQLWindowReader: AnyObject {
    /// Begins a statement; its rows are asked for later.
    func begin(_ sql: String) throws -> any SQLWindow
}

/// A statement that was begun. Its result is held in memory as a whole.
protocol SQLWindow: AnyObject {
    /// Waits until it has run.
    func finish() throws
    /// The texts of a row's fields; nil where there are fewer rows, or the driver does not say.
    func texts(ofRow number: Int, _ fields: [Int]) throws -> [String]?
    /// Hands over each row.
    func each(_ take: (SQLRow) throws -> Void) throws
}

/// The rows of a pull, by one statement; or, where a driver would hold its whole result in memory, by one for each window of a unique key,
/// all in the same snapshot.
struct SQLWindows {
    let session: any SQLSession
    let stream: SQLStream
    let table: SQLTable
    let limit: Int?
    let reader: (any SQLWindowReader)?
    /// Most bytes of a window, as far as one before tells. Two are held at a time.
    private static let mostBytes = 8 << 20
    private static let firstRows = 200
    private var isLong: Bool { table.columns.contains(where: \.isLong) }

    private func statement(_ plan: SQLPullPlan, after: [String]?, rows: Int?) throws -> String {
        var conditions = plan.condition
        if let after {
            let values = zip(after, table.order).map { session.literal($0, of: $1) }
            if values.contains(nil) { throw SQLConnector.badCursor(stream) }
            conditions.append(session.dialect.reached(plan.order, values.compactMap(\.self), isPast: true))
        }
        // Under another name, for ORDER BY would take a reading that bears the column's: texts, where numbers are to be ordered.
        let readings = table.columns.enumerated().map { index, column in
            column.read == column.quoted ? column.read : "\(column.read) AS \(session.dialect.quoted("hearth\(index)"))"
        }
        let selected = (readings + plan.hidden).joined(separator: ", ")
        var sql = "SELECT \(selected) \(table.rows(stream, where: conditions))"
        if !plan.order.isEmpty { sql += " ORDER BY " + plan.order.joined(separator: ", ") }
        if let rows { sql += session.dialect.limited(to: max(1, rows), isOrdered: !plan.order.isEmpty) }
        return sql
    }

    /// Hands over each row. Returns how many rows the server says that it sent, where it says so.
    func each(_ plan: SQLPullPlan, _ take: (SQLRow) throws -> Void) throws -> Int64? {
        guard let reader else {
            return try session.read(statement(plan, after: nil, rows: limit), stream: stream, take)
        }
        var (size, rowBytes) = (Self.firstRows, 0)
        var window = try reader.begin(statement(plan, after: nil, rows: size))
        while true {
            try window.finish()
            let nextSize = self.size(after: size, rowBytes: rowBytes)
            // What may be of any length is not held twice.
            let told = isLong ? nil : try window.texts(ofRow: size, plan.keyFields)
            let early = try told.map { try reader.begin(statement(plan, after: $0, rows: nextSize)) }
            var (count, bytes) = (0, 0)
            var after: [String]?
            try window.each { row in
                count += 1
                bytes += row.length
                if count == size { after = try key(of: row, plan) }
                try take(row)
            }
            guard told == nil || told == after else { throw otherRows() }
            guard let after else { return nil }
            rowBytes = bytes / count
            // Whoever frees a statement waits for the one that runs.
            try early?.finish()
            window = try early ?? reader.begin(statement(plan, after: after, rows: nextSize))
            size = nextSize
        }
    }

    /// How many rows the next window has: few where a value may be of any length, for those before tell little then.
    private func size(after size: Int, rowBytes: Int) -> Int {
        if rowBytes == 0 { return Self.firstRows }
        return max(20, min(isLong ? 200 : 100_000, size * 20, Self.mostBytes / rowBytes))
    }

    private func otherRows() -> HearthError {
        HearthError(
            .sourceBrokenData, "stream \(stream.name): the driver hands over other rows than it says",
            at: .table(stream.relationName, key: nil), advice: "Read the table by a query, or by another driver.")
    }

    private func key(of row: SQLRow, _ plan: SQLPullPlan) throws -> [String] {
        guard case .fields(let bytes, let ranges) = row else {
            throw HearthError(
                .sourceBrokenData,
                "stream \(stream.name): the last row of a window did not come as a whole, so that the next cannot be asked for",
                at: .table(stream.relationName, key: nil),
                advice: "Read the columns that hold too much by a query that casts them.")
        }
        return try plan.keyFields.map { field in
            let start = Int(ranges[field].offset)
            let text = UnsafeBufferPointer(rebasing: bytes[start..<start + max(0, Int(ranges[field].length))])
            guard let key = String(validating: text, as: UTF8.self) else { throw SQLConnector.badCursor(stream) }
            return key
        }
    }
}
