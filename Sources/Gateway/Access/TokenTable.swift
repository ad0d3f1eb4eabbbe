import Answers
import Crypto
import HeatModel
import Store
import Synchronization

/// The store's bearer tokens in memory, by their digest. ``renew()`` is called each second: a token that was revoked elsewhere
/// is refused a second later at most. A new one is known at once: a secret that is not known has the table read again, though
/// not more often than ``leastPause`` allows.
final class TokenTable: Sendable {
    /// A digest as a key; all 32 bytes of it are compared.
    struct Digest: Hashable, Sendable {
        var words: (UInt64, UInt64, UInt64, UInt64)

        init(secret: String) {
            var hash = SHA256()
            var secret = secret
            secret.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
            words = hash.finalize().withUnsafeBytes { Self.words($0) }
        }

        init?(_ bytes: [UInt8]) {
            guard bytes.count == 32 else { return nil }
            words = bytes.withUnsafeBytes { Self.words($0) }
        }

        private static func words(_ bytes: UnsafeRawBufferPointer) -> (UInt64, UInt64, UInt64, UInt64) {
            (
                bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
            )
        }

        /// Takes the same time wherever two digests differ.
        static func == (left: Digest, right: Digest) -> Bool {
            (left.words.0 ^ right.words.0) | (left.words.1 ^ right.words.1) | (left.words.2 ^ right.words.2)
                | (left.words.3 ^ right.words.3) == 0
        }

        func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
    }

    private let store: any Store
    private let callers = Mutex<[Digest: Caller]>([:])
    /// When the table was last read again for a secret that it did not have.
    private let looked = Mutex<ContinuousClock.Instant?>(nil)
    private static let leastPause = Duration.milliseconds(50)

    init(store: any Store) throws {
        self.store = store
        take(try store.readOfAny { try $0.accessTokens() })
    }

    func renew() throws { take(try store.accessTokens()) }

    private func take(_ tokens: [AccessToken]) {
        var table: [Digest: Caller] = [:]
        for token in tokens where token.revokedAt == nil {
            guard let digest = Digest(token.digest) else { continue }
            table[digest] = Caller(
                id: "token:" + token.id, scopes: ScopeSet(names: token.scopes),
                expires: token.expiresAt?.microseconds ?? .max)
        }
        callers.withLock { $0 = table }
    }

    /// The caller whose secret this is, expired or not.
    func caller(_ secret: String) -> Caller? {
        let digest = Digest(secret: secret)
        if let known = callers.withLock({ $0[digest] }) { return known }
        let mayLook = looked.withLock { last in
            let now = ContinuousClock.now
            if let last, now - last < Self.leastPause { return false }
            last = now
            return true
        }
        // Where the store cannot be read now, the secret stays unknown, and the next renewal says why.
        guard mayLook, (try? renew()) != nil else { return nil }
        return callers.withLock { $0[digest] }
    }
}
