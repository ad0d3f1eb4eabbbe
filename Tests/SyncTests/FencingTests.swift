import Foundation
import HearthTesting
import HeatModel
import Records
import SQLiteStore
import Store
import Synchronization
import Testing

@testable import Sync

/// Two holders of one stream: the one that was paused commits nothing.
@Suite struct FencingTests {
    private static let elsewhere = LeaseOwner(host: "elsewhere", process: 1, processStart: 1)

    private func rows(_ numbers: ClosedRange<Int>) -> [[String?]] { numbers.map { Texts.charge($0) } }

    @Test(arguments: StoreKind.each) func aPausedHolderCommitsNothingAfterAnotherTookOver(_ kind: StoreKind) throws {
        let clock = Mutex<Int64>(1_763_200_000_000_000)
        let house = try House(on: kind, clock: { clock.withLock { $0 } })
        try house.introduceAccounts(1)
        let source = MemorySource("billing", [.table(Texts.chargeColumns, rows(1...9), cursor: "end")])
        let left = Mutex<StoreDump?>(nil)
        let progress: (SyncProgress) -> Void = { progress in
            guard progress.counts.read == 3 else { return }
            // Longer than its lease lasts: another machine's run begins, and ends.
            clock.withLock { $0 += Lease.seconds * 1_000_000 }
            do {
                try house.store.write { store in
                    let id = try store.stream(named: "billing.charges", entity: .charge)
                    try store.expireOrphanedRuns(isAlive: { _ in true }, at: house.now())
                    let lease = try store.takeLease(stream: id, owner: Self.elsewhere) { _ in true }
                    try store.dropLease(lease)
                }
                let dump = try StoreDump(house.database)
                left.withLock { $0 = dump }
            } catch {
                Issue.record(error)
            }
        }
        let report = try house.engine().run(
            house.stream("billing.charges", source), options: .init(batchRows: 3), progress: progress)
        #expect(report.state == .interrupted)
        #expect(report.error?.code.name == "run.fenced")
        let before = try #require(left.withLock { $0 })
        // Its own line in the chain, about a run that is over, is all that came after.
        #expect(try StoreDump(house.database).difference(before).filter { !["chain", "run"].contains($0) } == [])
        #expect(try house.keys("billing.charges").count == 3)
        #expect(try house.runs("billing.charges").map(\.state) == [.interrupted])
        // The next run goes on from what was committed.
        #expect(try house.run("billing.charges", source).state == .success)
        #expect(try house.keys("billing.charges").count == 9)
    }

    @Test func aHolderWhoseLeaseExpiredGoesOnWhereNoOtherTookOver() throws {
        let clock = Mutex<Int64>(1_763_200_000_000_000)
        let house = try House(clock: { clock.withLock { $0 } })
        try house.introduceAccounts(1)
        let source = MemorySource("billing", [.table(Texts.chargeColumns, rows(1...9))])
        let report = try house.engine().run(house.stream("billing.charges", source), options: .init(batchRows: 3)) {
            _ in
            clock.withLock { $0 += 2 * Lease.seconds * 1_000_000 }
        }
        #expect(report.state == .success && report.counts.new == 9)
    }

    /// A clock that jumps makes no two holders, whichever way it jumps.
    @Test(arguments: [Int64(-86_400), 86_400]) func aClockThatJumpsLetsOneHolderCommit(seconds: Int64) throws {
        let clock = Mutex<Int64>(1_763_200_000_000_000)
        let folder = try House(clock: { clock.withLock { $0 } })
        let id = try folder.store.write { try $0.stream(named: "billing.charges", entity: .charge) }
        let first = try folder.store.write { try $0.takeLease(stream: id, owner: .current) { _ in true } }
        clock.withLock { $0 += seconds * 1_000_000 }
        let second = try folder.store.write { try $0.takeLease(stream: id, owner: Self.elsewhere) { _ in true } }
        #expect(try folder.store.read { [try $0.holds(first), try $0.holds(second)] } == [false, true])
        #expect(throws: HearthError.self) { try folder.store.write { try $0.renewLease(first) } }
        try folder.store.write { try $0.renewLease(second) }
    }
}
