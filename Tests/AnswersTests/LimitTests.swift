import Foundation
import SQLiteStore
import Store
import Testing

@testable import Answers

@Suite struct LimitTests {
    @Test func bucketsFillAgain() {
        let limiter = RateLimiter(RateLimit("r", most: 2, seconds: 1, burst: 3))
        #expect((0..<3).allSatisfy { _ in limiter.take("a", now: 0) == nil })
        #expect(limiter.take("a", now: 0) == 1)
        #expect(limiter.take("b", now: 0) == nil)
        #expect(limiter.take("a", now: 499_000_000) == 1)
        #expect(limiter.take("a", now: 500_000_000) == nil)
        #expect(limiter.take("a", now: 500_000_000) != nil)
        #expect(RateLimiter(RateLimit("r", most: 0, seconds: 1, burst: 0)).take("a", now: 0) == nil)
    }

    @Test func failedBindingsCountOverGatewaysAndRestarts() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("bindings-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("hearth.db").path
        let guards = (0..<2).map { _ in BindingGuard(perAccount: 3, perCaller: 60) }
        for number in 0..<3 {
            // Opened anew each time, as after a restart.
            let store = try SQLiteStore(path: path)
            #expect(try store.write { try guards[number % 2].fail("1", by: "kiosk \(number)", $0) } == nil)
        }
        let store = try SQLiteStore(path: path)
        #expect(try store.read { try guards[0].wait("1", by: "other", $0) } != nil)
        #expect(try store.read { try guards[0].wait("2", by: "other", $0) } == nil)
        #expect(try store.write { try guards[1].fail("1", by: "other", $0) } != nil)
    }

    @Test func sameSix() {
        #expect(BindingGuard.areSame(Array("12345X".utf8), Array("12345X".utf8)))
        for other in ["12345x", "02345X", "12345", "", "12345XX"] {
            #expect(!BindingGuard.areSame(Array("12345X".utf8), Array(other.utf8)))
        }
    }
}
