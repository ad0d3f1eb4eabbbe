import Dispatch
import Foundation
import HeatModel
import Store
import Synchronization

extension StoreConformance {
    func tokensKept(_ scene: StoreScene) throws {
        func token(_ id: String, _ byte: UInt8, expires: Instant? = nil) -> AccessToken {
            AccessToken(
                id: id, name: "柜台 \(id)", scopes: ["read", "pii"], digest: Array(repeating: byte, count: 32),
                createdAt: StoreScene.instant(1), expiresAt: expires)
        }
        let (one, two) = (token("b", 1, expires: StoreScene.instant(9)), token("a", 2))
        try scene.store.write { store in
            try store.add(one)
            try store.add(two)
        }
        try expect(try scene.store.accessTokens(), is: [one, two], "tokens")
        try expect(try scene.store.revokeAccessToken("b", at: StoreScene.instant(3)), is: true, "revoked")
        try expect(try scene.store.revokeAccessToken("b", at: StoreScene.instant(4)), is: false, "revoked twice")
        try expect(try scene.store.revokeAccessToken("c", at: StoreScene.instant(4)), is: false, "revoked, unknown")
        var revoked = one
        revoked.revokedAt = StoreScene.instant(3)
        try expect(try scene.store.accessTokens(), is: [revoked, two], "tokens after one was revoked")
        do {
            try scene.store.add(token("d", 2))
            throw Unexpected(message: "two tokens of one secret were taken")
        } catch is HearthError {}
    }

    func attemptsCounted(_ scene: StoreScene) throws {
        let limit = AttemptLimit(most: 3, seconds: 30)
        func wait(_ key: String = "a") throws -> Int64? { try scene.store.read { try $0.attemptWait(key, limit) } }
        func fail(_ key: String = "a") throws { try scene.store.write { try $0.countAttempt(key, limit) } }
        for count in 0..<3 {
            try expect(try wait(), is: nil, "after \(count) attempts")
            try fail()
        }
        try expect(try wait(), is: 10, "after three attempts")
        try fail()
        try expect(try wait(), is: 10, "after one more than may count")
        try expect(try wait("b"), is: nil, "another key")
        scene.clock.advance(seconds: 9)
        try expect(try wait(), is: 1, "a second before one has drained")
        scene.clock.advance(seconds: 1)
        try expect(try wait(), is: nil, "once one has drained")
        try fail()
        try expect(try wait(), is: 10, "full again")
        scene.clock.advance(seconds: -3600)
        try expect(try wait(), is: 10, "after the clock went back")
        scene.clock.advance(seconds: 7200)
        try fail("b")
        try expect(try wait(), is: nil, "after all has drained")
        try expect(
            try scene.store.read { try $0.attemptWait("a", AttemptLimit(most: 0, seconds: 1)) }, is: nil, "no limit")
    }

    func ratesLimited(_ scene: StoreScene) throws {
        let limiter = scene.store.makeRateLimiter(RateLimit("r", most: 2, seconds: 1, burst: 3))
        let second: UInt64 = 1_000_000_000
        for _ in 0..<3 { try expect(limiter.take("a", now: second), is: nil, "of the burst") }
        try expect(limiter.take("a", now: second), is: 1, "after the burst")
        try expect(limiter.take("b", now: second), is: nil, "another key")
        try expect(limiter.take("a", now: second + second / 2), is: nil, "half a second later")
        try expect(limiter.take("a", now: second + second / 2), is: 1, "two half a second later")
        try expect(limiter.take("a", now: second), is: 1, "where the clock went back")
        try expect(limiter.take("a", now: second + second / 2), is: nil, "and goes on from there")
        let free = scene.store.makeRateLimiter(RateLimit("r", most: 0, seconds: 1, burst: 0))
        try expect(free.take("a", now: 0), is: nil, "without a limit")
    }

    func keyedReads(_ scene: StoreScene) throws {
        try scene.store.write { store in
            let account = try scene.account(store, "01")
            try "{}".withBytes { try store.putView(account, body: $0, runs: nil) }
        }
        func view(_ number: String) throws -> String? {
            let found = Mutex<Result<[UInt8]?, any Error>>(.success(nil))
            let done = DispatchSemaphore(value: 0)
            let store = scene.store
            Task.detached(executorPreference: ThreadExecutor()) {
                let answer: Result<[UInt8]?, any Error>
                do { answer = .success(try await store.view(number: Array(number.utf8))?.body) } catch {
                    answer = .failure(error)
                }
                found.withLock { $0 = answer }
                done.signal()
            }
            done.wait()
            return try found.withLock { try $0.get() }?.text
        }
        try expect(try view("01"), is: "{}", "a view")
        try expect(try view("1"), is: nil, "the view of another number")
        try expect(try scene.store.size() > 0, "a store takes no room")
    }

    func snapshotReads(_ scene: StoreScene) throws {
        let ids = try scene.store.write { store in try ["01", "02"].map { try scene.account(store, $0) } }
        func put(_ text: String) throws {
            try scene.store.write { store in
                for id in ids { try text.withBytes { try store.putView(id, body: $0, runs: $0) } }
            }
        }
        try put("one")
        let reader = try scene.store.makeSnapshotReader(cacheMegabytes: 1)
        func view(_ number: String) throws -> [String]? {
            var found: [String]?
            let isThere = try number.withBytes { number in
                try reader.withView(number: number) { view in
                    found = [Array(view.body).text, view.runs.map { Array($0).text } ?? ""]
                }
            }
            try expect(isThere, is: found != nil, "whether a view is there")
            return found
        }
        try reader.begin()
        try expect(try view("01"), is: ["one", "one"], "a view and its runs")
        try expect(try view("1"), is: nil, "the view of another number")
        try put("two")
        try expect(try view("02"), is: ["one", "one"], "a view of the snapshot")
        try expect(
            try "01".withBytes { try reader.reader.view(number: $0) }?.body.text, is: "one", "a read of the snapshot")
        reader.end()
        try expect(try view("02"), is: ["two", "two"], "a view after the snapshot")
        var walked: [AccountID] = []
        try reader.forEachView(after: nil) { id, _ in
            walked.append(id)
            return true
        }
        try reader.forEachView(after: ids[0]) { id, _ in
            walked.append(id)
            return false
        }
        try expect(walked, is: [ids[0], ids[1], ids[1]], "views walked")
    }
}

/// Runs tasks on threads of their own: a check may wait on a thread of the cooperative pool, which has few.
private final class ThreadExecutor: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        Thread.detachNewThread { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
