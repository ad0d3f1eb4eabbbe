import Foundation
import HearthTesting
import HeatModel
import Records
import SQLConnector
import TestTraits
import Testing

/// libpq's TLS modes against a server that shows a certificate of our own authority.
@Suite(.serialized, .waitsForServers) struct PostgresTLSTests {
    private static let server = Result {
        try PostgresServer(port: freePort(), tls: TestCertificates.shared())
    }

    private func connector(mode: String, authority: String?, host: String = "127.0.0.1") throws -> SQLConnector {
        let server = try Self.server.get()
        let options = PostgresOptions(
            conninfo: "host=\(host) port=\(server.port) dbname=postgres user=postgres", connectTimeout: 5,
            sslMode: mode,
            sslRootCertificate: authority)
        return SQLConnector(
            source: "billing", driver: .postgres(options),
            streams: [
                SQLStream(
                    name: "session",
                    relation: .query("SELECT pid, ssl::text AS tls FROM pg_stat_ssl WHERE pid = pg_backend_pid()"),
                    key: ["pid"])
            ])
    }

    @Test(arguments: ["require", "verify-ca", "verify-full"])
    func theSessionIsEncrypted(_ mode: String) throws {
        let authority = try TestCertificates.shared().authority
        let pulled = try connector(mode: mode, authority: authority).pulled(PullRequest(stream: "session"))
        #expect(pulled.rows.map { $0[1] } == ["true"])
    }

    @Test(arguments: ["verify-ca", "verify-full"])
    func anAuthorityThatDidNotSignIsNotTrusted(_ mode: String) throws {
        let other = try TestCertificates.shared().otherAuthority
        let error = try hearthError {
            _ = try connector(mode: mode, authority: other).pulled(PullRequest(stream: "session"))
        }
        #expect(error.code.area == "source")
    }

    @Test func withoutEncryptionTheServerRefuses() throws {
        let error = try hearthError {
            _ = try connector(mode: "disable", authority: nil).pulled(PullRequest(stream: "session"))
        }
        #expect(error.code.area == "source")
    }

    /// A port that nothing listens on at this moment.
    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
            }
        }
        try #require(bound)
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
