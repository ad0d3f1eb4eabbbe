package import Answers
import Crypto
import Foundation
package import HeatModel
package import Store

/// A bearer token's secret: 256 random bits, shown once when it is made.
package struct BearerSecret: Sendable {
    static let prefix = "hearth_"

    /// What the caller sends: `hearth_` and 43 characters of base64url.
    package let text: String

    /// A new one.
    package init() {
        let bytes = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
        let encoded = bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
            "=", with: "")
        text = Self.prefix + encoded
    }

    /// The token as the store keeps it.
    package func token(name: String, scopes: [Scope], createdAt: Instant, expiresAt: Instant?) -> AccessToken {
        let digest = Array(SHA256.hash(data: Array(text.utf8)))
        let id = digest[0..<4].map { byte in
            let hex = String(byte, radix: 16)
            return hex.count == 1 ? "0" + hex : hex
        }.joined()
        return AccessToken(
            id: id, name: name, scopes: scopes.map(\.rawValue), digest: digest, createdAt: createdAt,
            expiresAt: expiresAt)
    }
}
