import Foundation
import HearthTesting
import LegacyEstate
import Testing

/// What `hearth audit` says after whole commands have done their work.
@Suite struct AuditCommandTests {
    /// Streams are synced by processes of their own: none takes another's journal for left by the dead.
    @Test func syncsSideBySideAreNoTampering() async throws {
        try await Site.with(EstateOptions(accounts: 60, seed: 41)) { site in
            try await site.hearth("sync")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for streams in [["billing.suspensions", "billing.disconnections"], ["billing.seasons", "customer"]] {
                    group.addTask {
                        for _ in 0..<25 {
                            let sync = try await site.hearth("sync", streams[0], streams[1])
                            #expect(sync.status < 2, "\(sync.errors)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            let verify = try await site.hearth("audit", "verify")
            #expect(verify.status == 0, "\(verify.output) \(verify.errors)")
            let journals = try FileManager.default.subpathsOfDirectory(atPath: site.folder + "/archive/runs")
            #expect(!journals.contains { $0.hasSuffix(".open.jsonl") })
        }
    }

    /// Where there is no store, nothing is said of it, and none is made: an empty one would be as clean as can be.
    @Test func aStoreThatIsNotThere() async throws {
        try await Site.with(EstateOptions(accounts: 60, seed: 42)) { site in
            try await site.hearth("sync")
            let gone = ["HEARTH_STORE": site.folder + "/elsewhere.db"]
            for command in [
                ["audit", "verify"], ["audit", "export", "bundle", "--reason", "test"], ["reconcile"],
                ["history", "01000001"],
                ["account", "01000001"], ["explain", "01000001"], ["replay", "--plan"],
            ] {
                let run = try await Program.run(
                    command, environment: site.environment.merging(gone) { _, new in new }, directory: site.folder)
                #expect(run.status == 2 && run.errors.contains("there is no store"), "\(command): \(run.errors)")
            }
            #expect(!FileManager.default.fileExists(atPath: site.folder + "/elsewhere.db"))
            // What a lost store is built again from is the archive alone.
            #expect(try await site.hearth("replay", "--into", "rebuilt.db", with: gone).status == 0)
            let verify = try await site.hearth("audit", "verify", with: ["HEARTH_STORE": site.folder + "/rebuilt.db"])
            #expect(verify.status == 0, "\(verify.output) \(verify.errors)")
        }
    }
}
