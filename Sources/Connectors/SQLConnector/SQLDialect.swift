/// How a system spells what all of them can do.
struct SQLDialect: Sendable {
    enum Limit: Sendable {
        /// `LIMIT n`
        case limit
        /// `FETCH FIRST n ROWS ONLY`
        case fetchFirst
        /// `OFFSET 0 ROWS FETCH NEXT n ROWS ONLY`, which stands after an ORDER BY only.
        case offsetFetch
    }

    var openQuote: Character = "\""
    var closeQuote: Character = "\""
    var limit = Limit.limit
    /// Whether `(a, b) >= (1, 2)` is known, and goes by an index.
    var comparesRows = true

    func quoted(_ name: String) -> String {
        let doubled = name.split(separator: closeQuote, omittingEmptySubsequences: false).joined(
            separator: String([closeQuote, closeQuote]))
        return "\(openQuote)\(doubled)\(closeQuote)"
    }

    /// `schema.table` or `table`.
    func quoted(path: String) -> String {
        guard let dot = path.firstIndex(of: ".") else { return quoted(path) }
        return quoted(String(path[..<dot])) + "." + quoted(String(path[path.index(after: dot)...]))
    }

    /// A text in apostrophes, for systems in which nothing else ends it.
    static func literal(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }

    /// What follows a statement that is to give `count` rows at the most, one at the least.
    func limited(to count: Int, isOrdered: Bool) -> String {
        switch limit {
        case .limit: " LIMIT \(count)"
        case .fetchFirst: " FETCH FIRST \(count) ROWS ONLY"
        case .offsetFetch: "\(isOrdered ? "" : " ORDER BY (SELECT NULL)") OFFSET 0 ROWS FETCH NEXT \(count) ROWS ONLY"
        }
    }

    /// Rows that stand at certain values of several columns in their order, or beyond; with `isPast` beyond them only.
    func reached(_ columns: [String], _ values: [String], isPast: Bool = false) -> String {
        let sign = isPast ? ">" : ">="
        if comparesRows { return "(\(columns.joined(separator: ", "))) \(sign) (\(values.joined(separator: ", ")))" }
        guard let column = columns.first, let value = values.first else { return "1 = 1" }
        if columns.count == 1 { return "\(column) \(sign) \(value)" }
        let rest = reached(Array(columns.dropFirst()), Array(values.dropFirst()), isPast: isPast)
        // The first condition is for the index.
        return "\(column) >= \(value) AND (\(column) > \(value) OR (\(rest)))"
    }
}
