package import HeatModel
import Synchronization

/// How often each may do something: so many a minute, half of them at once. It forgets who has done nothing for a minute, and holds no
/// more than so many names; when it is full, names that are new share one.
package final class TurnRates: Sendable {
    private struct Bucket {
        var level: Int64
        var at: Int64
    }

    private let perMinute: Int64
    private let mostNames: Int
    private let buckets = Mutex<[String: Bucket]>([:])

    /// - Parameter perMinute: 0 is no limit.
    package init(perMinute: Int, mostNames: Int = 20_000) {
        self.perMinute = Int64(perMinute)
        self.mostNames = mostNames
    }

    private static let turn: Int64 = 60_000_000

    /// Seconds to wait; nil where it may go on.
    package func take(_ name: String, now: Instant) -> Int? {
        if perMinute == 0 { return nil }
        let burst = max(2, perMinute / 2) * Self.turn
        return buckets.withLock { buckets in
            if buckets.count >= mostNames {
                buckets = buckets.filter { now.microseconds - $0.value.at < 60_000_000 }
            }
            let name = buckets[name] == nil && buckets.count >= mostNames ? "" : name
            var bucket = buckets[name] ?? Bucket(level: 0, at: now.microseconds)
            let passed = max(0, min(now.microseconds - bucket.at, 120_000_000))
            bucket.level = max(0, bucket.level - passed * perMinute)
            bucket.at = now.microseconds
            defer { buckets[name] = bucket }
            if bucket.level + Self.turn > burst {
                let missing = bucket.level + Self.turn - burst
                return Int((missing / perMinute + 999_999) / 1_000_000)
            }
            bucket.level += Self.turn
            return nil
        }
    }
}
