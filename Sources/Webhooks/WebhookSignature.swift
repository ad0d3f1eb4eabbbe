import Crypto
import Foundation

/// Signs a message by Standard Webhooks 1.0.0.
package enum WebhookSignature {
    /// Bytes that a secret may have.
    package static let secretSize = 24...64

    /// Reads `whsec_` and base64; nil for what is none, or is too short or too long.
    package static func secret(_ text: String) -> [UInt8]? {
        guard text.hasPrefix("whsec_"), let data = Data(base64Encoded: String(text.dropFirst(6))),
            secretSize.contains(data.count)
        else { return nil }
        return [UInt8](data)
    }

    /// The headers of an attempt: the id that stays over all of them, when this one is made, and a signature by each secret,
    /// where there are any.
    package static func headers(id: String, timestamp: Int64, body: [UInt8], secrets: [[UInt8]]) -> [String] {
        let content = Array("\(id).\(timestamp).".utf8) + body
        let signatures = secrets.map { secret in
            let code = HMAC<SHA256>.authenticationCode(for: content, using: SymmetricKey(data: secret))
            return "v1," + Data(code).base64EncodedString()
        }
        return ["webhook-id: \(id)", "webhook-timestamp: \(timestamp)"]
            + (secrets.isEmpty ? [] : ["webhook-signature: \(signatures.joined(separator: " "))"])
    }
}
