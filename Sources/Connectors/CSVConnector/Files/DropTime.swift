import Glibc
import HeatModel

/// A moment on a file system's clock.
struct DropTime: Comparable, Hashable {
    var seconds: Int
    var nanoseconds: Int

    init(_ time: timespec) {
        seconds = time.tv_sec
        nanoseconds = time.tv_nsec
    }

    init(seconds: Int, nanoseconds: Int = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    static var now: DropTime { DropTime(seconds: time(nil)) }

    static func < (a: DropTime, b: DropTime) -> Bool { (a.seconds, a.nanoseconds) < (b.seconds, b.nanoseconds) }

    func instant(offsetMinutes: Int16) -> Instant {
        Instant(microseconds: Int64(seconds) * 1_000_000, offsetMinutes: offsetMinutes)
    }

    /// `2026-11-28 14:03:07 UTC`, for people.
    var shown: String {
        var seconds = time_t(seconds)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday)) "
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) UTC"
    }
}

/// When a file was last touched, by the clocks that say so.
struct Touched {
    var modified: DropTime
    var changed: DropTime
    var now: DropTime

    /// A clock may run ahead by so much before its times count as lying in the future.
    private static let grace = 1
    /// A time further ahead is a mistake, not a clock that is a little fast.
    private static let farAhead = 300

    /// Whole seconds since the last touch. The sender sets the time of modification, and may set one that lies in the future: then
    /// the time of change, which the file system sets, says it alone. Nil where both lie in the future, so that nothing says it.
    var age: Int? {
        [modified, changed].filter { !isAhead($0) }.max().map { max(0, now.seconds - $0.seconds) }
    }

    var modifiedIsAhead: Bool { isAhead(modified) }
    /// No clock says when the file was touched, and waiting a moment will not change that.
    var isFarAhead: Bool { age == nil && min(modified, changed).seconds > now.seconds + Self.farAhead }

    private func isAhead(_ time: DropTime) -> Bool { time.seconds > now.seconds + Self.grace }
}
