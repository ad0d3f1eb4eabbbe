import Foundation
import HeatModel
import JSONText
import Store
import Synchronization

/// Threads that check account views in batches. The one that reads them, from one snapshot, checks some of them, too, where the others do not
/// keep up; what each has found comes back to it.
final class CheckWorkers: Sendable {
    struct Result: Sendable {
        var findings: [Finding] = []
        /// Accounts that cannot be judged before the day is known.
        var postponed: [AccountID] = []
    }

    fileprivate struct Batch: Sendable {
        var bytes: [UInt8] = []
        var views: [(account: AccountID, end: Int)] = []

        mutating func removeAll() {
            bytes.removeAll(keepingCapacity: true)
            views.removeAll(keepingCapacity: true)
        }
    }

    private struct State {
        var waiting: [Batch] = []
        var free: [Batch] = []
        var isClosed = false
        var result = Result()
        var totals: [CellName: Tally] = [:]
        var latest: [UInt8] = []
        var accounts: Int64 = 0
    }

    /// Little enough that what one thread has written is still in the processor's memory when another reads it.
    private static let batchBytes = 256 << 10
    /// Batches that wait for each thread before the one that reads helps.
    private static let most = 4
    private let plan: CheckPlan
    private let state = Mutex(State())
    private let ready = DispatchSemaphore(value: 0)
    private let done = DispatchGroup()
    /// Beside the one that reads.
    private let helpers: Int
    /// No moment after this one is believed.
    private let limit: [UInt8]

    /// - Parameter threads: the one that reads among them.
    init(plan: CheckPlan, threads: Int, limit: String) {
        self.plan = plan
        self.limit = Array(limit.utf8)
        helpers = max(0, threads - 1)
        for number in 0..<helpers {
            done.enter()
            let thread = Thread { [self] in
                work()
                done.leave()
            }
            thread.name = "reconcile-\(number)"
            thread.stackSize = 4 << 20
            thread.start()
        }
    }

    /// Reads every view and has it checked. `drain` is given what was found, now and then, on this thread.
    func run(_ snapshot: Snapshot, drain: (Result) throws -> Void) throws {
        var own = BatchChecker(plan, limit)
        var batch = Batch()
        do {
            defer { close() }
            try snapshot.forEachView { account, view in
                batch.bytes.append(contentsOf: view)
                batch.views.append((account, batch.bytes.count))
                if batch.bytes.count < Self.batchBytes { return }
                if hand(over: &batch) { keep(own.check(&batch)) }
                try drain(takeResult())
            }
            keep(own.check(&batch))
            while var waiting = takeWaiting() { keep(own.check(&waiting)) }
        }
        count(own)
        try drain(takeResult())
    }

    /// False where the batch has become an empty one; true where enough wait already, and it is to be checked here.
    private func hand(over batch: inout Batch) -> Bool {
        let full = batch
        let taken = state.withLock { state -> Batch? in
            if state.waiting.count >= Self.most * helpers { return nil }
            state.waiting.append(full)
            return state.free.popLast() ?? Batch()
        }
        guard let taken else { return true }
        batch = taken
        ready.signal()
        return false
    }

    private func takeWaiting() -> Batch? {
        state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
    }

    private func keep(_ found: Result) {
        if found.findings.isEmpty, found.postponed.isEmpty { return }
        state.withLock { state in
            state.result.findings += found.findings
            state.result.postponed += found.postponed
        }
    }

    private func takeResult() -> Result {
        state.withLock { state in
            let result = state.result
            state.result = Result()
            return result
        }
    }

    private func close() {
        state.withLock { $0.isClosed = true }
        for _ in 0..<helpers { ready.signal() }
        done.wait()
    }

    private func work() {
        var own = BatchChecker(plan, limit)
        while true {
            ready.wait()
            guard var batch = takeWaiting() else {
                if state.withLock({ $0.isClosed }) { break }
                continue
            }
            keep(own.check(&batch))
            let empty = batch
            state.withLock { $0.free.append(empty) }
        }
        count(own)
    }

    private func count(_ own: borrowing BatchChecker) {
        let (table, latest, accounts) = (own.table, own.latest, own.accounts)
        state.withLock { state in
            table.merge(into: &state.totals)
            if state.latest.lexicographicallyPrecedes(latest) { state.latest = latest }
            state.accounts += accounts
        }
    }

    /// After the run: what the views hold, how many there are, and the latest moment in any record.
    var outcome: (totals: [CellName: Tally], accounts: Int64, latest: String) {
        state.withLock { ($0.totals, $0.accounts, String(decoding: $0.latest, as: UTF8.self)) }
    }
}

/// Checks batches of views, in one thread, and counts what they hold.
private struct BatchChecker: ~Copyable {
    private(set) var table = TallyTable()
    /// The latest moment in any record.
    private(set) var latest: [UInt8] = []
    private(set) var accounts: Int64 = 0
    private let checker: AccountChecker
    private var reader: ScannedAccountReader
    private var scanned = ScannedAccount()
    private let limit: [UInt8]

    init(_ plan: CheckPlan, _ limit: [UInt8]) {
        checker = AccountChecker(plan: plan)
        reader = ScannedAccountReader(plan.streams)
        self.limit = limit
    }

    /// Checks the views of a batch, and empties it.
    mutating func check(_ batch: inout CheckWorkers.Batch) -> CheckWorkers.Result {
        var found = CheckWorkers.Result()
        batch.bytes.withUnsafeBytes { bytes in
            var start = 0
            for (account, end) in batch.views {
                reader.read(ViewBytes(rebasing: bytes[start..<end]), into: &scanned)
                start = end
                table.add(scanned)
                if !checker.check(scanned, account) { found.postponed.append(account) }
                if latest.withUnsafeBytes({ $0.precedes(scanned.latest) }),
                    limit.withUnsafeBytes({ scanned.latest.precedes($0) })
                {
                    latest = Array(scanned.latest)
                }
            }
        }
        accounts += Int64(batch.views.count)
        batch.removeAll()
        found.findings = checker.findings
        checker.findings.removeAll(keepingCapacity: true)
        return found
    }
}
