/// A work order that is still open.
public struct OpenOrder: Hashable, Sendable {
    /// `noHeat`
    public var kind: String
    /// Microseconds since 1970 in UTC.
    public var createdAt: Int64

    public init(kind: String, createdAt: Int64) {
        self.kind = kind
        self.createdAt = createdAt
    }
}

/// The open work orders of an account, and where it stands.
public struct OpenOrders: Hashable, Sendable {
    public var account: AccountID
    /// Nil where it belongs to no place.
    public var house: PeerBuilding?
    public var orders: [OpenOrder]

    public init(account: AccountID, house: PeerBuilding?, orders: [OpenOrder]) {
        self.account = account
        self.house = house
        self.orders = orders
    }
}

/// How many households of a place have open orders, and when the first and the last of these came in. It names none of them.
public struct OpenOrderCount: Hashable, Sendable {
    public var accounts: Int
    public var first: Int64?
    public var last: Int64?

    public init(accounts: Int, first: Int64?, last: Int64?) {
        self.accounts = accounts
        self.first = first
        self.last = last
    }
}

/// Open work orders by building and station. They are kept with the views, in the same transactions.
public protocol OpenOrderReader {
    /// Nil where the account has none, or belongs to no place. One keyed read.
    func openOrders(of account: AccountID) throws -> OpenOrders?
    /// Accounts of a place with an open order of one of these kinds that was made within the time, both ends included. One read of an
    /// index, as long as the place has open orders.
    ///
    /// - Parameter account: is left out of the count.
    func openOrderCount(
        _ level: CohortLevel, like house: PeerBuilding, kinds: [String], created: ClosedRange<Int64>,
        besides account: AccountID?
    ) throws -> OpenOrderCount
    /// Counts the accounts that have any: as long as the table is.
    func accountsWithOpenOrders() throws -> Int64
}

public protocol OpenOrderWriter: OpenOrderReader {
    /// Puts what these accounts have, in the order of their numbers, in place of what they had.
    func putOpenOrders(_ rows: [OpenOrders]) throws
}
