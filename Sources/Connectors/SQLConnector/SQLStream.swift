package import Records

/// One stream of an SQL source: a table or a query, how its rows are known and how it is followed.
package struct SQLStream: Sendable {
    package enum Relation: Hashable, Sendable {
        /// `schema.table` or `table`, spelt as the database spells it (without quotes).
        case table(String)
        /// A SELECT, used as a subquery.
        case query(String)
    }

    package var name: String
    package var relation: Relation
    /// The columns to read, in this order; empty means all, in the order of the table.
    package var columns: [String]
    /// The columns that identify a row; empty means the table's primary key.
    package var key: [String]
    /// A column that grows whenever a row changes: `updated_at`, a version number. Without one every pull is full.
    package var cursor: String?
    /// How the cursor column grows, for a column of numbers or texts; nil recognises it from the values.
    package var cursorOrder: CursorOrder?
    /// How far before the cursor a pull begins again, for rows that were committed late: seconds for a column of dates or
    /// times, a plain number for one of integers.
    package var lookback: Int64
    /// A condition in the SQL of the source: `zf = 0`.
    package var filter: String?
    /// False leaves the order of a full read to the server, for a big table without an index on its key. A first load that
    /// is interrupted then starts from its beginning.
    package var readsInKeyOrder: Bool
    /// Whether a full pull states the whole stream, so that a missing key means a deleted row.
    package var isSnapshot: Bool
    /// Whether the source counts the rows itself, in the same snapshot, as a control.
    package var countsRows: Bool
    /// How the rows of one account are asked for; nil where they are not.
    package var fresh: Fresh?

    /// The column that tells whose a row is, and where its value for an account stands.
    package struct Fresh: Sendable, Hashable {
        package var column: String
        package var key: AccountKey
    }

    package init(
        name: String, relation: Relation, columns: [String] = [], key: [String] = [], cursor: String? = nil,
        cursorOrder: CursorOrder? = nil, lookback: Int64 = 0, filter: String? = nil, readsInKeyOrder: Bool = true,
        isSnapshot: Bool = true,
        countsRows: Bool = false
    ) {
        self.name = name
        self.relation = relation
        self.columns = columns
        self.key = key
        self.cursor = cursor
        self.cursorOrder = cursorOrder
        self.lookback = lookback
        self.filter = filter
        self.readsInKeyOrder = readsInKeyOrder
        self.isSnapshot = isSnapshot
        self.countsRows = countsRows
    }

    package init(
        name: String, table: String, columns: [String] = [], key: [String] = [], cursor: String? = nil,
        cursorOrder: CursorOrder? = nil, lookback: Int64 = 0, filter: String? = nil, readsInKeyOrder: Bool = true,
        isSnapshot: Bool = true,
        countsRows: Bool = false
    ) {
        self.init(
            name: name, relation: .table(table), columns: columns, key: key, cursor: cursor, cursorOrder: cursorOrder,
            lookback: lookback, filter: filter, readsInKeyOrder: readsInKeyOrder, isSnapshot: isSnapshot,
            countsRows: countsRows)
    }

    /// What a person would look for: the table's name, or the stream's for a query.
    var relationName: String {
        switch relation {
        case .table(let name): name
        case .query: name
        }
    }
}
