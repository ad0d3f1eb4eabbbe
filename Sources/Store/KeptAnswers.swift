import HeatModel

/// What a caller was answered under its idempotency key, kept for repeats: also where nothing new was asked of a legacy system, as
/// where the caller joined what stood already.
public struct KeptAnswer: Sendable, Hashable {
    /// Whose key it is: two callers' equal keys are two keys.
    public var caller: String
    public var key: String
    /// SHA-256 of what the caller asked for, by which a repeat is told from another request under the same key.
    public var fingerprint: [UInt8]
    /// Number of the account that it was about.
    public var account: String
    /// The action that stands for it; nil where a legacy system had it without us.
    public var action: ActionID?
    public var answer: [UInt8]

    public init(
        caller: String, key: String, fingerprint: [UInt8], account: String, action: ActionID?, answer: [UInt8]
    ) {
        self.caller = caller
        self.key = key
        self.fingerprint = fingerprint
        self.account = account
        self.action = action
        self.answer = answer
    }
}

public protocol KeptAnswerReader {
    /// One keyed read; nil where the key is free.
    func keptAnswer(caller: String, key: String) throws -> KeptAnswer?
}

public protocol KeptAnswerWriter: KeptAnswerReader {
    /// Keeps an answer in the transaction of what it is about.
    ///
    /// - Throws: `store.failed` where the caller's key is taken.
    func keep(_ answer: KeptAnswer) throws
}
