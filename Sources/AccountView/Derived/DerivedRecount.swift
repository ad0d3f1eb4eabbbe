import Store

/// Where the derived tables are not what the records make of them.
public struct DerivedRecount: Sendable {
    public enum Table: String, Sendable, CaseIterable {
        case places
        case foreignIDs = "foreign ids"
        case views
        case cohorts
        /// Records linked by a foreign id that means another account now, several, or nobody.
        case links
    }

    /// One place at which a table differs. It names records and accounts, and shows nothing of what they say.
    public struct Difference: Sendable, Hashable {
        public var table: Table
        /// Number of the account; empty where none is told.
        public var account: String
        /// A stream and a record's key, or what else differs.
        public var subject: String
        /// Of a link, what the id means now.
        public var means: String
    }

    /// The first differences of each table.
    public private(set) var differences: [Difference] = []
    /// How many there are in all.
    public private(set) var counts: [Table: Int64] = [:]
    /// Differences of a table that are named.
    public static let most = 100

    public init() {}

    public var isEmpty: Bool { counts.isEmpty }

    mutating func note(
        _ table: Table, _ subject: String, account: String = "", means: String = "", count: Int64 = 1
    ) {
        if count == 0 { return }
        let before = counts[table] ?? 0
        counts[table] = before + count
        if before < Self.most {
            differences.append(Difference(table: table, account: account, subject: subject, means: means))
        }
    }

    mutating func note(_ table: Table, _ record: StoredRecord, account: String? = nil, means: String = "") {
        note(
            table, "\(record.stream) \(String(decoding: record.key, as: UTF8.self))", account: account ?? "",
            means: means)
    }
}
