import Foundation
import HearthTesting
import LegacyEstate
import TestTraits
import Testing

/// What cannot be written down is not shown, and the gateway says that it is not ready; once there is room again it goes on.
@Suite(.waitsForServers) struct FullDiskTests {
    @Test(.ofTheStoresFile) func anAccessLogThatCannotGrowStopsAnswersUntilItCan() async throws {
        let site = try ActionSite()
        try site.startDispatch("")
        try site.writeSystems()
        #expect(try await site.hearth("sync", "customer").status < 2)
        site.stopDispatch()
        let made = try await site.hearth("token", "create", "--json", "--name", "desk", "--scope", "assistant").json()
        let token = try #require((made as? [String: Any])?["token"] as? String)
        let address = try site.startServer()
        let number = ActionSite.estate.account(5).number
        func status(_ path: String) async throws -> (code: Int, body: String) {
            let ending = try await Program.run(
                [
                    "-s", "-w", "\n%{http_code}", "--max-time", "60", "-H", "Authorization: Bearer \(token)",
                    address + path,
                ],
                executable: "/usr/bin/curl", environment: [:], directory: site.folder)
            let lines = ending.output.split(separator: "\n")
            return (Int(lines.last ?? "") ?? 0, lines.dropLast().joined())
        }
        let path = "/v1/accounts/\(number)"
        #expect(try await status(path).code == 200)
        #expect(try await status("/readyz").code == 200)
        let log = site.folder + "/hearth-access/access-000000000001.jsonl"
        let size = try #require(try FileManager.default.attributesOfItem(atPath: log)[.size] as? Int)

        // A line fits in part only: it is torn.
        try await site.limitFiles(ofServer: size + 40)
        for _ in 0..<3 {
            let refused = try await status(path)
            #expect(
                refused.code == 503 && refused.body.contains("log-unavailable") && !refused.body.contains("seasons"),
                "\(refused)")
            let ready = try await status("/readyz")
            #expect(ready.code == 503, "\(ready)")
            // Time for a further try, which fails too.
            try await Task.sleep(for: .milliseconds(1100))
        }
        try await site.limitFiles(ofServer: nil)
        try await Task.sleep(for: .milliseconds(1100))
        // It is the probe itself that finds it: where a gateway is not ready nobody asks it anything else.
        #expect(try await status("/readyz").code == 200)
        #expect(try await status(path).code == 200)
        site.stopServer()
        let text = try String(contentsOfFile: log, encoding: .utf8)
        #expect(text.contains("\"recovered\":\"a torn last line\""), "\(text.suffix(600))")
        let verify = try await site.hearth("audit", "verify")
        #expect(verify.status == 0, "\(verify)")
    }
}
