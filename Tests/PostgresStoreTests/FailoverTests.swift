import Foundation
import HearthTesting
import HeatModel
import PostgresStore
import Store
import Synchronization
import TestTraits
import Testing

/// Two gateways over a primary and its replica, under load, while one server after the other fails.
///
/// `HEARTH_HEAVY_TESTS=1` has thirty fail, `HEARTH_FAILURES` another number, `HEARTH_SEED` others.
@Suite(.waitsForServers, .enabled(if: PostgresServer.isInstalled), .serialized) struct FailoverTests {
    private enum Failure: CaseIterable {
        case primaryKilled, primaryPaused, replicaKilled, replicaPaused
    }

    private static let environment = ProcessInfo.processInfo.environment
    private static let count =
        environment["HEARTH_FAILURES"].flatMap { Int($0) } ?? (environment["HEARTH_HEAVY_TESTS"] != nil ? 30 : 3)

    @Test func nothingAcknowledgedIsLost() async throws {
        var seeds = SeededGenerator(seed: Self.environment["HEARTH_SEED"].flatMap { UInt64($0) } ?? 17)
        let cluster = try PostgresCluster()
        defer { cluster.stop() }
        let load = try FailoverLoad(cluster)
        let clients = load.start()
        // Of the few, one of each kind that loses a primary.
        var failures: [Failure] = [.primaryKilled, .primaryPaused, .replicaKilled]
        while failures.count < Self.count { failures.append(Failure.allCases.randomElement(using: &seeds)!) }
        do {
            for failure in failures.prefix(Self.count) {
                try await load.advance(writes: 10 + Int.random(in: 0..<20, using: &seeds), reads: 10)
                switch failure {
                case .primaryKilled, .primaryPaused:
                    failure == .primaryKilled ? try cluster.primary.kill() : try cluster.primary.pause()
                    // Reads go on, before anybody takes over.
                    try await load.advance(reads: 20)
                    try cluster.promote()
                case .replicaKilled: try cluster.replica.kill()
                case .replicaPaused: try cluster.replica.pause()
                }
                if failure == .replicaKilled || failure == .replicaPaused { try await load.advance(reads: 20) }
                try cluster.replaceReplica()
            }
            try await load.advance(writes: 20, reads: 20)
        } catch {
            load.end()
            await clients.value
            throw error
        }
        load.end()
        await clients.value
        let found = try load.verify(cluster)
        print("failover: \(failures.prefix(Self.count).count) failures, \(found)")
        #expect(found.lost == 0 && found.doubled == 0 && found.stale == 0 && found.wronglyRefused == 0, "\(found)")
        #expect(found.acknowledged > 0 && found.reads > 0)
    }
}

/// Clients who hold what was acknowledged to them, and the latest state that they saw or wrote.
private final class FailoverLoad: Sendable {
    struct Found: CustomStringConvertible {
        var acknowledged = 0
        var reads = 0
        var lost = 0
        var doubled = 0
        var stale = 0
        /// What was said not to be there, and is.
        var wronglyRefused = 0
        var refused = 0
        var unknown = 0
        var refusedReads = 0

        var description: String {
            """
            \(acknowledged) acknowledged (\(lost) lost, \(doubled) doubled), \(refused) refused (\(wronglyRefused) there), \
            \(unknown) unknown, \(reads) reads (\(stale) stale, \(refusedReads) refused)
            """
        }
    }

    private struct State {
        var counts = Found()
        /// By client.
        var acknowledged: [Int: [Int]] = [:]
        var refused: [Int: [Int]] = [:]
        var isOver = false
        var trouble: String?
    }

    private static let keyed = 3
    private static let plain = 2
    private let gateways: [PostgresStore]
    private let conversations: [ConversationID]
    private let state = Mutex(State())

    init(_ cluster: PostgresCluster) throws {
        let bounds = PostgresStore.Bounds(failover: .seconds(60), silence: .milliseconds(600))
        gateways = try (0..<2).map { _ in
            try PostgresStore(conninfo: cluster.conninfo, replicas: cluster.replicas, bounds: bounds)
        }
        conversations = try gateways[0].write { store in
            try (0..<Self.keyed + Self.plain).map { _ in
                try store.openConversation(
                    account: nil, channel: "phone", language: "zh", isElderly: false, caller: "token:a"
                ).id
            }
        }
    }

    /// Returns when all clients have ended.
    func start() -> Task<Void, Never> {
        Task {
            await withTaskGroup(of: Void.self) { group in
                for client in 0..<Self.keyed + Self.plain {
                    group.addTask { _ = await Elsewhere.run { self.run(client) } }
                }
                for reader in 0..<2 { group.addTask { _ = await Elsewhere.run { self.read(reader) } } }
            }
        }
    }

    func end() { state.withLock { $0.isOver = true } }

    /// Waits until so many more have been acknowledged and answered.
    func advance(writes: Int = 0, reads: Int = 0) async throws {
        let (first, firstReads) = state.withLock { ($0.counts.acknowledged, $0.counts.reads) }
        let deadline = ContinuousClock.now + .seconds(180)
        while true {
            let (now, nowReads, trouble) = state.withLock { ($0.counts.acknowledged, $0.counts.reads, $0.trouble) }
            if now >= first + writes, nowReads >= firstReads + reads { return }
            if trouble != nil || ContinuousClock.now > deadline {
                throw HearthError(
                    .storeFailed, "the clients get no further: \(trouble ?? "\(now - first) writes, \(nowReads - firstReads) reads")")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private var isOver: Bool { state.withLock { $0.isOver } }

    private func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

    // MARK: Clients

    private func add(_ number: Int, of client: Int, _ store: any StoreWriter) throws {
        _ = try store.addTurn(
            Turn(
                number: 0, speaker: .customer, at: Instant(microseconds: 0, offsetMinutes: 0), words: "\(number)",
                caller: "token:\(client)"), to: conversations[client])
        _ = try store.accept(
            IncomingAction(
                system: "dispatch", kind: "k", account: "\(client)", caller: "c\(client)", key: "\(number)",
                fingerprint: [1], reference: "\(client)-\(number)", payload: []), answerWithin: 10)
        try store.setSetting("client.\(client)", "\(number)")
    }

    /// Writes one number after the other, by its key or without one, through one gateway, and reads it through the other.
    private func run(_ client: Int) {
        let isKeyed = client < Self.keyed
        var number = 0
        var seen = StoreState(commit: 0)
        var last = 0
        while !isOver {
            number += 1
            let gateway = gateways[number % 2]
            var isDone = false
            while !isDone, !isOver {
                do {
                    if isKeyed {
                        try gateway.settledWrite { store in
                            if Int(try store.setting("client.\(client)") ?? "0")! >= number { return }
                            try add(number, of: client, store)
                        }
                    } else {
                        try gateway.write { try add(number, of: client, $0) }
                    }
                    seen = max(seen, gateway.written)
                    last = number
                    change { state in
                        state.acknowledged[client, default: []].append(number)
                        state.counts.acknowledged += 1
                    }
                    isDone = true
                } catch let error as HearthError where error.code.area == "store" {
                    if error.code == .storeCommitUnknown { change { $0.counts.unknown += 1 } }
                    let isUnknown = error.code == .storeCommitUnknown
                    if !isUnknown { change { $0.counts.refused += 1 } }
                    // Who has a key asks again; who has none goes by what was said.
                    if !isKeyed {
                        if !isUnknown { change { [number] in $0.refused[client, default: []].append(number) } }
                        isDone = true
                    }
                } catch {
                    change { $0.trouble = "\(error)" }
                    return
                }
            }
            if isDone { look(client, through: gateways[(number + 1) % 2], &seen, atLeast: last) }
        }
    }

    private func look(_ client: Int, through gateway: PostgresStore, _ seen: inout StoreState, atLeast last: Int) {
        do {
            let (value, state) = try gateway.read(at: .replica, notBefore: seen) { store, state in
                (Int(try store.setting("client.\(client)") ?? "0") ?? 0, state)
            }
            let isStale = value < last || state < seen
            seen = max(seen, state)
            change { state in
                state.counts.reads += 1
                if isStale { state.counts.stale += 1 }
            }
        } catch let error as HearthError where error.code.area == "store" {
            change { $0.counts.refusedReads += 1 }
        } catch {
            change { $0.trouble = "\(error)" }
        }
    }

    /// Asks again and again, of both gateways in turn, with the state of the answer before, as an event loop and as a thread does.
    private func read(_ reader: Int) {
        var seen = StoreState(commit: 0)
        var last = 0
        var turn = 0
        while !isOver {
            turn += 1
            let gateway = gateways[turn % 2]
            do {
                let (value, state) = try gateway.read(at: .replica, notBefore: seen) { store, state in
                    (Int(try store.setting("client.\(reader)") ?? "0") ?? 0, state)
                }
                let isStale = value < last || state < seen
                (seen, last) = (max(seen, state), max(last, value))
                change { state in
                    state.counts.reads += 1
                    if isStale { state.counts.stale += 1 }
                }
            } catch let error as HearthError where error.code.area == "store" {
                change { $0.counts.refusedReads += 1 }
            } catch {
                change { $0.trouble = "\(error)" }
                return
            }
            Thread.sleep(forTimeInterval: 0.005)
        }
    }

    // MARK: Afterwards

    func verify(_ cluster: PostgresCluster) throws -> Found {
        let (counts, acknowledged, refused) = state.withLock { ($0.counts, $0.acknowledged, $0.refused) }
        var found = counts
        let store = try PostgresStore(conninfo: cluster.conninfo, mustExist: true)
        for (client, conversation) in conversations.enumerated() {
            let turns = try store.read { try $0.turns(of: conversation, after: 0, limit: .max) }.compactMap { Int($0.words) }
            let there = Set(turns)
            found.doubled += turns.count - there.count
            found.lost += Set(acknowledged[client] ?? []).subtracting(there).count
            found.wronglyRefused += there.intersection(refused[client] ?? []).count
            let actions = try store.read { store in
                try (acknowledged[client] ?? []).filter { try store.action(caller: "c\(client)", key: "\($0)") == nil }
            }
            found.lost += actions.count
        }
        return found
    }
}
