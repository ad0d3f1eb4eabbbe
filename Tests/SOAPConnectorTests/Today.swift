import Glibc

/// The day of this machine, as a service in China would write it.
enum Today {
    static var text: String {
        var seconds = time(nil) + 8 * 3600
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
    }
}
