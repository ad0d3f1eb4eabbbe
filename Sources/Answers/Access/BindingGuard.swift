import Foundation
import Store

/// Bounds the guessing of ID digits: so many failures for an account in an hour, so many for a caller in a minute. An account
/// that does not exist is counted like one that does. The store counts: over all gateways, and beyond their restarts.
package struct BindingGuard: Sendable {
    private let perAccount: AttemptLimit
    private let perCaller: AttemptLimit

    /// A binding's answer goes out no sooner after the question came: the time does not reveal what was found, or how fast.
    static let delay = Duration.milliseconds(30)

    /// - Parameters:
    ///   - perAccount: failures for each account an hour.
    ///   - perCaller: failures for each caller a minute.
    package init(perAccount: Int, perCaller: Int) {
        self.perAccount = AttemptLimit(most: Int64(perAccount), seconds: 3600)
        self.perCaller = AttemptLimit(most: Int64(perCaller), seconds: 60)
    }

    /// Whether the caller may try the account: nil, or the whole seconds to wait.
    func wait(_ account: String, by caller: String, _ store: any AttemptReader) throws -> Int64? {
        try store.attemptWait("binding by \(caller)", perCaller)
            ?? store.attemptWait("binding of \(account)", perAccount)
    }

    /// Counts a failure, unless others have used the limit up meanwhile: then the whole seconds to wait.
    func fail(_ account: String, by caller: String, _ store: any StoreWriter) throws -> Int64? {
        if let seconds = try wait(account, by: caller, store) { return seconds }
        try store.countAttempt("binding by \(caller)", perCaller)
        try store.countAttempt("binding of \(account)", perAccount)
        return nil
    }

    /// Six characters as they are compared: half-width, upper-case.
    static func lastSix(_ text: String) throws(Problem) -> String {
        let folded = text.precomposedStringWithCompatibilityMapping.trimmingCharacters(in: .whitespaces).uppercased()
        let bytes = Array(folded.utf8)
        let isFit =
            bytes.count == 6 && bytes.prefix(5).allSatisfy { $0 &- 0x30 <= 9 }
            && (bytes[5] &- 0x30 <= 9 || bytes[5] == 0x58)
        if !isFit { throw .parameter("id_last_six", "must be five digits and a digit or X") }
        return folded
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
