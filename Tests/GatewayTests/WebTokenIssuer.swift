import Foundation
import JWTKit
import Testing

/// An identity provider with one key, published as a JWKS file.
final class WebTokenIssuer: Sendable {
    static let name = "https://id.example"

    struct Payload: JWTPayload {
        var iss: String
        var sub: String
        var aud: [String]
        var exp: Double
        var nbf: Int?
        var scope: String
        func verify(using algorithm: some JWTAlgorithm) throws {}
    }

    let path = FileManager.default.temporaryDirectory.appendingPathComponent("jwks-\(UUID().uuidString).json").path
    private let key = ES256PrivateKey()

    init() throws { try publish(key) }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// Makes this the only key in the file.
    func publish(_ key: ES256PrivateKey) throws {
        func text(_ value: String) -> String {
            value.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        }
        let point = try #require(key.publicKey.parameters)
        let jwks =
            #"{"keys":[{"kty":"EC","crv":"P-256","alg":"ES256","use":"sig","kid":"one","x":"\#(text(point.x))","y":"\#(text(point.y))"}]}"#
        try jwks.write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// A token of `desk-7` with the scopes assistant and pii, and one that there is not.
    func token(key: ES256PrivateKey? = nil, _ change: (inout Payload) -> Void = { _ in }) async throws -> String {
        var payload = Payload(
            iss: Self.name, sub: "desk-7", aud: ["hearth"], exp: Date().timeIntervalSince1970.rounded() + 600,
            scope: "assistant pii root")
        change(&payload)
        let keys = JWTKeyCollection()
        await keys.add(ecdsa: key ?? self.key, kid: "one")
        return try await keys.sign(payload, kid: "one")
    }
}
