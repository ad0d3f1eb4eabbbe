import NIOCore
import Sync

/// Bounds the guessing of ID digits: so many failures for an account in an hour, so many for a caller in a minute. An account
/// that does not exist is counted like one that does.
struct BindingGuard: Sendable {
    let accounts: RateLimiter
    let callers: RateLimiter

    /// A binding's answer goes out so long after the request came: what was found, and how fast, cannot be told from the time.
    static let delay = TimeAmount.milliseconds(30)

    init(_ settings: ServeSettings) {
        accounts = RateLimiter(
            perSecond: Double(settings.bindingsPerAccount) / 3600, burst: Double(settings.bindingsPerAccount))
        callers = RateLimiter(
            perSecond: Double(settings.bindingsPerCaller) / 60, burst: Double(settings.bindingsPerCaller))
    }

    /// Whether two texts of six characters are the same, in a time that does not depend on where they differ.
    static func areSame(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        var difference = UInt8(truncatingIfNeeded: left.count ^ right.count)
        for index in 0..<6 {
            let one = index < left.count ? left[index] : 0
            let other = index < right.count ? right[index] : 0
            difference |= one ^ other
        }
        return difference == 0
    }
}
