import Foundation
import SQLiteStore
import Store
import Synchronization
import Testing

@testable import Webhooks

/// What cannot be written for a while.
final class Trouble: Sendable {
    let store = Mutex(false)
    let log = Mutex(false)
}

/// A store that takes nothing while there is trouble.
final class TroubledStore: Store {
    private let store: SQLiteStore
    private let trouble: Trouble

    init(_ store: SQLiteStore, _ trouble: Trouble) {
        self.store = store
        self.trouble = trouble
    }

    func write<Result>(_ body: (any StoreWriter) throws -> Result) throws -> Result {
        if trouble.store.withLock({ $0 }) { throw CocoaError(.fileWriteOutOfSpace) }
        return try store.write(body)
    }
    func read<Result>(_ body: (any StoreReader) throws -> Result) throws -> Result { try store.read(body) }
    func size() throws -> Int64 { try store.size() }
    func makeRateLimiter(_ limit: RateLimit) -> any RateLimiting {
        store.makeRateLimiter(limit)
    }
    func view(number: [UInt8]) async throws -> StoredView? { try await store.view(number: number) }
    func makeSnapshotReader(cacheMegabytes: Int) throws -> any SnapshotReader {
        try store.makeSnapshotReader(cacheMegabytes: cacheMegabytes)
    }
}

/// What the worker itself needs is not to be had for a while: nothing is lost by it, and nothing given up.
@Suite struct TroubleTests {
    /// What waits is noted in vain, the store comes back, the worker ends: the next one knows of all.
    @Test func whatCouldNotBeNotedIsNotLost() async throws {
        try await blocking {
            let post = try Post(accounts: 1)
            let receiver = Receiver(mood: .status(500, headers: []), secret: Post.secret)
            defer { receiver.close() }
            try post.note(50, seed: 1)
            var options = Post.options
            options.schedule = RetrySchedule(waits: Array(repeating: 1500, count: 9))
            let trouble = Trouble()
            post.start([post.endpoint(receiver)], options, failing: trouble)
            let isTried = post.wait { !receiver.taken.isEmpty }
            #expect(isTried)
            trouble.store.withLock { $0 = true }
            let isTold = post.wait { post.errors.withLock { $0.count >= 3 } }
            #expect(isTold, "a store that takes nothing is told")
            trouble.store.withLock { $0 = false }
            Thread.sleep(forTimeInterval: 0.1)
            post.end()
            receiver.become(.obliging)
            post.start([post.endpoint(receiver)], options)
            let isDone = try post.wait { try post.state()?.delivered == 50 }
            post.end()
            #expect(isDone, "\(post.report)")
            #expect(receiver.taken.filter(\.isAccepted).map(\.number) == Array(1...50))
        }
    }

    /// Nobody is asked while the access log takes no record, it is told, and no attempt counts for it.
    @Test func withoutARecordNothingIsSentAndNothingGivenUp() async throws {
        try await blocking {
            let post = try Post(accounts: 2)
            let receiver = Receiver(secret: Post.secret)
            defer { receiver.close() }
            try post.note(20, seed: 1)
            let trouble = Trouble()
            trouble.log.withLock { $0 = true }
            post.start([post.endpoint(receiver)], failing: trouble)
            // More often than an event is tried before it is given up.
            let isTold = post.wait { post.errors.withLock { $0.count >= 25 } }
            #expect(isTold)
            #expect(receiver.taken.isEmpty)
            #expect(post.errors.withLock { Set($0) } == ["webhook.notRecorded"])
            trouble.log.withLock { $0 = false }
            let isDone = try post.wait { try post.state()?.delivered == 20 }
            post.end()
            #expect(isDone, "\(post.report)")
            #expect(try post.waiting(isDead: true) == 0)
        }
    }
}
