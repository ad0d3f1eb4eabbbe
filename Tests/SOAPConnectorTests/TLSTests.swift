import HearthTesting
import HeatModel
import Records
import SOAPConnector
import Testing

/// Against Spyne under TLS: the server shows a certificate of our own authority and wants one from us.
@Suite struct TLSTests {
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

    @Test func withoutACertificateOfOursTheServerHangsUp() throws {
        let tls = SOAPTLS(caFile: certificates.authority)
        #expect(throws: HearthError.self) { try Pulled(connector(tls), .init(stream: "all")) }
    }
}
