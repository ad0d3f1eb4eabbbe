package import HeatModel
package import Store

/// How often each may do something: so many in a time, half of them at once.
package struct TurnRates: Sendable {
    private let limiter: any RateLimiting

    package init(_ limiter: any RateLimiting) { self.limiter = limiter }

    /// Seconds to wait; nil where it may go on.
    package func take(_ name: String, now: Instant) -> Int? {
        limiter.take(name, now: UInt64(max(0, now.microseconds)) * 1000)
    }

    /// Where doors have their rates from.
    package struct Source: Sendable {
        private let make: @Sendable (RateLimit) -> any RateLimiting

        /// Rates that count over all that use the store.
        package init(_ store: any Store) { make = { store.makeRateLimiter($0) } }

        /// - Parameter mostNames: as many as are told apart at once; names that are new share one then.
        package init(ofProcess mostNames: Int) { make = { RateLimiter($0, mostKeys: mostNames) } }

        /// - Parameter most: 0 is no limit.
        package func rates(_ name: String, most: Int, seconds: Int = 60) -> TurnRates {
            TurnRates(make(RateLimit(name, most: most, seconds: seconds, burst: max(2, most / 2))))
        }
    }
}
