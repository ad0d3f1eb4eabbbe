/// A place within a community; what a source does not say is an empty text.
public struct PlaceKey: Hashable, Sendable {
    public var community: String
    public var building: String
    public var unit: String
    public var room: String

    public init(community: String, building: String, unit: String, room: String) {
        self.community = community
        self.building = building
        self.unit = unit
        self.room = room
    }
}

/// Accounts by their numbers, by other systems' ids and by place.
public protocol AccountReader {
    /// The accounts of these numbers, in the same order; nil for a number that is not known. One round trip for all of them.
    func accounts(numbers: [UnsafeRawBufferPointer]) throws -> [AccountID?]
    /// One keyed read.
    func account(number: UnsafeRawBufferPointer) throws -> AccountID?
    /// The numbers of accounts, in the same order; nil for an account that is not there. One round trip for all of them.
    func accountNumbers(_ accounts: [AccountID]) throws -> [String?]
    /// Counts them: as long as the table is.
    func accountCount() throws -> Int64
    /// Accounts that current records know by another system's id, each once, in the order of their numbers. At most `limit`.
    /// One read of an index.
    func accounts(system: String, externalID: UnsafeRawBufferPointer, limit: Int) throws -> [AccountID]
    /// Accounts at a place, each once, in the order of their numbers; an empty unit matches any unit. At most `limit`.
    /// One read of an index.
    func accounts(at place: PlaceKey, limit: Int) throws -> [AccountID]
    /// Names of all communities that hold an account, in byte order. One read of an index for each.
    func communities() throws -> [String]
}

extension AccountReader {
    /// Nil where there is no such account. One keyed read.
    public func accountNumber(_ account: AccountID) throws -> String? { try accountNumbers([account]).first ?? nil }
}

public protocol AccountWriter: AccountReader {
    /// The accounts of these numbers, in the same order; those that are not known are made, in this order, by `run`. A number may
    /// stand more than once. One round trip for all of them.
    func introduceAccounts(numbers: [UnsafeRawBufferPointer], run: RunID) throws -> [AccountID]
}

extension AccountWriter {
    /// The account of one number, made where it is not known.
    public func introduceAccount(number: UnsafeRawBufferPointer, run: RunID) throws -> AccountID {
        try introduceAccounts(numbers: [number], run: run)[0]
    }
}
