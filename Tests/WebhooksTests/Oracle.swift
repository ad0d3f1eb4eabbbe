import Crypto
import Foundation

/// HMAC-SHA256 from its definition (RFC 2104), over the digest alone: nothing of what is tested.
enum Oracle {
    static func signature(_ content: String, _ secret: [UInt8]) -> String {
        var key = secret.count > 64 ? Array(SHA256.hash(data: secret)) : secret
        key += [UInt8](repeating: 0, count: 64 - key.count)
        let inner = SHA256.hash(data: key.map { $0 ^ 0x36 } + Array(content.utf8))
        return Data(SHA256.hash(data: key.map { $0 ^ 0x5C } + Array(inner))).base64EncodedString()
    }
}
