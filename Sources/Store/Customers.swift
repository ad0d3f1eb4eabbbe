public import HeatModel

/// A customer of a channel. Who that is stays outside: `id` is a digest of what the channel calls them.
public struct CustomerKey: Sendable, Hashable {
    /// `wechat`, `chat`.
    public var channel: String
    public var id: [UInt8]

    public init(channel: String, id: [UInt8]) {
        self.channel = channel
        self.id = id
    }
}

/// How far a customer's conversation has come, in the words of whoever speaks with them.
public struct CustomerState: Sendable, Hashable {
    public var conversation: ConversationID?
    /// Opaque here.
    public var body: [UInt8]
    /// How often it was written: from 1 on.
    public var version: Int64
    /// When it was written last.
    public var changedAt: Instant

    public init(conversation: ConversationID?, body: [UInt8], version: Int64, changedAt: Instant) {
        self.conversation = conversation
        self.body = body
        self.version = version
        self.changedAt = changedAt
    }
}

public protocol CustomerReader {
    /// One keyed read; nil where the customer is new.
    func customerState(_ customer: CustomerKey) throws -> CustomerState?
    /// Numbers of the accounts that the customer has proved to be theirs, in the order in which they did.
    func boundAccounts(of customer: CustomerKey) throws -> [String]
    /// The customers that are bound to an account, in byte order, at most `limit`.
    func customers(boundTo account: String, limit: Int) throws -> [CustomerKey]
    /// The customer who speaks in a conversation, by the state that names it; nil where none does any more.
    func customer(in conversation: ConversationID) throws -> CustomerKey?
    /// What the customer was answered under a key; nil where the key is free, or its answer is kept no longer.
    func customerReply(_ customer: CustomerKey, key: String) throws -> [UInt8]?
}

public protocol CustomerWriter: CustomerReader {
    /// Keeps a customer's state in place of the version that the writer has read, 0 for none; its moment is the store's to say.
    ///
    /// - Returns: false where another version stands there by now, and nothing is changed.
    func putCustomerState(
        _ body: [UInt8], conversation: ConversationID?, of customer: CustomerKey, replacing version: Int64
    ) throws -> Bool
    /// Notes that an account is the customer's. Twice is once.
    func bind(_ customer: CustomerKey, to account: String) throws
    /// - Returns: false where it was not bound.
    func unbind(_ customer: CustomerKey, from account: String) throws -> Bool
    /// Keeps what a customer was answered under a key, and of the customer's earlier answers as many as make `most` with it.
    ///
    /// - Throws: `store.failed` where the key is taken.
    func keepReply(_ reply: [UInt8], to customer: CustomerKey, key: String, most: Int) throws
    /// Removes states and answers of customers whose state did not change since a moment, in microseconds since 1970, the oldest first, at
    /// most `limit`. Their bindings stay.
    ///
    /// - Returns: of how many.
    func forgetCustomers(silentSince moment: Int64, limit: Int) throws -> Int
}
