import Foundation
import HearthTesting
import LegacyEstate
import TestTraits
import Testing

/// What `hearth audit` says after whole commands have done their work.
@Suite(.waitsForServers) struct AuditCommandTests {
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
    @Test(.ofTheStoresFile) func aStoreThatIsNotThere() async throws {
        try await Site.with(EstateOptions(accounts: 60, seed: 42)) { site in
            try await site.hearth("sync")
            let gone = ["HEARTH_STORE": site.folder + "/elsewhere.db"]
            let empty = ["HEARTH_STORE": site.folder + "/empty.db"]
            try Data().write(to: URL(fileURLWithPath: site.folder + "/empty.db"))
            let read = [
                ["audit", "verify"], ["audit", "export", "bundle", "--reason", "test"], ["reconcile"],
                ["history", "01000001"], ["account", "01000001"], ["explain", "01000001"],
                ["money", "due", "01000001"],
                ["trace", "01000001", "area.building"], ["triage", "01000001"], ["ask", "status"],
                ["replay", "--plan"], ["diff", "--as-of", "1", "--as-of", "2"], ["status"], ["runs"], ["state"],
                ["quarantine", "list"], ["quarantine", "replay"], ["quarantine", "discard", "1", "--note", "n"],
                ["events"], ["actions", "list"], ["actions", "run", "--drain"], ["actions", "retry", "1"],
                ["webhooks", "list"], ["conversations", "list"], ["hand-offs", "list"],
                ["insights", "--month", "2026-01"],
                ["notices", "list"], ["token", "list"], ["token", "revoke", "1"], ["backup", "copy"], ["mcp"],
            ]
            for (command, place, words) in read.map({ ($0, gone, "elsewhere.db") })
                + [["status"], ["account", "01000001"], ["audit", "verify"], ["backup", "copy"]].map({
                    ($0, empty, "empty.db")
                })
            {
                let run = try await Program.run(
                    command, environment: site.environment.merging(place) { _, new in new }, directory: site.folder)
                #expect(
                    run.status == 2 && run.errors.contains("there is no store") && run.errors.contains(words)
                        && run.errors.contains("hearth sync"), "\(command): \(run.status) \(run.errors)")
            }
            // A plan before the first sync is one against nothing, and says so.
            let plan = try await site.hearth("plan", "billing.seasons", with: gone)
            #expect(plan.status == 1 && plan.errors.contains("elsewhere.db: everything is new"), "\(plan.errors)")
            #expect(!FileManager.default.fileExists(atPath: site.folder + "/elsewhere.db"))
            #expect(try Data(contentsOf: URL(fileURLWithPath: site.folder + "/empty.db")).isEmpty)
            #expect(!FileManager.default.fileExists(atPath: site.folder + "/copy"))
            // What a lost store is built again from is the archive alone.
            #expect(try await site.hearth("replay", "--into", "rebuilt.db", with: gone).status == 0)
            #expect(!FileManager.default.fileExists(atPath: site.folder + "/elsewhere.db"))
            let damaged = try await site.hearth(
                "replay", "--into", "half.db", with: ["HEARTH_ARCHIVE": site.folder + "/no-archive"])
            #expect(damaged.status == 2 && damaged.errors.contains("archive.empty"), "\(damaged.errors)")
            #expect(!FileManager.default.fileExists(atPath: site.folder + "/half.db"))
            let verify = try await site.hearth("audit", "verify", with: ["HEARTH_STORE": site.folder + "/rebuilt.db"])
            #expect(verify.status == 0, "\(verify.output) \(verify.errors)")
        }
    }
}
