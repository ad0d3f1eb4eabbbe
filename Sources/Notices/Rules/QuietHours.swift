package import HeatModel

/// When nobody is told anything, on the company's clock: from a minute of the day on, to another one, of the next day where it is the
/// earlier one.
package struct QuietHours: Sendable, Hashable {
    /// The first quiet minute, and the first that is not: `20:00` to `08:00`. None are quiet where they are the same.
    package var from: Int
    package var to: Int

    package init(from: Int, to: Int) {
        self.from = from
        self.to = to
    }

    package static let night = QuietHours(from: 20 * 60, to: 8 * 60)

    func contains(minute: Int) -> Bool {
        from <= to ? (from..<to).contains(minute) : minute >= from || minute < to
    }

    package func isQuiet(_ instant: Instant, _ clock: CompanyClock) -> Bool {
        contains(minute: Int(clock.local(instant.microseconds).local.microsecondOfDay / 60_000_000))
    }

    /// The moment itself where it is not quiet, else the next one that is not.
    package func allowed(from instant: Instant, _ clock: CompanyClock) -> Instant {
        var moment = clock.local(instant.microseconds)
        // Where clocks are changed, the end of the quiet hours may come twice, or lie within others.
        for _ in 0..<1440 where isQuiet(moment, clock) {
            let (day, microsecond) = moment.local
            let isBefore = Int(microsecond / 60_000_000) < to
            var end = clock.instant(isBefore ? day : day.adding(days: 1), minute: to)
            if end <= moment { end = Instant(microseconds: moment.microseconds + 60_000_000, offsetMinutes: 0) }
            moment = clock.local(end.microseconds)
        }
        return moment
    }
}
