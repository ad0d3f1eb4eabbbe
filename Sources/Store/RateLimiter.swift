import Synchronization

/// How often something may be done.
public struct RateLimit: Sendable, Hashable {
    /// What is limited: keys of one name count apart from those of another.
    public var name: String
    /// So often in so many seconds, in the long run. 0 is no limit.
    public var most: Int
    public var seconds: Int
    /// So often at once.
    public var burst: Int

    public init(_ name: String, most: Int, seconds: Int, burst: Int) {
        self.name = name
        self.most = most
        self.seconds = seconds
        self.burst = max(burst, 1)
    }

    /// What one use adds to a key's level. A level drains by ``most`` a nanosecond.
    package var use: Int64 { Int64(seconds) * 1_000_000_000 }
    /// The highest level that a use may lead to.
    package var height: Int64 { Int64(burst) * use }
}

/// A limit of how often a key may be used. A store that several gateways share counts over all of them; asking it never waits for a
/// disk or a server.
public protocol RateLimiting: Sendable {
    /// Takes one. Nil where the caller may go on, else the whole seconds to wait. `now` is nanoseconds of any clock; where that goes
    /// back, no time has passed.
    func take(_ key: String, now: UInt64) -> Int?
}

/// The limit as one process keeps it, in memory: how full each key's bucket is. Memory is bounded: where it is full, keys that are new
/// share one bucket.
public final class RateLimiter: RateLimiting {
    private struct Bucket {
        var level: Int64
        var at: UInt64
    }

    private struct State {
        var buckets: [String: Bucket] = [:]
        /// The latest moment that was told.
        var last: UInt64 = 0
    }

    private let limit: RateLimit
    private let mostKeys: Int
    private let state = Mutex(State())

    public init(_ limit: RateLimit, mostKeys: Int = 100_000) {
        self.limit = limit
        self.mostKeys = mostKeys
    }

    public func take(_ key: String, now: UInt64) -> Int? {
        if limit.most <= 0 { return nil }
        return state.withLock { state in
            state.last = now
            if state.buckets.count >= mostKeys, state.buckets[key] == nil {
                state.buckets = state.buckets.filter { drained($0.value, now).level > 0 }
            }
            let key = state.buckets[key] == nil && state.buckets.count >= mostKeys ? "" : key
            var bucket = drained(state.buckets[key] ?? Bucket(level: 0, at: now), now)
            defer { state.buckets[key] = bucket }
            let over = bucket.level + limit.use - limit.height
            if over > 0 {
                let nanoseconds = (over + Int64(limit.most) - 1) / Int64(limit.most)
                return Int((nanoseconds + 999_999_999) / 1_000_000_000)
            }
            bucket.level += limit.use
            return nil
        }
    }

    /// Takes up how full a bucket is by what others have taken, too.
    package func learn(_ key: String, level: Int64) {
        state.withLock { state in
            if state.buckets[key] == nil, state.buckets.count >= mostKeys { return }
            state.buckets[key] = Bucket(level: level, at: state.last)
        }
    }

    private func drained(_ bucket: Bucket, _ now: UInt64) -> Bucket {
        guard now > bucket.at else { return Bucket(level: bucket.level, at: now) }
        // After so long it is empty, however long it was.
        let longest = UInt64(max(bucket.level, 0) / Int64(limit.most) + 1)
        let gone = Int64(min(now - bucket.at, longest)) * Int64(limit.most)
        return Bucket(level: max(0, bucket.level - gone), at: now)
    }
}
