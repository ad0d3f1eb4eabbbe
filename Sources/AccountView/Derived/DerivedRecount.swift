public import Store

/// Where the derived tables are not what the records make of them.
public struct DerivedRecount: Sendable {
    public enum Table: String, Sendable, CaseIterable {
        case places
        case foreignIDs = "foreign ids"
        case views
        case cohorts
        case openOrders = "open orders"
        /// Records linked by a foreign id or a place that means another account now, several, or none.
        case links
    }

    /// One place at which a table differs. It names records and accounts, and shows nothing of what they say.
    public struct Difference: Sendable, Hashable {
        public var table: Table
        /// Number of the account; empty where none is stated.
        public var account: String
        /// A stream and a record's key, or what else differs.
        public var subject: String
        /// Of a link, what would become of it now.
        public var link: Link?
    }

    /// What would become of a record's link were the record read again.
    public struct Link: Sendable, Hashable {
        /// How it was linked.
        public var rule: LinkRule
        /// Numbers of the accounts that could be meant; none where no account is.
        public var accounts: [String]
        /// `match.ambiguousPlace` and the like, where it would be refused; nil where it would move to another account.
        public var code: String?

        public init(rule: LinkRule, accounts: [String], code: String?) {
            self.rule = rule
            self.accounts = accounts
            self.code = code
        }
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
        _ table: Table, _ subject: String, account: String = "", link: Link? = nil, count: Int64 = 1
    ) {
        if count == 0 { return }
        let before = counts[table] ?? 0
        counts[table] = before + count
        if before < Self.most {
            differences.append(Difference(table: table, account: account, subject: subject, link: link))
        }
    }

    mutating func note(_ table: Table, _ record: StoredRecord, account: String? = nil, link: Link? = nil) {
        note(
            table, "\(record.stream) \(String(decoding: record.key, as: UTF8.self))", account: account ?? "",
            link: link)
    }
}
