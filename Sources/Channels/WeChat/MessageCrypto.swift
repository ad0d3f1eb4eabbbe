import Crypto
import CryptoExtras
import Foundation
import Pages

/// Signatures and encryption of an official account's messages.
///
/// A message is `random(16) + length(4, network order) + text + appid`, padded to blocks of 32 (PKCS#7) and encrypted with AES-256-CBC, whose
/// first vector is the key's first half. The account's previous key is tried, too: while it is changed both come.
struct MessageCrypto: Sendable {
    let token: String
    let appID: String
    private let keys: [[UInt8]]

    /// - Parameter encodingKeys: of 43 characters, which is base64 without its last sign.
    init(token: String, appID: String, encodingKeys: [String]) {
        self.token = token
        self.appID = appID
        keys = encodingKeys.compactMap { key in
            Data(base64Encoded: key + "=").flatMap { $0.count == 32 ? [UInt8]($0) : nil }
        }
    }

    var canEncrypt: Bool { !keys.isEmpty }

    /// Of the sorted parts, token included.
    func signature(_ parts: [String]) -> String {
        let text = ([token] + parts).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.joined()
        return Insecure.SHA1.hash(data: Data(text.utf8)).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    func isSigned(_ parts: [String], as signature: String) -> Bool {
        CookieKeys.isEqual(signature, self.signature(parts))
    }

    /// The text, and which key it was encrypted with; nil where it is not of this account's keys, or broken.
    func decrypt(_ encrypted: String) -> (text: [UInt8], key: Int)? {
        guard let cipher = Data(base64Encoded: encrypted), !cipher.isEmpty, cipher.count % 16 == 0 else { return nil }
        for (index, key) in keys.enumerated() {
            guard let iv = try? AES._CBC.IV(ivBytes: Array(key.prefix(16))),
                let plain = try? AES._CBC.decrypt(cipher, using: SymmetricKey(data: key), iv: iv, noPadding: true),
                let text = text(of: [UInt8](plain))
            else { continue }
            return (text, index)
        }
        return nil
    }

    private func text(of plain: [UInt8]) -> [UInt8]? {
        guard let pad = plain.last.map({ Int($0) }), (1...32).contains(pad), plain.count >= 20 + pad,
            plain.suffix(pad).allSatisfy({ Int($0) == pad })
        else { return nil }
        let content = plain.dropFirst(16).dropLast(pad)
        let length = content.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        let rest = content.dropFirst(4)
        guard length <= rest.count, rest.dropFirst(length).elementsEqual(appID.utf8) else { return nil }
        return Array(rest.prefix(length))
    }

    /// - Throws: where the library refuses, which it does not.
    func encrypt(_ text: [UInt8], key index: Int) throws -> String {
        let key = keys[index]
        var generator = SystemRandomNumberGenerator()
        var plain = (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
        plain += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: text.count >> $0) }
        plain += text + Array(appID.utf8)
        let pad = 32 - plain.count % 32
        plain += Array(repeating: UInt8(pad), count: pad)
        let iv = try AES._CBC.IV(ivBytes: Array(key.prefix(16)))
        return try AES._CBC.encrypt(plain, using: SymmetricKey(data: key), iv: iv, noPadding: true)
            .base64EncodedString()
    }
}
