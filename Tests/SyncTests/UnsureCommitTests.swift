import HearthTesting
import HeatModel
import Records
import Store
import Synchronization
import Testing

@testable import Sync

/// A sync one of whose commits is not answered: its report is what the store has, and the next sync brings what is missing.
@Suite struct UnsureCommitTests {
    private static let rows = (1...8).map { Texts.charge($0) }

    @Test(arguments: UnsureStore.Loss.allCases) func theReportIsWhatTheStoreHas(_ loss: UnsureStore.Loss) throws {
        let clean = try House()
        try clean.introduceAccounts(1)
        let source = MemorySource("billing", [.table(Texts.chargeColumns, Self.rows, cursor: "end")])
        try clean.run("billing.charges", source)
        let wanted = try StoreDump.meaning(clean.database)
        var (settled, untold) = (0, 0)
        for write in 0..<12 {
            let clock = Mutex<Int64>(1_763_200_000_000_000)
            let house = try House(clock: { clock.withLock { $0 } })
            try house.introduceAccounts(1)
            let unsure = UnsureStore(house.store)
            unsure.lose(loss, after: write)
            do {
                let report = try house.engine(unsure).run(
                    house.stream("billing.charges", source), options: .init(batchRows: 3))
                let run = try #require(try house.runs("billing.charges").first)
                #expect(run.counts == report.counts && run.state == report.state, "write \(write)")
                if let error = report.error {
                    #expect(error.code == .runFailed && error.message.contains("there"), "\(error)")
                    #expect(error.message.contains("is not there") == (loss == .ofCommit))
                    #expect(run.errorMessage?.contains(error.message) == true)
                    settled += 1
                }
            } catch let error as HearthError where error.code == .storeCommitUnknown {
                // How a run began or ended nobody can say: it is told so, and not as a failure.
                untold += 1
            }
            // A stream that was taken, which nobody was told, is free once its lease has expired.
            clock.withLock { $0 += Lease.seconds * 1_000_000 }
            let again = try house.run("billing.charges", source)
            #expect(again.state == .success, "write \(write): \(String(describing: again.error))")
            #expect(try StoreDump.meaning(house.database).difference(wanted) == [], "write \(write)")
        }
        #expect(settled >= 3 && untold >= 2, "\(settled) \(untold)")
    }
}
