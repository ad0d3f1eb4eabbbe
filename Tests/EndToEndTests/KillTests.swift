import Foundation
import HearthTesting
import LegacyEstate
import Synchronization
import TestTraits
import Testing

/// `kill -9` at any instant loses nothing and doubles nothing.
@Suite(.waitsForServers) struct KillTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var accounts: Int
        var seed: UInt64
        var kills: Int
        var batchRows: Int
        var billing = Site.Billing.sqlite
        var workbooks = false
        var store = StoreKind.standard
        var testDescription: String {
            "\(accounts) accounts seed \(seed) \(billing)\(workbooks ? ", workbooks" : ""), \(store)"
        }
    }

    /// `HEARTH_HEAVY_TESTS=1` makes it a matter of minutes.
    static let cases =
        ProcessInfo.processInfo.environment["HEARTH_HEAVY_TESTS"] == nil
        ? [
            Case(accounts: 400, seed: 11, kills: 8, batchRows: 40),
            Case(accounts: 1000, seed: 12, kills: 6, batchRows: 40, billing: .postgres),
            Case(accounts: 300, seed: 13, kills: 4, batchRows: 40, billing: .postgresByODBC),
            Case(accounts: 300, seed: 14, kills: 4, batchRows: 40, billing: .sqliteByODBC),
            Case(accounts: 300, seed: 15, kills: 4, batchRows: 40, billing: .mariaDBByODBC, workbooks: true),
        ]
            + StoreKind.each.filter { $0 != .standard }.map {
                Case(accounts: 100, seed: 16, kills: 3, batchRows: 40, store: $0)
            }
        : [
            Site.Billing.sqlite, .postgres, .sqlite, .postgres, .sqliteByODBC, .postgresByODBC, .mariaDBByODBC,
            .mariaDBByODBC,
        ].enumerated().map { number, billing in
            Case(
                accounts: 3000, seed: 20 + UInt64(number), kills: 40, batchRows: 50, billing: billing,
                workbooks: number > 5)
        }

    @Test(arguments: cases) func aKilledSyncEndsWhereAnUndisturbedOneDoes(_ test: Case) async throws {
        let options = EstateOptions(accounts: test.accounts, seed: test.seed, city: .tianjin)
        try await Site.with(options, billing: test.billing, workbooks: test.workbooks, store: test.store) { site in
            let calm = ["HEARTH_STORE": site.folder + "/calm.db"]
            let rows = String(test.batchRows)
            let started = ContinuousClock.now
            #expect(try await site.hearth("sync", "--batch-rows", rows, with: calm).status == 1)
            var longest = ContinuousClock.now - started
            let first = try site.store(site.folder + "/calm.db").dump()
            let reads = try site.store(site.folder + "/calm.db").number("SELECT sum(read) FROM run")
            let whole = try site.store(site.folder + "/calm.db").rows(
                "SELECT stream_id, state, min(read) FROM run GROUP BY 1")
            #expect(whole.count == 12 && whole.allSatisfy { $0[1] == "success" && $0[2] != "0" }, "\(whole)")

            var random = SeededGenerator(seed: test.seed)
            var killed = 0
            /// Runs a sync that is killed, unless it comes through before. Every other kill waits for a number of rows, not for a time.
            func disturbedSync() async throws -> Bool {
                let wait = UInt32(random.next() % UInt64(max(longest / .microseconds(1), 2)))
                let target = killed % 2 == 0 ? nil : site.rowsRead() + Int(random.next() % UInt64(max(reads / 4, 1)))
                let ending = try await site.hearth("sync", "--batch-rows", rows) { process in
                    if let target {
                        while site.rowsRead() < target, kill(process, 0) == 0 { usleep(500) }
                        usleep(wait % 2000)
                    } else {
                        usleep(wait)
                    }
                    kill(process, SIGKILL)
                }
                if ending.isSignalled {
                    killed += 1
                    return false
                }
                #expect(ending.status != 2, "\(ending.errors)")
                longest = longest * 0.7
                return true
            }

            // The first day's load, killed again and again; where one comes through before, another begins.
            while killed < test.kills {
                if try await disturbedSync() {
                    let loaded = try site.store().dump()
                    #expect(difference(loaded, first) == nil, "after \(killed) kills")
                    try site.places.forget(site.storePath)
                }
            }
            try await site.syncsToItsEnd(rows)
            let loaded = try site.store().dump()
            #expect(difference(loaded, first) == nil, "after \(killed) kills")

            // The second day's changes.
            try site.show(site.estate.advanced())
            try await site.syncsToItsEnd(rows, with: calm)
            for _ in 0..<4 { if try await disturbedSync() { break } }
            try await site.syncsToItsEnd(rows)
            let store = try site.store()
            let (here, there) = (try store.dump(), try site.store(site.folder + "/calm.db").dump())
            #expect(difference(here, there) == nil, "after \(killed) kills")
            #expect(try store.number("SELECT count(*) FROM run WHERE state = 'running'") == 0)
            #expect(try store.column("PRAGMA integrity_check") == ["ok"])

            // No record is there whose bytes are not in the archive: the store can be built from them alone.
            let rebuilt = site.folder + "/rebuilt.db"
            let replay = try await site.hearth("replay", "--into", rebuilt)
            #expect(replay.status == 0, "\(replay.errors)")
            #expect(difference(try site.store(rebuilt).dump(), here) == nil, "built again after \(killed) kills")
            let verify = try await site.hearth("audit", "verify")
            #expect(verify.status == 0, "\(verify.output)")
        }
    }

    @Test func anInterruptStopsAtABatchBoundary() async throws {
        try await Site.with(EstateOptions(accounts: 800, seed: 31)) { site in
            let calm = ["HEARTH_STORE": site.folder + "/calm.db"]
            #expect(try await site.hearth("sync", "--batch-rows", "5", with: calm).status == 1)
            let ending = try await site.hearth("sync", "--batch-rows", "5") { process in
                // As soon as something is committed.
                for _ in 0..<2000 {
                    usleep(5_000)
                    let rows = try? site.places.number("SELECT count(*) FROM record", of: site.storePath)
                    if rows ?? 0 > 100 { break }
                }
                kill(process, SIGINT)
            }
            #expect(!ending.isSignalled && ending.status == 2, "\(ending.errors)")
            #expect(ending.errors.contains("\nstopped on request; not run: "))
            let store = try site.store()
            #expect(try store.column("SELECT DISTINCT state FROM run WHERE state NOT IN ('success')") == ["cancelled"])
            let run = try store.rows(
                "SELECT read, new + changed + unchanged + duplicate + quarantined FROM run ORDER BY id DESC LIMIT 1")
            #expect(run[0][0] == run[0][1])
            #expect(ending.errors.contains("run.cancelled"))

            #expect(try await site.hearth("sync", "--batch-rows", "5").status == 1)
            let (here, there) = (try site.store().dump(), try site.store(site.folder + "/calm.db").dump())
            #expect(difference(here, there) == nil)
        }
    }
}

extension Site {
    /// Runs a sync that nothing disturbs. It ends with what its books call for: 1 where it put rows aside, else 0. One that was
    /// killed after its last commit may leave nothing to put aside to the next.
    func syncsToItsEnd(_ batchRows: String, with environment: [String: String] = [:]) async throws {
        let path = environment["HEARTH_STORE"] ?? storePath
        let last =
            try places.isThere(path) ? try places.number("SELECT coalesce(max(id), 0) FROM run", of: path) : 0
        let ending = try await hearth("sync", "--batch-rows", batchRows, with: environment)
        let aside = try places.number(
            "SELECT coalesce(sum(quarantined), 0) FROM run WHERE id > \(last) AND mode <> 'replay'", of: path)
        #expect(ending.status == (aside > 0 ? 1 : 0), "\(aside) put aside: \(ending.errors)")
        let failed = try places.number(
            "SELECT count(*) FROM run WHERE id > \(last) AND state <> 'success'", of: path)
        #expect(failed == 0, "\(ending.errors)")
    }

    /// Rows that all runs of the store have read so far.
    func rowsRead() -> Int { (try? places.number("SELECT sum(read) FROM run", of: storePath)) ?? 0 }
}
