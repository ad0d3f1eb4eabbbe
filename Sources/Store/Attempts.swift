/// How many failed attempts count at once, and how fast they are forgotten: a bucket that holds `most` and drains evenly.
public struct AttemptLimit: Sendable, Hashable {
    public var most: Int64
    /// In which a full bucket drains.
    public var seconds: Int64

    /// No limit where `most` is 0.
    public init(most: Int64, seconds: Int64) {
        self.most = most
        self.seconds = seconds
    }
}

/// Failed attempts by key (an account that a caller tries to bind, the caller), counted over every process that uses the store and
/// kept when they restart. Time is the store's own clock.
public protocol AttemptReader {
    /// Whether one more attempt is allowed, without counting it: nil, or the whole seconds to wait. One keyed read.
    func attemptWait(_ key: String, _ limit: AttemptLimit) throws -> Int64?
}

public protocol AttemptWriter: AttemptReader {
    /// Counts a failed attempt, up to `limit.most`. One keyed write; keys that have drained are let go of now and then.
    func countAttempt(_ key: String, _ limit: AttemptLimit) throws
}
