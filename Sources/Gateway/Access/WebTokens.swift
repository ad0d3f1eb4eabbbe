import Answers
import Foundation
import HeatModel
import JWTKit
import Synchronization

/// JWTs of a company's own identity provider, checked against the keys of a JWKS file: signature, issuer, audience, `exp`, `nbf`.
///
/// Checking a signature takes some hundred microseconds, so a token that held is remembered, as its digest, until it expires.
/// The file is read again when it changes.
final class WebTokens: Sendable {
    private struct Payload: JWTPayload {
        var iss: IssuerClaim
        var sub: SubjectClaim
        var aud: AudienceClaim
        var exp: ExpirationClaim
        var nbf: NotBeforeClaim?
        /// RFC 8693: one text of names.
        var scope: String?
        var scopes: [String]?

        func verify(using algorithm: some JWTAlgorithm) throws {
            try exp.verifyNotExpired()
            try nbf?.verifyNotBefore()
        }
    }

    private struct State {
        var keys: JWTKeyCollection
        var version: FileVersion?
        var known: [TokenTable.Digest: Caller] = [:]
    }

    private static let mostRemembered = 10_000

    let issuer: String
    let audience: String
    let path: String
    private let state: Mutex<State>

    init(issuer: String, audience: String, path: String) async throws {
        self.issuer = issuer
        self.audience = audience
        self.path = path
        let version = FileVersion(path: path)
        state = Mutex(State(keys: try await Self.read(path), version: version))
    }

    private static func read(_ path: String) async throws -> JWTKeyCollection {
        do {
            let keys = JWTKeyCollection()
            try await keys.add(jwksJSON: String(contentsOfFile: path, encoding: .utf8))
            return keys
        } catch {
            throw HearthError(
                .configBadValue, "the JWKS file cannot be used", at: .file(path, line: 0, column: 0),
                advice: "it must be a JSON object with \"keys\", as RFC 7517 has it", cause: error)
        }
    }

    /// Reads the keys again where the file has changed. One that cannot be read leaves the keys as they are.
    func renew() async throws {
        let version = FileVersion(path: path)
        guard state.withLock({ $0.version != version }) else { return }
        let keys = try await Self.read(path)
        state.withLock { $0 = State(keys: keys, version: version) }
    }

    /// The caller of a token that was checked before.
    func known(_ token: String) -> Caller? {
        let digest = TokenTable.Digest(secret: token)
        return state.withLock { $0.known[digest] }
    }

    /// Checks a token; nil where it does not hold.
    func verify(_ token: String) async -> Caller? {
        let keys = state.withLock { $0.keys }
        guard let payload = try? await keys.verify(token, as: Payload.self), payload.iss.value == issuer,
            payload.aud.value.contains(audience), payload.sub.value.utf8.count <= 128,
            let expires = WallClock.microseconds(stated: payload.exp.value.timeIntervalSince1970)
        else { return nil }
        let names = (payload.scope?.split(separator: " ").map(String.init) ?? []) + (payload.scopes ?? [])
        let caller = Caller(id: "jwt:" + payload.sub.value, scopes: ScopeSet(names: names), expires: expires)
        let digest = TokenTable.Digest(secret: token)
        state.withLock { state in
            if state.known.count >= Self.mostRemembered { state.known.removeAll(keepingCapacity: true) }
            state.known[digest] = caller
        }
        return caller
    }

    /// Whether a bearer token has the shape of a JWT at all.
    static func isShaped(_ token: String) -> Bool {
        !token.hasPrefix(BearerSecret.prefix) && token.utf8.count(where: { $0 == 0x2E }) == 2
    }
}
