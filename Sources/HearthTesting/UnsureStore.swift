import HeatModel
package import Store
import Synchronization

/// A store of which the answers to commits get lost, as a server's do when it goes away at that moment: what the write did is there, or
/// is not, and the caller is told that nobody knows. All the rest is the store beneath.
package final class UnsureStore: Store {
    package enum Loss: Sendable, CaseIterable {
        /// All is committed.
        case ofAnswer
        /// Nothing is.
        case ofCommit
    }

    private struct TakenBack: Error {}

    private let store: any Store
    private struct Plan {
        var loss: Loss
        var left: Int
        var times: Int
    }

    private let plan = Mutex<Plan?>(nil)
    private let count = Mutex(0)

    package init(_ store: any Store) { self.store = store }

    /// Answers that were lost so far.
    package var lost: Int { count.withLock { $0 } }

    /// Has the answers to later writes be lost: 0 is the next one.
    package func lose(_ loss: Loss, after writes: Int = 0, times: Int = 1) {
        plan.withLock { $0 = Plan(loss: loss, left: writes, times: times) }
    }

    package func write<Result>(_ body: (any StoreWriter) throws -> Result) throws -> Result {
        let loss: Loss? = plan.withLock { plan in
            guard let known = plan, known.times > 0 else { return nil }
            if known.left > 0 {
                plan?.left -= 1
                return nil
            }
            plan?.times -= 1
            return known.loss
        }
        guard let loss else { return try store.write(body) }
        do {
            try store.write { writer in
                _ = try body(writer)
                if loss == .ofCommit { throw TakenBack() }
            }
        } catch is TakenBack {}
        count.withLock { $0 += 1 }
        throw HearthError(.storeCommitUnknown, "whether it is there is not known", at: .address("store"))
    }

    package func read<Result>(_ body: (any StoreReader) throws -> Result) throws -> Result { try store.read(body) }
    package func holdingReads<Result>(_ body: () throws -> Result) throws -> Result { try store.holdingReads(body) }
    package func releaseReads() throws { try store.releaseReads() }
    package func size() throws -> Int64 { try store.size() }
    package func view(number: [UInt8]) async throws -> StoredView? { try await store.view(number: number) }
    package func makeRateLimiter(_ limit: RateLimit) -> any RateLimiting {
        store.makeRateLimiter(limit)
    }
    package func makeSnapshotReader(cacheMegabytes: Int) throws -> any SnapshotReader {
        try store.makeSnapshotReader(cacheMegabytes: cacheMegabytes)
    }
}
