import Crypto
import Foundation

/// Signs and seals what browsers keep for us. For each purpose there is a key of its own, so that what was signed for one is worth nothing
/// for another.
package struct CookieKeys: Sendable {
    private let keys: [SymmetricKey]

    /// - Parameter secrets: the first signs and seals, all are believed; none makes one that ends with the process.
    package init(_ secrets: [[UInt8]]) {
        keys = secrets.isEmpty ? [SymmetricKey(size: .bits256)] : secrets.map { SymmetricKey(data: $0) }
    }

    private func key(_ index: Int, _ purpose: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: keys[index], info: Data(("hearth " + purpose).utf8), outputByteCount: 32)
    }

    /// A text with its signature behind a dot. The text may hold no dot at its end's side that matters: the last one divides.
    package func signed(_ text: String, for purpose: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key(0, purpose))
        return text + "." + Self.text(Data(code))
    }

    /// What was signed; nil where it was not by us, or for another purpose.
    package func verified(_ text: String, for purpose: String) -> String? {
        guard let dot = text.lastIndex(of: "."), let code = Self.bytes(text[text.index(after: dot)...]) else {
            return nil
        }
        let content = String(text[..<dot])
        for index in keys.indices
        where HMAC<SHA256>.isValidAuthenticationCode(
            code, authenticating: Data(content.utf8), using: key(index, purpose))
        {
            return content
        }
        return nil
    }

    /// Nobody but us can read it.
    package func sealed(_ text: String, for purpose: String) throws -> String {
        let box = try AES.GCM.seal(Data(text.utf8), using: key(0, purpose))
        return Self.text(box.combined ?? Data())
    }

    package func opened(_ text: String, for purpose: String) -> String? {
        guard text.utf8.count <= 4096, let bytes = Self.bytes(text[...]),
            let box = try? AES.GCM.SealedBox(combined: bytes)
        else { return nil }
        for index in keys.indices {
            if let plain = try? AES.GCM.open(box, using: key(index, purpose)) {
                return String(validating: plain, as: UTF8.self)
            }
        }
        return nil
    }

    /// The field that has a browser keep a cookie for the pages below a path, out of reach of scripts and of other sites.
    package static func header(
        _ name: String, _ value: String, below path: String, seconds: Int64, isSecure: Bool
    ) -> (name: String, value: String) {
        (
            "Set-Cookie",
            "\(name)=\(value); Path=\(path); HttpOnly; SameSite=Strict; Max-Age=\(seconds)"
                + (isSecure ? "; Secure" : "")
        )
    }

    /// What a name stands for, such that nobody can tell the name from it.
    package func hidden(_ name: String, for purpose: String) -> String {
        Self.text(Data(HMAC<SHA256>.authenticationCode(for: Data(name.utf8), using: key(0, purpose))).prefix(18))
    }

    /// Whether a secret was stated; every byte is looked at, whichever differs.
    package static func isEqual(_ stated: String?, _ secret: String) -> Bool {
        guard let stated, stated.utf8.count == secret.utf8.count else { return false }
        return zip(stated.utf8, secret.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// 144 random bits as text.
    package static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return text(Data((0..<18).map { _ in UInt8.random(in: 0...255, using: &generator) }))
    }

    /// Whether a text may be one of ours: letters, digits, - and _.
    package static func isName(_ text: String, most: Int = 64) -> Bool {
        (1...most).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                $0 &- 0x30 <= 9 || ($0 | 0x20) &- 0x61 < 26 || $0 == 0x2D || $0 == 0x5F
            }
    }

    private static func text(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static func bytes(_ text: Substring) -> Data? {
        var plain = text.replacing("-", with: "+").replacing("_", with: "/")
        plain += String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)
        return Data(base64Encoded: String(plain))
    }
}
