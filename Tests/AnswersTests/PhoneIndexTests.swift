import Foundation
import HeatModel
import Mapping
import SQLiteStore
import Store
import Synchronization
import Testing

@testable import Answers

/// The table of phones, over a store of its own whose readings are counted and can be held up.
@Suite struct PhoneIndexTests {
    private final class Readings: SnapshotReading {
        let store: SQLiteStore
        let count = Mutex(0)
        /// Whoever reads waits until it is free.
        let gate = Mutex(())

        init(_ store: SQLiteStore) { self.store = store }

        func makeSnapshotReader(cacheMegabytes: Int) throws -> any SnapshotReader {
            count.withLock { $0 += 1 }
            gate.withLock { _ in }
            return try store.makeSnapshotReader(cacheMegabytes: cacheMegabytes)
        }
    }

    private final class Scene: Sendable {
        private let path = FileManager.default.temporaryDirectory.appendingPathComponent(
            "phones-\(UUID().uuidString).db"
        )
        .path
        private let seconds = Mutex(0)
        private let begun = ContinuousClock.now
        private let readings: Readings
        private let unified: UnifiedView
        private let made = Mutex<PhoneIndex?>(nil)

        init() throws {
            readings = Readings(try SQLiteStore(path: path))
            unified = try MappingSet.load(directory: #filePath.components(separatedBy: "/Tests/")[0] + "/Mappings")
                .unified
            made.withLock { made in
                made = PhoneIndex(store: readings, unified: unified) { [unowned self] in
                    begun + .seconds(seconds.withLock { $0 })
                }
            }
        }

        deinit { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }

        var tables: Int { readings.count.withLock { $0 } }
        func pass(_ more: Int) { seconds.withLock { $0 += more } }
        func whileHeldUp<Result>(_ body: () throws -> Result) rethrows -> Result {
            try readings.gate.withLock { _ in try body() }
        }

        /// A run of the customers that has changed so much.
        func run(_ changed: Int64) throws {
            try readings.store.write { store in
                let stream = try store.stream(named: "customer.residents", entity: .account)
                let run = try store.beginRun(
                    stream: stream, mode: "incremental", mappingVersion: "m",
                    at: Instant(microseconds: 0, offsetMinutes: 0))
                var counts = RunCounts()
                (counts.read, counts.changed) = (changed, changed)
                try store.noteCounts(run: run, counts, cursorAfter: nil)
                try store.endRun(
                    run, state: .success, at: Instant(microseconds: 0, offsetMinutes: 0), error: nil, totals: [])
            }
        }

        /// States an account's phone in its view.
        func state(_ phone: String, of number: String) throws {
            try readings.store.write { store in
                let known = try Array(number.utf8).withUnsafeBytes { number in
                    let run = try store.runs(stream: nil, limit: 1).first?.id ?? RunID(1)
                    return try store.account(number: number) ?? store.introduceAccount(number: number, run: run)
                }
                let view = "{\"account_number\":\"\(number)\",\"facts\":{\"holder_phones\":[\"\(phone)\"]}}"
                try Array(view.utf8).withUnsafeBytes { try store.putView(known, body: $0, runs: nil) }
            }
        }

        /// Has a view wait to be rebuilt, or none.
        func leave(waiting isWaiting: Bool) throws {
            try readings.store.write { store in
                if isWaiting { return try store.touchAllAccounts(again: false) }
                for touched in try store.touchedAccounts(after: nil, limit: 100) {
                    let number = Array((try store.accountNumber(touched.account) ?? "").utf8)
                    guard let view = try number.withUnsafeBytes({ try store.view(number: $0) }) else { continue }
                    _ = try view.body.withUnsafeBytes { body in
                        try store.putViews(
                            [IncomingView(account: touched.account, touch: touched.touch, body: body, runs: nil)])
                    }
                }
            }
        }

        func find(_ phone: String) throws -> [String] {
            guard let index = made.withLock({ $0 }) else { return [] }
            return try readings.store.read { try index.accounts(phone, limit: 5, StoreRead(reader: $0)) }
        }
    }

    @Test func whileViewsWaitTheTableIsKept() throws {
        let scene = try Scene()
        try scene.run(1)
        try scene.state("13800000001", of: "1")
        #expect(try scene.find("13800000001") == ["1"] && scene.tables == 1)
        #expect(try scene.find("13800000002") == [] && scene.tables == 1)

        try scene.run(1)
        try scene.state("13800000002", of: "2")
        try scene.leave(waiting: true)
        for _ in 0..<3 { #expect(try scene.find("13800000002") == []) }
        #expect(try scene.find("13800000001") == ["1"])
        // What is found stands in the view now: one that changed is not told.
        try scene.state("13800000003", of: "1")
        #expect(try scene.find("13800000001") == [] && scene.tables == 1)
        scene.pass(29)
        #expect(try scene.find("13800000002") == [] && scene.tables == 1)
        scene.pass(1)
        #expect(try scene.find("13800000002") == ["2"] && scene.find("13800000003") == ["1"] && scene.tables == 2)
        #expect(try scene.find("13800000001") == [] && scene.tables == 2)

        // When none waits any more it is made once, at once.
        try scene.state("13800000004", of: "2")
        #expect(try scene.find("13800000004") == [] && scene.tables == 2)
        try scene.leave(waiting: false)
        #expect(try scene.find("13800000004") == ["2"] && scene.find("13800000002") == [] && scene.tables == 3)
        try scene.run(0)
        #expect(try scene.find("13800000004") == ["2"] && scene.tables == 3)
    }

    @Test func oneMakesItAndTheOthersGoOn() async throws {
        let scene = try Scene()
        try scene.run(1)
        try scene.state("13800000001", of: "1")
        #expect(try scene.find("13800000001") == ["1"])
        try scene.run(1)
        try scene.state("13800000002", of: "2")
        func search() -> Task<[String], any Error> {
            Task {
                try await withCheckedThrowingContinuation { done in
                    Thread.detachNewThread { done.resume(with: Result { try scene.find("13800000002") }) }
                }
            }
        }
        let first = scene.whileHeldUp {
            let first = search()
            while scene.tables < 2 { Thread.sleep(forTimeInterval: 0.002) }
            // The table is being made, and nobody waits for it.
            #expect((try? scene.find("13800000001")) == ["1"] && (try? scene.find("13800000002")) == [])
            return first
        }
        #expect(try await first.value == ["2"])
        #expect(try scene.find("13800000002") == ["2"] && scene.tables == 2)
    }
}
