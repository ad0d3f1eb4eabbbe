import Answers
import Foundation
import Gateway
import Testing

/// Programs that are not ours find the server to be what its documents say. It is the built program: such clients wait ten seconds for an
/// answer, and a server of this process waits for the threads that other tests compute on.
@Suite struct ForeignClientTests {
    @Test func schemathesisFindsTheDocumentToBeTrue() async throws {
        let limits = "  rateLimit: {perSecond: 0}\n  bindings: {perAccountHour: 1000000, perCallerMinute: 1000000}\n"
        try await GatewaySite.with(limits, by: .program) { site in
            let python = try await GatewaySite.python()
            let token = try site.token(.assistant, .pii, .engineer, .auditor, .desk)
            let program = URL(fileURLWithPath: python).deletingLastPathComponent().appendingPathComponent(
                "schemathesis"
            ).path
            let (status, text) = try await GatewaySite.run(
                "/bin/sh",
                [
                    "-c", "cd \"$1\" && shift && exec \"$@\"", "sh", site.folder, "/usr/bin/env",
                    "PYTHONPATH=" + URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Programs",
                    "SCHEMATHESIS_HOOKS=spoken_rules", program, "run",
                    "\(site.address)/openapi.yaml", "--header", "Authorization:Bearer \(token)", "--phases",
                    "examples,coverage,fuzzing", "--max-examples", "12", "--seed", "1", "--no-color",
                    "--request-timeout", "60",
                    "--suppress-health-check", "all", "--generation-database", "none", "--warnings", "off",
                    // Doors of other rooms, which are not open here.
                    "--exclude-path", "/v1/hotline/turns", "--exclude-path", "/v1/sms/inbound",
                ])
            #expect(status == 0, "\(text.suffix(6000))")
        }
    }

    @Test(arguments: ["http", "stdio"])
    func theOfficialClientOfMCP(_ transport: String) async throws {
        try await GatewaySite.with(by: .program) { site in
            let python = try await GatewaySite.python()
            let token = try site.token(.assistant)
            let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
                "Programs/mcp_client.py"
            ).path
            let (status, text) = try await GatewaySite.run(
                python,
                [script, transport, site.address, token, site.number, GatewaySite.program, site.configuration])
            #expect(status == 0, "\(text.suffix(4000))")
            #expect(text.contains("all is well"), "\(text.suffix(4000))")
        }
    }
}
