import Foundation
import HeatModel
import JSONText
import Store
import Synchronization

/// Threads that check account views in batches. One thread reads the views from one snapshot; what each has found comes back.
final class CheckWorkers: Sendable {
    struct Result: Sendable {
        var findings: [Finding] = []
        /// Accounts that cannot be judged before the day is known.
        var postponed: [AccountID] = []
    }

    private struct Batch: Sendable {
        var bytes: [UInt8] = []
        var views: [(account: AccountID, end: Int)] = []
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
    private static let most = 6
    private let plan: CheckPlan
    private let state = Mutex(State())
    private let ready = DispatchSemaphore(value: 0)
    private let room: DispatchSemaphore
    private let done = DispatchGroup()
    /// No moment after this one is believed.
    private let limit: [UInt8]

    init(plan: CheckPlan, threads: Int, limit: String) {
        self.plan = plan
        self.limit = Array(limit.utf8)
        room = DispatchSemaphore(value: Self.most + threads)
        for number in 0..<threads {
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
        var batch = Batch()
        do {
            try snapshot.forEachView { account, view in
                batch.bytes.append(contentsOf: view)
                batch.views.append((account, batch.bytes.count))
                if batch.bytes.count >= Self.batchBytes { try hand(over: &batch, drain) }
            }
            if !batch.views.isEmpty { try hand(over: &batch, drain) }
        } catch {
            close()
            throw error
        }
        close()
        try drain(takeResult())
    }

    private func hand(over batch: inout Batch, _ drain: (Result) throws -> Void) throws {
        room.wait()
        let full = batch
        batch = state.withLock { state in
            state.waiting.append(full)
            return state.free.popLast() ?? Batch()
        }
        ready.signal()
        try drain(takeResult())
    }

    private func takeResult() -> Result {
        state.withLock { state in
            let result = state.result
            state.result = Result()
            return result
        }
    }

    private func close() {
        let threads = state.withLock { state in
            state.isClosed = true
            return 64
        }
        for _ in 0..<threads { ready.signal() }
        done.wait()
    }

    private func work() {
        let checker = AccountChecker(plan: plan)
        var reader = ScannedAccountReader(plan.streams)
        var scanned = ScannedAccount()
        var table = TallyTable()
        var latest: [UInt8] = []
        var accounts: Int64 = 0
        while true {
            ready.wait()
            let taken = state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
            guard var batch = taken else {
                if state.withLock({ $0.isClosed && $0.waiting.isEmpty }) { break }
                continue
            }
            var postponed: [AccountID] = []
            batch.bytes.withUnsafeBytes { bytes in
                var start = 0
                for (account, end) in batch.views {
                    reader.read(ViewBytes(rebasing: bytes[start..<end]), into: &scanned)
                    start = end
                    table.add(scanned)
                    if !checker.check(scanned, account) { postponed.append(account) }
                    if latest.withUnsafeBytes({ $0.precedes(scanned.latest) }),
                        limit.withUnsafeBytes({ scanned.latest.precedes($0) })
                    {
                        latest = Array(scanned.latest)
                    }
                }
            }
            accounts += Int64(batch.views.count)
            batch.bytes.removeAll(keepingCapacity: true)
            batch.views.removeAll(keepingCapacity: true)
            let empty = batch
            let found = checker.findings
            checker.findings.removeAll(keepingCapacity: true)
            state.withLock { state in
                state.free.append(empty)
                state.result.findings += found
                state.result.postponed += postponed
            }
            room.signal()
        }
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
