import Foundation
import HeatModel
import Records
import SQLiteStore
import Setup
import Store
import Synchronization
import Testing

@testable import Sync

/// Sources that break, lie or are stopped leave the store at the last committed batch, and the next run carries on.
@Suite struct RecoveryTests {
    private func rows(_ keys: some Sequence<Int>, due: String = "100.00") -> [[String?]] {
        keys.map { Texts.charge($0, due: due) }
    }

    @Test func aSourceThatBreaksInTheMiddle() throws {
        let house = try House()
        try house.introduceAccounts(1)
        let source = MemorySource("billing", [.table(Texts.chargeColumns, rows(1...10), cursor: "end")])
        source.change { $0.failsAfter = 8 }
        let report = try house.run("billing.charges", source)
        #expect(report.state == .failed)
        #expect(report.error?.code.name == "source.unreachable")
        #expect(report.books == "6/6/0/0/0/0/0")
        #expect(report.totals.first { $0.measure == "due_fen" }?.count == 6)
        #expect(try house.keys("billing.charges").count == 6)
        #expect(try house.state("billing.charges").cursor == "end-6")
        let run = try #require(try house.runs("billing.charges").first)
        #expect(run.state == .failed && run.errorCode == "source.unreachable" && run.counts == report.counts)

        source.change { $0.failsAfter = nil }
        #expect(try house.run("billing.charges", source).books == "10/4/0/6/0/0/0")
        #expect(try house.state("billing.charges").cursor == "end")
    }

    @Test func aSourceThatStatesMoreThanItSends() throws {
        let house = try House()
        try house.introduceAccounts(1)
        let source = MemorySource("billing", [.table(Texts.chargeColumns, rows(1...10), cursor: "one")])
        try house.run("billing.charges", source)
        source.hold([.table(Texts.chargeColumns, rows(1...8), cursor: "two")])
        source.change { $0.statedRows = 10 }
        let report = try house.run("billing.charges", source)
        #expect(report.state == .failed)
        #expect(report.error?.code.name == "run.countMismatch")
        #expect(report.error?.message.contains("states 10 records but sent 8") == true)
        // Nothing vanished, and the cursor is where it was: what of the stream was left out, nobody knows.
        #expect(try house.keys("billing.charges").count == 10)
        #expect(try house.state("billing.charges").cursor == "one")
        #expect(try house.runs("billing.charges").first?.cursorAfter == "one")
        source.change { $0.statedRows = 8 }
        #expect(try house.run("billing.charges", source).books == "8/0/0/8/0/0/2")
    }

    @Test func whatASourceSentWholeBeforeItBrokeIsTaken() throws {
        let house = try House()
        try house.introduceAccounts(1)
        let source = MemorySource(
            "billing",
            [.file("1.csv", Texts.chargeColumns, rows(1...4)), .file("2.csv", Texts.chargeColumns, rows(5...8))])
        source.change { $0.failsAfter = 5 }
        #expect(try house.run("billing.charges", source).counts.new == 4)
        source.change { $0.failsAfter = nil }
        let report = try house.run("billing.charges", source)
        #expect(report.knownOrigins == ["1.csv"])
        #expect(report.books == "4/4/0/0/0/0/0")
    }

    /// A store that cannot say whether a file is known must not have an old file read over newer ones.
    @Test func aStoreThatCannotAnswerEndsTheRun() throws {
        struct Mute: Store {
            let store: any Store
            /// The thread of the run; the pull asks on one of its own.
            let home = pthread_self()
            func write<Result>(_ body: (any StoreWriter) throws -> Result) throws -> Result { try store.write(body) }
            func read<Result>(_ body: (any StoreReader) throws -> Result) throws -> Result {
                if pthread_self() != home { throw HearthError(.init("store.busy"), "no answer") }
                return try store.read(body)
            }
            func size() throws -> Int64 { try store.size() }
            func view(number: [UInt8]) async throws -> StoredView? { try await store.view(number: number) }
            func makeRateLimiter(_ limit: RateLimit) -> any RateLimiting {
                store.makeRateLimiter(limit)
            }
            func makeSnapshotReader(cacheMegabytes: Int) throws -> any SnapshotReader {
                try store.makeSnapshotReader(cacheMegabytes: cacheMegabytes)
            }
        }
        let house = try House()
        try house.introduceAccounts(1)
        let source = MemorySource("billing", [.file("1.csv", Texts.chargeColumns, rows(1...4))])
        try house.run("billing.charges", source)
        source.hold([
            .file("1.csv", Texts.chargeColumns, rows(1...4)),
            .file("2.csv", Texts.chargeColumns, rows(1...4, due: "200.00")),
        ])
        let report = try house.engine(Mute(store: house.store)).run(house.stream("billing.charges", source))
        #expect(report.state == .failed)
        #expect(report.error?.code.name == "store.busy")
        #expect(report.counts.read == 0)
        #expect(try house.run("billing.charges", source).books == "4/0/4/0/0/0/0")
    }

    @Test func cancellationStopsAtABatchBoundary() throws {
        let house = try House()
        try house.introduceAccounts(1)
        let source = MemorySource("billing", [.table(Texts.chargeColumns, rows(1...30), cursor: "end")])
        let engine = SyncEngine(store: house.store, clock: { house.now() }, isCancelled: { house.stop.isSet })
        let report = try engine.run(house.stream("billing.charges", source), options: .init(batchRows: 3)) { progress in
            if progress.counts.read >= 9 { house.stop.set() }
        }
        #expect(report.state == .cancelled)
        #expect(report.books == "9/9/0/0/0/0/0")
        #expect(try house.keys("billing.charges").count == 9)
        #expect(try house.state("billing.charges").cursor == "end-9")
        #expect(try house.runs("billing.charges").first?.state == .cancelled)
        let next = SyncEngine(store: house.store, clock: { house.now() })
        #expect(try next.run(house.stream("billing.charges", source)).state == .success)
        #expect(try house.keys("billing.charges").count == 30)
    }

    /// Stopped where no run is under way, a sync is not whole either.
    @Test func aSyncThatIsStoppedBetweenItsStreamsSaysSo() throws {
        let house = try House()
        let customer = MemorySource("customer", [.table(Texts.residentColumns, [Texts.resident(1)])])
        let billing = MemorySource("billing", [.table(Texts.chargeColumns, rows(1...3))])
        let workspace = try house.workspace([(customer, ["residents"]), (billing, ["charges"])])
        let stopped = try workspace.sync { event in if case .ended = event { house.stop.set() } }
        #expect(stopped.reports.map(\.state) == [.success] && !stopped.hasFailed)
        #expect(stopped.isCancelled && stopped.notRun.map(\.description) == ["billing.charges"])
        #expect(stopped.views == 0)

        let next = Workspace(
            configuration: workspace.configuration, mappings: workspace.mappings, store: house.store,
            clock: { house.now() })
        let whole = try next.sync()
        #expect(!whole.isCancelled && whole.notRun.isEmpty && whole.views == 1)
        // And while views are built.
        customer.hold([.table(Texts.residentColumns, [Texts.resident(1, area: "91")])])
        let stop = StopSignal()
        let last = Workspace(
            configuration: workspace.configuration, mappings: workspace.mappings, store: house.store,
            clock: { house.now() }, isCancelled: { stop.isSet })
        let unbuilt = try last.sync { event in if case .views = event { stop.set() } }
        #expect(unbuilt.isCancelled && unbuilt.notRun.isEmpty)
    }

    @Test func aStreamThatARunHoldsIsRefusedToAnother() throws {
        let house = try House()
        try house.introduceAccounts(1)
        let source = MemorySource("billing", [.table(Texts.chargeColumns, rows(1...9))])
        let refusal = Mutex<HearthError?>(nil)
        source.change {
            $0.afterBatch = { number in
                guard number == 1 else { return }
                do {
                    try house.run("billing.charges", MemorySource("billing", [.table(Texts.chargeColumns, [])]))
                } catch {
                    refusal.withLock { $0 = error as? HearthError }
                }
            }
        }
        let report = try house.run("billing.charges", source)
        #expect(report.state == .success && report.counts.new == 9)
        let error = refusal.withLock { $0 }
        #expect(error?.code.name == "run.locked")
        #expect(error?.place == .address("billing.charges"))
        #expect(error?.advice != nil)
        #expect(try house.runs("billing.charges").count == 1)
    }

    @Test func aLockedStreamDoesNotKeepTheOthersFromRunning() throws {
        let house = try House()
        let customer = MemorySource("customer", [.table(Texts.residentColumns, [Texts.resident(1)])])
        let billing = MemorySource("billing") { request in
            request.stream == "charges"
                ? [.table(Texts.chargeColumns, [Texts.charge(1)])]
                : [.table(Texts.seasonColumns, [["1", "2025-2026", "2025-11-15"]])]
        }
        let workspace = try house.workspace([(customer, ["residents"]), (billing, ["charges", "seasons"])])
        _ = try workspace.sync(["customer"])
        let id = try house.store.write { try $0.stream(named: "billing.charges", entity: .charge) }
        try house.store.write {
            _ = try $0.takeLease(stream: id, owner: LeaseOwner(host: "elsewhere", process: 1, processStart: 1)) { _ in
                true
            }
        }
        #expect(throws: HearthError.self) { try workspace.sync() }
        #expect(try house.keys("billing.seasons") == ["1"])
        #expect(try house.keys("billing.charges").isEmpty)
    }

    /// The lease of a process that is gone is taken over, and its run is marked.
    @Test func aRunWhoseProcessDiedIsMarkedInterrupted() throws {
        let house = try House()
        let dead = LeaseOwner(host: LeaseOwner.current.host, process: 4_194_303, processStart: 1)
        try house.store.write { store in
            let id = try store.stream(named: "billing.seasons", entity: .season)
            _ = try store.takeLease(stream: id, owner: dead) { _ in false }
            _ = try store.beginRun(stream: id, mode: "full", mappingVersion: "x", at: house.now())
        }
        let source = MemorySource("billing", [.table(Texts.seasonColumns, [["1", "2025-2026", "2025-11-15"]])])
        #expect(try house.run("billing.seasons", source).state == .success)
        #expect(try house.runs("billing.seasons").map(\.state) == [.success, .interrupted])
    }

    // MARK: Files of changes

    /// Two versions of one key in one file: taking its head again would double the history.
    private var changes: Reading {
        .file(
            "changes.csv", Texts.chargeColumns,
            [Texts.charge(1, due: "1.00"), Texts.charge(2), Texts.charge(3)] + rows(4...8) + [
                Texts.charge(1, due: "2.00")
            ] + rows(9...12))
    }

    @Test func aFileOfChangesGoesOnWhereItWasCut() throws {
        let house = try House()
        try house.introduceAccounts(1)
        let source = MemorySource("billing", [changes])
        // Dies after 10 rows (9 committed), then twice before it meets anything new, then reads on.
        for rows in [10, 4, 7] {
            source.change { $0.failsAfter = rows }
            #expect(try house.run("billing.charges", source).state == .failed)
        }
        #expect(try house.keys("billing.charges").count == 8)
        source.change { $0.failsAfter = nil }
        let report = try house.run("billing.charges", source)
        #expect(report.state == .success)
        #expect(report.books == "4/4/0/0/0/0/0")
        #expect(report.totals.first { $0.side == .pulled && $0.measure == "due_fen" }?.count == 4)
        #expect(try house.keys("billing.charges").count == 12)
        #expect(try house.history("billing.charges", "1").count == 1)
        #expect(try house.record("billing.charges", "1")?.text.contains("\"due_fen\":200,") == true)
        #expect(try house.run("billing.charges", source).knownOrigins == ["changes.csv"])
    }

    @Test func aFullReadingSkipsNothingOfAFileThatWasOnceCut() throws {
        let house = try House()
        try house.introduceAccounts(1)
        let source = MemorySource("billing", [changes])
        source.change { $0.failsAfter = 10 }
        try house.run("billing.charges", source)
        source.change { $0.failsAfter = nil }
        try house.run("billing.charges", source)
        #expect(try house.run("billing.charges", source, mode: .full).counts.read == 13)
    }

    /// A full reading takes older files again over newer ones; where it dies in between, the next run must not take the newer
    /// files for known.
    @Test(arguments: [3, 4, 6]) func aFullReadingOfFilesThatDiedIsMadeGood(rows count: Int) throws {
        let house = try House()
        try house.introduceAccounts(1)
        let source = MemorySource(
            "billing",
            [
                .file("1.csv", Texts.chargeColumns, rows(1...4, due: "1.00")),
                .file("2.csv", Texts.chargeColumns, rows(1...4, due: "2.00")),
            ])
        try house.run("billing.charges", source, batchRows: 2)
        let wanted = try StoreDump.meaning(house.database)
        source.change { $0.failsAfter = count }
        #expect(try house.run("billing.charges", source, mode: .full, batchRows: 2).state == .failed)
        source.change { $0.failsAfter = nil }
        #expect(try house.run("billing.charges", source, batchRows: 2).state == .success)
        #expect(try StoreDump.meaning(house.database).difference(wanted) == [])
        // And then they are known again.
        #expect(try house.run("billing.charges", source).knownOrigins == ["1.csv", "2.csv"])
    }

    /// Of snapshots only the last one counts: nothing is gained by taking the earlier ones again, and much lost.
    @Test func earlierSnapshotsAreNotReadAgain() throws {
        let house = try House()
        try house.introduceAccounts(1)
        let old = Reading.file("1.csv", Texts.chargeColumns, rows(1...4).map { .row($0) }, isSnapshot: true)
        let new = Reading.file("2.csv", Texts.chargeColumns, rows(1...60).map { .row($0) }, isSnapshot: true)
        let source = MemorySource("billing") { $0.mode == .full ? [new] : [old, new] }
        try house.run("billing.charges", source)
        source.change { $0.failsAfter = 30 }
        #expect(try house.run("billing.charges", source, mode: .full).state == .failed)
        source.change { $0.failsAfter = nil }
        let report = try house.run("billing.charges", source)
        #expect(report.state == .success && report.knownOrigins == ["1.csv", "2.csv"])
        #expect(try house.keys("billing.charges").count == 60)
    }

    @Test func aMappingThatTheSourceDoesNotFitIsOneClearError() throws {
        let house = try House()
        let source = MemorySource("billing", [.table(["id", "name", "start"], [["1", "2025-2026", "2025-11-15"]])])
        let report = try house.run("billing.seasons", source)
        #expect(report.state == .failed)
        #expect(report.error?.code.name == "config.unknownColumn")
        #expect(report.error?.description.contains("billing.seasons.yaml:6:") == true)
        #expect(report.error?.advice?.contains("start") == true)
    }
}
