/// When a message that was not taken is sent again: Standard Webhooks' suggestion, each wait longer by up to a tenth of it by chance.
package struct RetrySchedule: Sendable {
    /// Milliseconds before the second attempt, the third …
    package var waits: [Int64]
    /// The longest `Retry-After` that is heeded.
    package var longestAsked: Int64 = 86_400_000
    /// How long an endpoint that says it is overwhelmed is left in peace where it does not say for how long, at first; twice that each time
    /// it says so again.
    package var rest: Int64 = 5_000
    package var longestRest: Int64 = 300_000

    package init(waits: [Int64]) { self.waits = waits }

    private static let minute: Int64 = 60_000
    private static let hour: Int64 = 3_600_000
    package static let standard = RetrySchedule(
        waits: [
            5_000, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour,
        ])

    /// Milliseconds until the next attempt; nil where none follows.
    ///
    /// - Parameter failures: attempts that have failed, this one included.
    func wait(after failures: Int64, asked: Int64?, percent: () -> Int64 = { Int64.random(in: 0...10) }) -> Int64? {
        guard failures >= 1, failures <= Int64(waits.count) else { return nil }
        let wait = waits[Int(failures) - 1]
        let jittered = wait + wait / 100 * percent()
        return max(jittered, min(asked ?? 0, longestAsked))
    }
}
