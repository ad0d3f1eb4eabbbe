import Crypto
import Foundation

/// Checks a WS-Security UsernameToken (OASIS WSS 1.0), password as text or as a digest.
struct UsernameToken: Sendable {
    var user: String
    var password: String

    func accepts(_ request: SOAPRequest) -> Bool {
        guard request.text("Username") == user, let element = request.element("Password"),
            let given = request.text("Password")
        else { return false }
        guard element.attributes["Type"]?.hasSuffix("#PasswordDigest") ?? false else {
            return Self.equal(given, password)
        }
        guard let nonce = request.text("Nonce").flatMap({ Data(base64Encoded: $0) }),
            let created = request.text("Created")
        else { return false }
        let digest = Insecure.SHA1.hash(data: nonce + Data(created.utf8) + Data(password.utf8))
        return Self.equal(given, Data(digest).base64EncodedString())
    }

    /// Looks at every byte whatever the difference.
    private static func equal(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        var difference = left.count ^ right.count
        for index in right.indices { difference |= Int(right[index] ^ (index < left.count ? left[index] : 0)) }
        return difference == 0
    }
}
