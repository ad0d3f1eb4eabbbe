import Glibc
import HearthTesting
import HeatModel
import Records
import SOAPConnector
import Synchronization
import TestTraits
import Testing

/// Against Spyne under TLS: the server shows a certificate of our own authority and wants one from us.
@Suite(.waitsForServers) struct TLSTests {
    private let certificates: TestCertificates
    private let port: Int

    init() throws {
        certificates = try TestCertificates.shared()
        port = try PythonService.secured.get().port
    }

    private func connector(_ tls: SOAPTLS, host: String = "localhost") throws -> SOAPConnector {
        try SOAPConnector(
            source: "dispatch",
            options: SOAPOptions(
                endpoint: "https://\(host):\(port)/11", namespaces: Dispatch.namespaces, tls: tls,
                retry: RetryPolicy(attempts: 1)), streams: [Dispatch.all])
    }

    private var good: SOAPTLS {
        SOAPTLS(
            caFile: certificates.authority, certificateFile: certificates.clientCertificate,
            keyFile: certificates.clientKey)
    }

    @Test(arguments: ["localhost", "127.0.0.1"])
    func bothSidesProveWhoTheyAre(_ host: String) throws {
        let connector = try connector(good, host: host)
        #expect(try Pulled(connector, .init(stream: "all")).rows == Dispatch.rows)
        #expect(!connector.check().contains { $0.verdict == .failed })
    }

    @Test func anAuthorityThatDidNotSignIsNotTrusted() throws {
        var tls = good
        tls.caFile = certificates.otherAuthority
        let connector = try connector(tls)
        expectCode("source.tls") { _ = try Pulled(connector, .init(stream: "all")) }
        #expect(connector.check().first?.verdict == .failed)
        tls.verifies = false
        #expect(try Pulled(self.connector(tls), .init(stream: "all")).rows == Dispatch.rows)
    }

    @Test func theNameMustBeTheCertificates() throws {
        let misnamed = try SOAPConnector(
            source: "dispatch",
            options: SOAPOptions(
                endpoint: "https://127.0.0.2:\(PythonService.misnamed.get().port)/11", namespaces: Dispatch.namespaces,
                tls: good,
                retry: RetryPolicy(attempts: 1)), streams: [Dispatch.all])
        expectCode("source.tls") { _ = try Pulled(misnamed, .init(stream: "all")) }
    }

    /// Who hangs up at the first words of TLS said nothing of certificates: it is asked again, and called what it is.
    @Test func aHandshakeThatIsCutIsTriedAgain() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = try withUnsafeMutablePointer(to: &address) { address in
            try address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try #require(bind(listener, $0, length) == 0 && listen(listener, 8) == 0)
                try #require(getsockname(listener, $0, &length) == 0)
            }
            return UInt16(bigEndian: address.pointee.sin_port)
        }
        let calls = Mutex(0)
        OwnThread.start {
            for _ in 0..<3 {
                let client = accept(listener, nil, nil)
                if client < 0 { return }
                var bytes = [UInt8](repeating: 0, count: 65_536)
                if read(client, &bytes, bytes.count) > 0 { calls.withLock { $0 += 1 } }
                close(client)
            }
        }
        let connector = try SOAPConnector(
            source: "dispatch",
            options: SOAPOptions(
                endpoint: "https://127.0.0.1:\(port)/11", namespaces: Dispatch.namespaces, tls: good,
                retry: RetryPolicy(attempts: 3, base: 1)), streams: [Dispatch.all])
        expectCode("source.truncated") { _ = try Pulled(connector, .init(stream: "all")) }
        #expect(calls.withLock { $0 } == 3)
    }

    @Test func withoutACertificateOfOursTheServerHangsUp() throws {
        let tls = SOAPTLS(caFile: certificates.authority)
        #expect(throws: HearthError.self) { try Pulled(connector(tls), .init(stream: "all")) }
    }
}
