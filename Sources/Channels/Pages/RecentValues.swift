package import HeatModel
import Synchronization

/// Values that are kept for a while, and no more than so many: what was used last stays longest.
package final class RecentValues<Value: Sendable>: Sendable {
    private struct Kept {
        var value: Value
        var at: Int64
    }

    private let most: Int
    private let seconds: Int64
    private let values = Mutex<[String: Kept]>([:])

    package init(most: Int, seconds: Int64) {
        self.most = most
        self.seconds = seconds
    }

    package var count: Int { values.withLock(\.count) }

    /// All that are kept now.
    package func all(now: Instant) -> [Value] {
        values.withLock { values in
            values.values.filter { now.microseconds - $0.at <= seconds * 1_000_000 }.map(\.value)
        }
    }

    package func value(_ name: String, now: Instant) -> Value? {
        values.withLock { values in
            guard let kept = values[name], now.microseconds - kept.at <= seconds * 1_000_000 else { return nil }
            return kept.value
        }
    }

    /// Changes the value of a name, which is nil where there is none; nil lets it go.
    package func change<Result: Sendable>(_ name: String, now: Instant, _ body: (inout Value?) -> Result) -> Result {
        values.withLock { values in
            var value = values[name].flatMap {
                now.microseconds - $0.at <= seconds * 1_000_000 ? $0.value : nil
            }
            let result = body(&value)
            values[name] = value.map { Kept(value: $0, at: now.microseconds) }
            if values.count > most {
                values = values.filter { now.microseconds - $0.value.at <= seconds * 1_000_000 }
                // A tenth at once: the oldest are looked for seldom.
                if values.count > most {
                    for (name, _) in values.sorted(by: { $0.value.at < $1.value.at }).prefix(
                        values.count - most * 9 / 10)
                    {
                        values[name] = nil
                    }
                }
            }
            return result
        }
    }
}
