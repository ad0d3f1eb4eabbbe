import Foundation
import HearthTesting
import LegacyEstate
import Synchronization
import TestTraits
import Testing

/// Processes that want the same stream: one at a time holds it, and one that was asleep while another took over commits nothing.
@Suite(.waitsForServers) struct LeaseTests {
    @Test(arguments: StoreKind.each) func ofManyProcessesOneHoldsAStream(_ kind: StoreKind) async throws {
        let accounts = kind == .standard ? 500 : 150
        try await Site.with(EstateOptions(accounts: accounts, seed: 41, plantFaults: false), store: kind) { site in
            let calm = ["HEARTH_STORE": site.folder + "/calm.db"]
            for source in ["customer", "billing.charges"] { try await site.hearth("sync", source, with: calm) }
            #expect(try await site.hearth("sync", "customer").status == 0)
            var endings: [Program.Ending] = []
            for _ in 0..<2 {
                endings += try await withThrowingTaskGroup(of: Program.Ending.self) { group in
                    for _ in 0..<4 {
                        group.addTask { try await site.hearth("sync", "billing.charges", "--batch-rows", "10") }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            }
            // Who came while another was at work was sent away; nobody was overtaken, and the stream was read.
            let refused = endings.filter { $0.status != 0 }
            #expect(refused.allSatisfy { $0.errors.contains("run.locked") }, "\(refused)")
            let store = try site.store()
            let runs = try store.column(
                "SELECT state FROM run WHERE stream_id = (SELECT id FROM stream WHERE name = 'billing.charges')")
            #expect(runs.count == endings.count - refused.count && runs.allSatisfy { $0 == "success" }, "\(runs)")
            #expect(try store.number("SELECT fence FROM stream WHERE name = 'billing.charges'") == runs.count)
            #expect(try store.number("SELECT count(*) FROM lease") == 0)
            #expect(difference(try store.dump(), try site.store(site.folder + "/calm.db").dump()) == nil)
        }
    }

    /// A process that is stopped in the middle of a run for longer than its lease lasts, while another reads the stream to its end.
    /// `HEARTH_HEAVY_TESTS=1` waits until the lease has expired; else its expiry is set to the past.
    @Test(arguments: StoreKind.each) func aProcessThatSleptIsFenced(_ kind: StoreKind) async throws {
        let accounts = kind == .standard ? 800 : 300
        try await Site.with(EstateOptions(accounts: accounts, seed: 42, plantFaults: false), store: kind) { site in
            #expect(try await site.hearth("sync", "customer").status == 0)
            let stopped = Mutex<pid_t?>(nil)
            defer { if let process = stopped.withLock({ $0 }) { kill(process, SIGCONT) } }
            async let sleeper = site.hearth("sync", "billing.charges", "--batch-rows", "5") { process in
                Self.stop(process, at: site)
                stopped.withLock { $0 = process }
            }
            let deadline = ContinuousClock.now + .seconds(600)
            while stopped.withLock({ $0 }) == nil {
                try #require(ContinuousClock.now < deadline, "the process was not stopped")
                try await Task.sleep(for: .milliseconds(5))
            }
            let committed = try site.store().number("SELECT count(*) FROM record")
            let held = try site.store().rows("SELECT process, fence FROM lease")
            #expect(held.count == 1 && held[0][0] == stopped.withLock { $0.map(String.init) }, "\(held)")
            // As long as the lease holds, a process that lives keeps others out, asleep or not.
            let early = try await site.hearth("sync", "billing.charges")
            #expect(early.status == 2 && early.errors.contains("run.locked"), "\(early.errors)")
            if ProcessInfo.processInfo.environment["HEARTH_HEAVY_TESTS"] == nil {
                try site.places.change("UPDATE lease SET expires_us = 1", of: site.storePath)
            } else {
                try await Task.sleep(for: .seconds(61))
            }
            let next = try await site.hearth("sync", "billing.charges", "--batch-rows", "50")
            #expect(next.status == 0, "\(next.errors)")
            let whole = try site.store().dump()
            #expect(try site.store().number("SELECT count(*) FROM record") > committed + 100)

            stopped.withLock {
                if let process = $0 { kill(process, SIGCONT) }
                $0 = nil
            }
            let ending = try await sleeper
            #expect(ending.status == 2 && ending.errors.contains("run.fenced"), "\(ending.errors)")
            let store = try site.store()
            #expect(difference(try store.dump(), whole) == nil)
            let states = "SELECT state FROM run r JOIN stream s ON s.id = r.stream_id WHERE s.name = 'billing.charges'"
            #expect(try store.column(states + " ORDER BY r.id") == ["interrupted", "success"])
            #expect(try store.number("SELECT count(*) FROM lease") == 0)
            let verify = try await site.hearth("audit", "verify")
            #expect(verify.status == 0, "\(verify.output)")
        }
    }

    /// Stops a sync between two of its commits, some way into its stream.
    private static func stop(_ process: pid_t, at site: Site) {
        let rows = "SELECT sum(read) FROM run r JOIN stream s ON s.id = r.stream_id WHERE s.name = 'billing.charges'"
        while ((try? site.places.number(rows, of: site.storePath)) ?? 0) < 100, kill(process, 0) == 0 { usleep(500) }
        while kill(process, SIGSTOP) == 0 {
            // In the middle of a commit it would hold the store, and nobody could take over.
            if (try? site.places.isAtRest(site.storePath)) == true { return }
            kill(process, SIGCONT)
            usleep(1_000)
        }
    }
}
