public import HeatModel

/// A place in the change feed. Positions grow from commit to commit; none is given twice, and none that was committed is left out.
public struct ChangePosition: Sendable, Hashable, Comparable {
    public var number: Int64
    /// Before everything.
    public static let start = ChangePosition(0)

    public init(_ number: Int64) { self.number = number }
    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// What became of an account's records of one entity within one commit.
public struct RecordChangeKinds: OptionSet, Sendable, Hashable {
    public var rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let inserted = RecordChangeKinds(rawValue: 1)
    public static let changed = RecordChangeKinds(rawValue: 2)
    public static let removed = RecordChangeKinds(rawValue: 4)
}

/// An account whose records a commit changes, on its way into the feed.
public struct TouchedRecords: Sendable, Hashable {
    public var account: AccountID
    public var kinds: RecordChangeKinds

    public init(account: AccountID, kinds: RecordChangeKinds) {
        self.account = account
        self.kinds = kinds
    }
}

/// One entry of the change feed: an account, and what a commit changed of it.
///
/// Of its records there is one entry for each account and commit, not for each record. A view has an entry where its stored body
/// became another one.
public struct AccountChange: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// Records of this entity.
        case records(EntityKind, RecordChangeKinds)
        /// The stored view is another one than before.
        case view
    }

    public var position: ChangePosition
    public var account: AccountID
    /// The run that committed it; nil for a view, which may be built of what several runs brought.
    public var run: RunID?
    public var kind: Kind

    public init(position: ChangePosition, account: AccountID, run: RunID?, kind: Kind) {
        self.position = position
        self.account = account
        self.run = run
        self.kind = kind
    }
}

/// Which accounts changed, in the order of the commits.
public protocol ChangeReader {
    /// Entries after a position, in order, at most `limit`. Costs what it returns.
    ///
    /// - Throws: `changes.gone` where entries after `position` are no longer kept: the reader must begin anew from what is stored.
    func changes(after position: ChangePosition, limit: Int) throws -> [AccountChange]
    /// Entries of one account after a position, in order, at most `limit`. As long as the feed is after the position.
    ///
    /// - Throws: `changes.gone`.
    func changes(of account: AccountID, after position: ChangePosition, limit: Int) throws -> [AccountChange]
    /// The position of the last entry; `start` where there is none.
    func lastChange() throws -> ChangePosition
}

public protocol ChangeWriter: ChangeReader {
    /// Notes that this transaction changes records of these accounts, in the order of their numbers, each once: their views wait to
    /// be built again, and the feed has an entry for each that has a kind. One round trip.
    func touch(_ accounts: [TouchedRecords], entity: EntityKind, run: RunID) throws
    /// Lets go of the oldest entries beyond `kept`; somewhat more may stay. The last entry always stays.
    func trimChanges(keeping kept: Int64) throws
}
