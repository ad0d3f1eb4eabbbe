package import HeatModel

/// How old a fact may be and still be news.
package enum EventRules {
    private static let hour: Int64 = 3_600_000_000
    /// An order, a dispatch, a departure, an arrival: later than this after it, nothing is told any more.
    static let moving = 24 * hour
    /// A repair that is done, followed up or given up.
    static let settled = 7 * 24 * hour
    /// A payment, by the time it was paid: bank files come days later.
    static let payment = 7 * 24 * hour
    /// A bill, by the time it was issued.
    static let bill = 30 * 24 * hour
    /// An outage, by its begin.
    static let outage = 7 * 24 * hour
    /// A stream's first reading, by the begin of its first run, where none has come to its end.
    static let firstReading = 24 * hour
    /// How far a system's clock may be ahead: what it dates later than this is not believed to have been then.
    static let ahead: Int64 = 120_000_000
    /// A position older than this gives no distance.
    package static let position: Int64 = 300_000_000
    /// What is remembered of what has vanished: longer than anything new may be old.
    static let memory = 31 * 24 * hour
}

extension Instant {
    /// Whether it lies within so many microseconds before `now`.
    package func isNews(at now: Instant, within age: Int64) -> Bool {
        microseconds <= now.microseconds + EventRules.ahead && now.microseconds - microseconds <= age
    }

    /// Nil where it is dated into the future.
    func believed(at now: Instant) -> Instant? { microseconds <= now.microseconds + EventRules.ahead ? self : nil }
}
