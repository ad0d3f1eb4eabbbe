import HeatModel
import Records

/// The rows of a pull, by one statement; or, where a driver would hold its whole result in memory, by one for each window of a unique key,
/// all in the same snapshot.
struct SQLWindows {
    let session: any SQLSession
    let stream: SQLStream
    let table: SQLTable
    let limit: Int?
    let isInWindows: Bool
    /// Most bytes of a window, as far as the one before tells.
    private static let mostBytes = 16 << 20
    private static let firstRows = 200
    /// Most rows of a window: few where a value may be of any length, for the one before tells little then.
    private var mostRows: Int { table.columns.contains(where: \.isLong) ? 200 : 100_000 }

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
        if !isInWindows {
            return try session.read(statement(plan, after: nil, rows: limit), stream: stream, take)
        }
        var after: [String]?
        var size = Self.firstRows
        while true {
            var (count, bytes) = (0, 0)
            _ = try session.read(statement(plan, after: after, rows: size), stream: stream) { row in
                count += 1
                bytes += row.length
                if count == size { after = try key(of: row, plan) }
                try take(row)
            }
            if count < size { return nil }
            size = max(20, min(mostRows, size * 20, Self.mostBytes / max(1, bytes / count)))
        }
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
