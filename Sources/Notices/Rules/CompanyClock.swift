package import Foundation
package import HeatModel

/// The company's clock: its days and its times of day, whatever zone the machine is in.
package struct CompanyClock: Sendable {
    package let zone: TimeZone
    /// The present in microseconds since 1970.
    package let present: @Sendable () -> Int64

    package init(zone: TimeZone, present: @escaping @Sendable () -> Int64 = { Instant.now.microseconds }) {
        self.zone = zone
        self.present = present
    }

    package var now: Instant { local(present()) }

    private func offset(at seconds: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(seconds))))
    }

    /// A moment with the offset that the zone has then.
    package func local(_ microseconds: Int64) -> Instant {
        let seconds = microseconds >= 0 ? microseconds / 1_000_000 : (microseconds - 999_999) / 1_000_000
        return Instant(microseconds: microseconds, offsetMinutes: Int16(offset(at: seconds) / 60))
    }

    /// The moment at which the zone's clocks show a time of a day: the first of two where they are put back, and as much later as they
    /// are put forward where they never show it.
    package func instant(_ day: CivilDate, minute: Int) -> Instant {
        let wall = Int64(day.dayNumber) * 86_400 + Int64(minute) * 60
        let before = offset(at: wall - 86_400)
        let early = wall - before
        if offset(at: early) == before { return local(early * 1_000_000) }
        let late = wall - offset(at: wall + 86_400)
        // Shown after the change alone; or never, which the offset of before leads past.
        return local((offset(at: late) == offset(at: wall + 86_400) ? late : early) * 1_000_000)
    }
}
