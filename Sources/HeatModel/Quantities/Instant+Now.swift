import Foundation

extension Instant {
    /// The present, in the offset of the machine's zone.
    public static var now: Instant {
        let date = Date()
        let offset = TimeZone.current.secondsFromGMT(for: date) / 60
        return Instant(
            microseconds: Int64((date.timeIntervalSince1970 * 1_000_000).rounded()), offsetMinutes: Int16(offset))
    }
}
