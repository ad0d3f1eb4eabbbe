/// The account view as it is served: JSON, UTF-8.
public struct StoredView: Sendable {
    public var account: AccountID
    public var body: [UInt8]

    public init(account: AccountID, body: [UInt8]) {
        self.account = account
        self.body = body
    }
}

/// A stored view in place: its buffers live as long as the call that hands it out.
public struct ViewSlice {
    public var body: UnsafeRawBufferPointer
    /// The ``RecordRuns`` of the records that it is made of; nil where the store does not keep them beside it.
    public var runs: UnsafeRawBufferPointer?

    public init(body: UnsafeRawBufferPointer, runs: UnsafeRawBufferPointer?) {
        self.body = body
        self.runs = runs
    }
}

/// Tells a stored view from any other of its account, at a fraction of what reading the view costs: what is made of a view before a
/// transaction holds in it where the stamp is the same.
public struct ViewStamp: Sendable, Equatable {
    private let packing: Int64
    private let packed: [UInt8]

    public init(packing: Int64, packed: [UInt8]) {
        self.packing = packing
        self.packed = packed
    }
}

/// An account whose view is no longer true.
public struct TouchedAccount: Sendable {
    public var account: AccountID
    /// Another one at each touch.
    public var touch: Int64

    public init(account: AccountID, touch: Int64) {
        self.account = account
        self.touch = touch
    }
}

/// A view about to be stored. The buffers live as long as the call that takes it.
public struct IncomingView {
    public var account: AccountID
    /// The touch that the view answers: it is stored only where the account has not been touched since, and takes the touch away.
    /// Nil stores it in any case, and leaves a touch as it is.
    public var touch: Int64?
    public var body: UnsafeRawBufferPointer
    /// Which run brought each record that the view is made of (``RecordRuns``); nil where that is not known.
    public var runs: UnsafeRawBufferPointer?

    public init(account: AccountID, touch: Int64?, body: UnsafeRawBufferPointer, runs: UnsafeRawBufferPointer?) {
        self.account = account
        self.touch = touch
        self.body = body
        self.runs = runs
    }
}

/// Stored views, and the accounts whose views wait to be built.
public protocol ViewReader {
    /// The stored view of an account number. One keyed read.
    func view(number: UnsafeRawBufferPointer) throws -> StoredView?
    /// The stamp of that view; nil where there is none. One keyed read.
    func viewStamp(number: UnsafeRawBufferPointer) throws -> ViewStamp?
    /// Accounts whose views wait to be built, with a number above `after`, in the order of their numbers, at most `limit`.
    func touchedAccounts(after: AccountID?, limit: Int) throws -> [TouchedAccount]
    /// Counts them: as long as the list is.
    func touchedCount() throws -> Int64
}

public protocol ViewWriter: ViewReader {
    /// Stores the views, in the order of their accounts, each once, that answer the last touch of their account. One with another
    /// body than before is noted in the change feed (``ChangeReader``). Returns for each whether it was stored. One round trip.
    ///
    /// - Parameter replaced: is told of each view that takes the place of one with another body: its place in `views`, and the body
    ///   before, which lives as long as the call. It must not use the store.
    func putViews(
        _ views: [IncomingView], replaced: (_ view: Int, _ before: UnsafeRawBufferPointer) throws -> Void
    ) throws -> [Bool]
    /// Has all views built again. As long as the table of accounts is.
    ///
    /// - Parameter again: accounts that wait for their views already are touched once more, so that no view is taken for theirs that somebody began to
    ///   build before.
    func touchAllAccounts(again: Bool) throws
}

extension ViewWriter {
    /// Stores views, whatever they take the place of.
    public func putViews(_ views: [IncomingView]) throws -> [Bool] { try putViews(views) { _, _ in } }

    /// Stores one view, whether its account waits for one or not.
    public func putView(_ account: AccountID, body: UnsafeRawBufferPointer, runs: UnsafeRawBufferPointer?) throws {
        _ = try putViews([IncomingView(account: account, touch: nil, body: body, runs: runs)])
    }
}
