package import HeatModel

/// Who speaks through a browser: a random name in a cookie that we have signed.
package struct CustomerSession: Sendable, Equatable {
    /// Random; says nothing of anybody.
    package var customer: String
    /// Seconds since 1970 of the last time that it was used.
    package var usedAt: Int64
    /// The conversation, once there is one.
    package var conversation: Int64
    /// Large print and plain words are wanted.
    package var isLarge: Bool

    package init(now: Instant) {
        customer = CookieKeys.random()
        usedAt = now.microseconds / 1_000_000
        conversation = 0
        isLarge = false
    }

    /// - Parameter seconds: how long it holds after it was last used.
    package init?(_ cookie: String?, for purpose: String, keys: CookieKeys, now: Instant, holds seconds: Int64) {
        guard let cookie, cookie.utf8.count <= 256, let text = keys.verified(cookie, for: purpose) else { return nil }
        let parts = text.split(separator: "!", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0] == "1", CookieKeys.isName(String(parts[1])), let used = Int64(parts[2]),
            let conversation = Int64(parts[3])
        else { return nil }
        let age = now.microseconds / 1_000_000 - used
        // A clock that was set back a little is no forgery.
        guard age <= seconds, age >= -300 else { return nil }
        customer = String(parts[1])
        usedAt = used
        self.conversation = conversation
        isLarge = parts[4] == "L"
    }

    private func text(now: Instant) -> String {
        "1!\(customer)!\(now.microseconds / 1_000_000)!\(conversation)!\(isLarge ? "L" : "-")"
    }

    /// - Parameter seconds: how long a browser keeps it; nil until it is closed.
    package func header(
        _ name: String, path: String, for purpose: String, keys: CookieKeys, now: Instant, isSecure: Bool,
        keptFor seconds: Int64?, isStrict: Bool = false
    ) -> (name: String, value: String) {
        var value = "\(name)=\(keys.signed(text(now: now), for: purpose)); Path=\(path); HttpOnly"
        value += isStrict ? "; SameSite=Strict" : "; SameSite=Lax"
        if let seconds { value += "; Max-Age=\(seconds)" }
        if isSecure { value += "; Secure" }
        return ("Set-Cookie", value)
    }

    /// What a form must bring back so that it is known to be ours.
    package func formToken(for purpose: String, keys: CookieKeys) -> String {
        keys.hidden(customer, for: purpose + " form")
    }

    package func allows(_ token: String?, for purpose: String, keys: CookieKeys) -> Bool {
        CookieKeys.isEqual(token, formToken(for: purpose, keys: keys))
    }
}
