import Synchronization

/// So many at once, so many a second after that: a bucket of tokens for each key. Time is given in nanoseconds of any
/// clock that does not go back.
final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var at: UInt64
    }

    private static let mostBuckets = 100_000

    let perSecond: Double
    let burst: Double
    private let buckets = Mutex<[String: Bucket]>([:])

    /// No limit where `perSecond` is 0.
    init(perSecond: Double, burst: Double) {
        self.perSecond = perSecond
        self.burst = max(burst, 1)
    }

    /// Takes one. Nil where it may go on, else the whole seconds to wait.
    func take(_ key: String, now: UInt64) -> Int? {
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

    /// Whether one could be taken, without taking it: nil, or the whole seconds to wait.
    func wait(_ key: String, now: UInt64) -> Int? {
        if perSecond <= 0 { return nil }
        return buckets.withLock { buckets in
            guard var bucket = buckets[key] else { return nil }
            refill(&bucket, now)
            return bucket.tokens >= 1 ? nil : max(1, Int(((1 - bucket.tokens) / perSecond).rounded(.up)))
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
