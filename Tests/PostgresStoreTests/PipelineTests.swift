import Dispatch
import Foundation
import HearthTesting
import HeatModel
import PostgresStore
import Store
import Synchronization
import TestTraits
import Testing

/// Views that one loop asks for, many at once: each gets its own, with the state that it belongs to, or is handed back; and the loop goes on
/// whatever the server does.
@Suite(.waitsForServers, .enabled(if: PostgresServer.isInstalled)) struct PipelineTests {
    /// Stands for an event loop.
    private final class Loop: @unchecked Sendable {
        struct Seen: Equatable {
            var commit: Int64
            var run: RunID?
            var body: String?
        }

        let queue = DispatchQueue(label: "loop")
        private var pipeline: (any ViewPipeline)?

        init(_ store: PostgresStore) throws {
            pipeline = try store.makeViewPipeline(at: .primary) { [queue] work in queue.async(execute: work) }
        }

        /// What each is answered, all asked together; nil for what is handed back.
        func ask(_ numbers: [[UInt8]]) async -> [Seen?] {
            await withCheckedContinuation { continuation in
                queue.async { [self] in
                    var answers = [Seen?](repeating: nil, count: numbers.count)
                    var left = numbers.count
                    var times = [Int](repeating: 0, count: numbers.count)
                    for (place, number) in numbers.enumerated() {
                        pipeline?.ask(number: number) { answer in
                            times[place] += 1
                            #expect(times[place] == 1, "answered twice")
                            answers[place] = answer.map { answer in
                                Seen(
                                    commit: answer.state.commit, run: answer.state.run,
                                    body: answer.view.map { String(decoding: $0.body, as: UTF8.self) })
                            }
                            left -= 1
                            if left == 0 { continuation.resume(returning: answers) }
                        }
                    }
                    pipeline?.flush()
                }
            }
        }

        func ask(_ numbers: [String]) async -> [Seen?] { await ask(numbers.map { Array($0.utf8) }) }

        /// Asks until it is answered: a connection is made beside the loop.
        func answer(_ number: String) async throws -> Seen {
            let deadline = ContinuousClock.now + .seconds(120)
            while ContinuousClock.now < deadline {
                if let seen = await ask([number])[0] { return seen }
                try await Task.sleep(for: .milliseconds(20))
            }
            throw HearthError(.init("test.late"), "no answer")
        }

        func end() async {
            await withCheckedContinuation { continuation in
                queue.async { [self] in
                    pipeline = nil
                    continuation.resume()
                }
            }
        }
    }

    private static let at = Instant(microseconds: 1_763_200_000_000_000, offsetMinutes: 480)

    private static func body(_ number: String, _ mark: String = "") -> String {
        "{\"account_number\":\"\(number)\",\"community\":\"桃源公寓\",\"mark\":\"\(mark)\",\"bills\":["
            + (0..<12).map {
                "{\"season\":\"20\(10 + $0)\",\"due_fen\":\(($0 + 1) * 4711 + (Int(number) ?? 0)),\"paid\":true}"
            }
            .joined(separator: ",") + "]}"
    }

    private static func number(_ place: Int) -> String { "\(10_000_000 + place)" }

    private func put(_ bodies: [(AccountID, String)], in store: any StoreWriter, touches: [Int64?]? = nil) throws {
        let bytes = bodies.map { Array($0.1.utf8) }
        let all = bytes.flatMap { $0 }
        try all.withUnsafeBytes { all in
            var start = 0
            let views = bytes.indices.map { place in
                defer { start += bytes[place].count }
                return IncomingView(
                    account: bodies[place].0, touch: touches?[place],
                    body: UnsafeRawBufferPointer(rebasing: all[start..<start + bytes[place].count]), runs: nil)
            }
            _ = try store.putViews(views)
        }
    }

    /// Accounts with their views.
    @discardableResult
    private func fill(_ store: PostgresStore, _ count: Int, mark: String = "") throws -> [AccountID] {
        try store.write { store in
            let stream = try store.stream(named: "a.b", entity: .charge)
            let run = try store.beginRun(stream: stream, mode: "full", mappingVersion: "1", at: Self.at)
            let accounts = try (0..<count).map { place in
                try Array(Self.number(place).utf8).withUnsafeBytes { try store.introduceAccount(number: $0, run: run) }
            }
            try put(zip(accounts, 0..<count).map { ($0, Self.body(Self.number($1), mark)) }, in: store)
            try store.endRun(run, state: .success, at: Self.at, error: nil, totals: [])
            return accounts
        }
    }

    @Test func eachOfManyGetsItsOwn() async throws {
        let database = try PostgresServer.shared().createDatabase()
        let store = try PostgresStore(conninfo: database.dsn)
        try fill(store, 1)
        let loop = try Loop(store)
        _ = try await loop.answer(Self.number(0))
        // What packs them is made after the connection.
        try fill(store, 400)
        #expect(try database.execute("SELECT count(*) > 0 FROM packing") == [["t"]])
        let hostile: [[UInt8]] = [
            [], [0], Array("1'; DROP TABLE account; --".utf8), [0xFF, 0xFE], Array(repeating: 0x31, count: 20_000),
            Array("{NULL}".utf8),
        ]
        let numbers = (0..<400).map { Array(Self.number($0 * 7 % 400).utf8) }
        let seen = await loop.ask(numbers + hostile + [numbers[3], numbers[3]])
        for place in 0..<400 {
            let number = Self.number(place * 7 % 400)
            #expect(seen[place]?.body == Self.body(number), "\(number)")
        }
        for place in 400..<406 { #expect(seen[place] != nil && seen[place]?.body == nil, "nobody has number \(place)") }
        #expect(seen[406] == seen[3] && seen[407] == seen[3])
        #expect(seen.allSatisfy { $0?.commit == store.written.commit && $0?.run == RunID(2) })
        await loop.end()
    }

    /// While views are written again and again.
    @Test func aViewStandsBesideItsState() async throws {
        let store = try PostgresStore(conninfo: PostgresServer.shared().createDatabase().dsn)
        let accounts = try fill(store, 20, mark: "0")
        let loop = try Loop(store)
        _ = try await loop.answer(Self.number(0))
        let marks = Mutex([store.written.commit: "0"])
        let isDone = Atomic(false)
        async let written = Elsewhere.run {
            defer { isDone.store(true, ordering: .releasing) }
            for mark in 1...60 {
                try store.write { store in
                    try put(zip(accounts, 0..<20).map { ($0, Self.body(Self.number($1), "\(mark)")) }, in: store)
                }
                marks.withLock { $0[store.written.commit] = "\(mark)" }
            }
            return true
        }
        var all: [(place: Int, seen: Loop.Seen)] = []
        while !isDone.load(ordering: .acquiring) {
            let places = (0..<20).map { _ in Int.random(in: 0..<20) }
            for (place, seen) in zip(places, await loop.ask(places.map(Self.number))) {
                if let seen { all.append((place, seen)) }
            }
        }
        #expect(await written == true)
        #expect(Set(all.map(\.seen.commit)).count > 5, "it was looked while it was written")
        let known = marks.withLock { $0 }
        for (place, seen) in all {
            let mark = try #require(known[seen.commit], "a state that was never committed: \(seen.commit)")
            #expect(seen.body == Self.body(Self.number(place), mark), "the state is another's")
        }
        await loop.end()
    }

    /// A row that the server cannot read is handed back alone.
    @Test func aFaultIsOnesOwn() async throws {
        let database = try PostgresServer.shared().createDatabase()
        let store = try PostgresStore(conninfo: database.dsn)
        let accounts = try fill(store, 10)
        let loop = try Loop(store)
        _ = try await loop.answer(Self.number(0))
        try database.execute(
            """
            ALTER TABLE account_view RENAME TO kept;
            CREATE VIEW account_view AS SELECT account_id, packed, settled_us,
                CASE WHEN account_id = \(accounts[4].number) THEN packing_id / (account_id - \(accounts[4].number)) ELSE packing_id END AS packing_id
                FROM kept
            """)
        for _ in 0..<3 {
            let seen = await loop.ask((0..<10).map(Self.number))
            for place in 0..<10 {
                #expect(seen[place]?.body == (place == 4 ? nil : Self.body(Self.number(place))), "\(place)")
                if place == 4 { #expect(seen[4] == nil, "it is handed back") }
            }
        }
        await loop.end()
    }

    @Test func aLostConnectionIsMadeAnew() async throws {
        let database = try PostgresServer.shared().createDatabase()
        let store = try PostgresStore(conninfo: database.dsn)
        try fill(store, 10)
        let loop = try Loop(store)
        for _ in 0..<5 {
            #expect(try await loop.answer(Self.number(3)).body == Self.body(Self.number(3)))
            try database.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            // Handed back or answered, each once.
            let seen = await loop.ask((0..<10).map(Self.number))
            for place in 0..<10 where seen[place] != nil { #expect(seen[place]?.body == Self.body(Self.number(place))) }
        }
        await loop.end()
    }

    /// A server that stands still answers nothing and closes nothing.
    @Test func aServerThatStandsStillHoldsNoLoop() async throws {
        let server = try PostgresServer()
        defer { server.stop() }
        try server.execute("CREATE DATABASE kept")
        let store = try PostgresStore(
            conninfo: server.dsn(database: "kept"), bounds: .init(silence: .seconds(4)))
        try fill(store, 10)
        let loop = try Loop(store)
        _ = try await loop.answer(Self.number(0))
        try server.pause()
        let begun = ContinuousClock.now
        let longest = Mutex(Duration.zero)
        let isOver = Atomic(false)
        async let ticks: Void = {
            while !isOver.load(ordering: .relaxed) {
                let asked = ContinuousClock.now
                await withCheckedContinuation { continuation in loop.queue.async { continuation.resume() } }
                longest.withLock { $0 = max($0, .now - asked) }
                try? await Task.sleep(for: .milliseconds(5))
            }
        }()
        let first = await loop.ask((0..<10).map(Self.number))
        #expect(first.allSatisfy { $0 == nil }, "they are handed back")
        let second = await loop.ask([Self.number(1)])
        #expect(second == [nil])
        #expect(ContinuousClock.now - begun < .seconds(60))
        isOver.store(true, ordering: .relaxed)
        await ticks
        #expect(longest.withLock { $0 } < .seconds(2), "the loop was held for \(longest.withLock { $0 })")
        try server.goOn()
        #expect(try await loop.answer(Self.number(2)).body == Self.body(Self.number(2)))
        await loop.end()
    }

    // MARK: The run that is named

    /// A run is named when the views of all that it changed are there, and not before.
    @Test func aRunIsNamedWithItsViews() async throws {
        let database = try PostgresServer.shared().createDatabase()
        let store = try PostgresStore(conninfo: database.dsn)
        let accounts = try fill(store, 6)
        let loop = try Loop(store)
        func named() async throws -> RunID? {
            let run = try store.read(at: .primary, notBefore: store.written) { $1.run }
            #expect(try await loop.answer(Self.number(0)).run == run)
            return run
        }
        func change(_ changed: [AccountID]) throws -> RunID {
            try store.write { store in
                let stream = try store.stream(named: "a.b", entity: .charge)
                let run = try store.beginRun(stream: stream, mode: "full", mappingVersion: "1", at: Self.at)
                try store.touch(changed.map { TouchedRecords(account: $0, kinds: .changed) }, entity: .charge, run: run)
                try store.endRun(run, state: .success, at: Self.at, error: nil, totals: [])
                return run
            }
        }
        func build(_ most: Int) throws {
            try store.write { store in
                let touched = try store.touchedAccounts(after: nil, limit: most)
                try put(touched.map { ($0.account, "{}") }, in: store, touches: touched.map(\.touch))
            }
        }
        #expect(try await named() == RunID(1))
        let second = try change(accounts)
        #expect(try await named() == RunID(1))
        try build(4)
        #expect(try await named() == RunID(1), "two views are still those of before")
        // Another run ends meanwhile, and changes nothing: the views do not show all of the second.
        let third = try change([])
        #expect(try await named() == RunID(1))
        try build(9)
        #expect(try await named() == third && third > second)
        let fourth = try change([])
        #expect(try await named() == fourth, "there is nothing to build")
        _ = try change([accounts[0]])
        #expect(try await named() == fourth)
        await loop.end()
    }
}
