package import Crypto

/// Lower-case hex of hashes.
enum Hex {
    static func digit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 + nibble : 0x57 + nibble }
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 <= 9 || byte &- 0x61 <= 5 }

    /// 64 digits.
    static func digits(_ digest: SHA256.Digest) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(64)
        digest.withUnsafeBytes { bytes in
            for byte in bytes {
                text.append(digit(byte >> 4))
                text.append(digit(byte & 15))
            }
        }
        return text
    }
}

extension SHA256.Digest {
    /// 64 lower-case hex digits, as `sha256sum` prints them.
    package var hex: String { String(decoding: Hex.digits(self), as: UTF8.self) }
}

/// SHA-256 of bytes, as `sha256sum` prints it.
package enum Digest {
    package static func sha256(_ bytes: [UInt8]) -> String { SHA256.hash(data: bytes).hex }
}
