import Foundation
import HeatModel

/// The time of day, cheaply.
enum WallClock {
    static var microseconds: Int64 {
        Int64(Date().timeIntervalSince1970 * 1_000_000)
    }

    /// Microseconds of seconds since 1970 that a caller states: what is beyond all time ends with it. Nil for what is no number.
    static func microseconds(stated seconds: Double) -> Int64? {
        guard seconds.isFinite else { return nil }
        let microseconds = seconds * 1_000_000
        if microseconds >= 0x1p63 { return .max }
        return microseconds <= -0x1p63 ? .min : Int64(microseconds)
    }

    static func now(in offsetMinutes: Int16) -> Instant {
        Instant(microseconds: microseconds / 1000 * 1000, offsetMinutes: offsetMinutes)
    }

    /// `Sun, 22 Nov 2026 11:30:00 GMT`.
    static func httpDate(second: Int64) -> String {
        let (date, microseconds) = Instant(microseconds: second * 1_000_000, offsetMinutes: 0).local
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let (year, month, day) = date.components
        let time = Int(microseconds / 1_000_000)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        // 1 January 1970 was a Thursday.
        return "\(days[Int(date.dayNumber) % 7]), \(two(day)) \(months[month - 1]) \(year) "
            + "\(two(time / 3600)):\(two(time / 60 % 60)):\(two(time % 60)) GMT"
    }
}
