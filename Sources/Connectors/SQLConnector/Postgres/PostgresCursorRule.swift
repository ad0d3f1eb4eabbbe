import HeatModel

/// How a cursor column of a certain type is compared, bounded and looked back from.
struct PostgresCursorRule {
    let stream: SQLStream
    let column: PostgresTable.Column

    private enum Family { case instant, day, number, other }

    private var family: Family {
        switch column.oid {
        case 1114, 1184: .instant
        case 1082: .day
        case 20, 21, 23, 1700: .number
        default: .other
        }
    }

    var name: String { PostgresTable.quoted(column.name) }

    /// A clock that runs ahead, or a date such as 9999-12-31, must not carry the cursor beyond the present: rows changed until
    /// then would be missed. Rows with such a value are read by every pull instead.
    var bound: String? {
        switch family {
        case .instant: column.oid == 1184 ? "now()" : "localtimestamp"
        case .day: "current_date"
        case .number, .other: nil
        }
    }

    /// The value where it moves the cursor on from `from`, else NULL.
    func advance(from: String?) -> String {
        let conditions = [from.map { "\(name) > \(literal($0))" }, bound.map { "\(name) <= \($0)" }].compactMap { $0 }
        if conditions.isEmpty { return name }
        return "CASE WHEN \(conditions.joined(separator: " AND ")) THEN \(name) END"
    }

    /// Which rows a pull that follows from `from` reads; none for all.
    func condition(from: String?) throws -> [String] {
        guard let from else { return [] }
        let nulls = column.isNullable ? " OR \(name) IS NULL" : ""
        return ["\(name) >= \(try begin(from))\(nulls)"]
    }

    private func begin(_ from: String) throws -> String {
        if stream.lookback <= 0 { return literal(from) }
        switch family {
        case .instant: return "\(literal(from)) - interval '\(stream.lookback) seconds'"
        case .day: return "\(literal(from)) - \((stream.lookback + 86_399) / 86_400)"
        case .number: return PostgresTable.literal(from, as: "numeric") + " - \(stream.lookback)"
        case .other:
            throw HearthError(
                .init("config.lookback"),
                "stream \(stream.name): a lookback cannot be taken from cursor column \(column.name) of type \(column.type)",
                at: .table(stream.relationName, key: nil),
                advice: "Use a query that casts the column to timestamp or a number, or set lookback to 0.")
        }
    }

    private func literal(_ text: String) -> String { PostgresTable.literal(text, as: column.type) }
}
