public import HeatModel

/// A bearer token as the store keeps it: the secret itself is nowhere, only its SHA-256.
public struct AccessToken: Sendable, Hashable {
    /// Short and public: what logs and `hearth token list` call it.
    public var id: String
    /// Whose it is, in people's words.
    public var name: String
    /// Names of scopes, in the order in which they were asked for.
    public var scopes: [String]
    /// SHA-256 of the secret, 32 bytes.
    public var digest: [UInt8]
    public var createdAt: Instant
    /// From then on the token is refused; nil where it does not expire.
    public var expiresAt: Instant?
    public var revokedAt: Instant?

    public init(
        id: String, name: String, scopes: [String], digest: [UInt8], createdAt: Instant, expiresAt: Instant?,
        revokedAt: Instant? = nil
    ) {
        self.id = id
        self.name = name
        self.scopes = scopes
        self.digest = digest
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
    }
}

/// Keeps bearer tokens. Nothing is ever removed: who had access when stays known.
public protocol AccessTokenReader {
    /// All tokens, revoked ones too, by creation.
    func accessTokens() throws -> [AccessToken]
}

public protocol AccessTokenWriter: AccessTokenReader {
    /// - Throws: `store.failed` where its id or digest is taken.
    func add(_ token: AccessToken) throws
    /// False where there is no such token or it had been revoked.
    func revokeAccessToken(_ id: String, at: Instant) throws -> Bool
}

extension Store {
    /// See ``AccessTokenReader``.
    public func accessTokens() throws -> [AccessToken] { try read { try $0.accessTokens() } }
    /// See ``AccessTokenWriter``.
    public func add(_ token: AccessToken) throws {
        try settledWrite(orFind: { try $0.accessTokens().contains { $0.id == token.id } ? () : nil }) {
            try $0.add(token)
        }
    }
    /// See ``AccessTokenWriter``.
    public func revokeAccessToken(_ id: String, at instant: Instant) throws -> Bool {
        try settledWrite(
            orFind: { try $0.accessTokens().contains { $0.id == id && $0.revokedAt == instant } ? true : nil }
        ) { try $0.revokeAccessToken(id, at: instant) }
    }
}
