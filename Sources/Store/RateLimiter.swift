import Synchronization

/// A limit of how often a key may be used. A store that several gateways share may count over all of them; asking it never
/// waits for a disk.
public protocol RateLimiting: Sendable {
    /// Takes one. Nil where the caller may go on, else the whole seconds to wait. `now` is nanoseconds of any clock that does not
    /// go back.
    func take(_ key: String, now: UInt64) -> Int?
}

/// The limit as one process keeps it, in memory: a bucket of tokens for each key.
public final class RateLimiter: RateLimiting {
    private struct Bucket {
        var tokens: Double
        var at: UInt64
    }

    private static let mostBuckets = 100_000

    private let perSecond: Double
    private let burst: Double
    private let buckets = Mutex<[String: Bucket]>([:])

    /// No limit where `perSecond` is 0.
    public init(perSecond: Int, burst: Int) {
        self.perSecond = Double(perSecond)
        self.burst = Double(max(burst, 1))
    }

    public func take(_ key: String, now: UInt64) -> Int? {
        if perSecond <= 0 { return nil }
        return buckets.withLock { buckets in
            if buckets.count >= Self.mostBuckets { forgetFull(&buckets, now) }
            var bucket = buckets[key] ?? Bucket(tokens: burst, at: now)
            refill(&bucket, now)
            defer { buckets[key] = bucket }
            if bucket.tokens >= 1 {
                bucket.tokens -= 1
                return nil
            }
            return max(1, Int(((1 - bucket.tokens) / perSecond).rounded(.up)))
        }
    }

    private func refill(_ bucket: inout Bucket, _ now: UInt64) {
        guard now > bucket.at else { return }
        bucket.tokens = min(burst, bucket.tokens + Double(now - bucket.at) / 1e9 * perSecond)
        bucket.at = now
    }

    /// A full bucket says no more than none at all. Where all are in use the oldest knowledge goes: memory stays bounded.
    private func forgetFull(_ buckets: inout [String: Bucket], _ now: UInt64) {
        buckets = buckets.filter { entry in
            var bucket = entry.value
            refill(&bucket, now)
            return bucket.tokens < burst
        }
        if buckets.count >= Self.mostBuckets { buckets.removeAll() }
    }
}
