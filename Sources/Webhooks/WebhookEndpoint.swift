import Events
import HeatModel

/// A subscriber as it is configured.
package struct WebhookEndpoint: Sendable {
    package var name: String
    package var url: String
    /// Keys of HMAC-SHA256, the newest first: a message carries a signature by each.
    package var secrets: [[UInt8]]
    /// None wants every type.
    package var types: Set<String>
    /// Numbers of accounts; none wants all of them, and what concerns places.
    package var accounts: Set<String>
    /// Whether personal data goes out in clear.
    package var seesPersonalData: Bool
    /// Whether it may stand on a private network, and be asked without TLS.
    package var isPrivate: Bool
    /// Milliseconds for one attempt.
    package var timeout: Int
    /// A file of certificates to believe.
    package var ca: String?
    /// Whether one that was never seen begins with the oldest event that is kept, and not with the next.
    package var fromOldest: Bool

    package init(
        name: String, url: String, secrets: [[UInt8]], types: Set<String> = [], accounts: Set<String> = [],
        seesPersonalData: Bool = false, isPrivate: Bool = false, timeout: Int = 20_000, ca: String? = nil,
        fromOldest: Bool = false
    ) {
        self.name = name
        self.url = url
        self.secrets = secrets
        self.types = types
        self.accounts = accounts
        self.seesPersonalData = seesPersonalData
        self.isPrivate = isPrivate
        self.timeout = timeout
        self.ca = ca
        self.fromOldest = fromOldest
    }
}

/// Secrets are in no description.
extension WebhookEndpoint: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "webhook \(name)" }
    package var debugDescription: String { description }
}
