import Foundation
import HearthTesting
import HeatModel
import PostgresStore
import Store
import Synchronization
import TestTraits
import Testing

/// Several machines over one database, each a store of its own.
@Suite(.waitsForServers, .enabled(if: PostgresServer.isInstalled)) struct ManyWritersTests {
    private static func owner(_ number: Int32) -> LeaseOwner {
        LeaseOwner(host: "machine \(number)", process: number, processStart: 1)
    }

    private static let workers = 4

    /// Runs a body on each machine, on a thread of its own.
    private func onEach(_ dsn: String, _ body: @escaping @Sendable (PostgresStore, Int32) throws -> Void) async {
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<Int32(Self.workers) {
                group.addTask {
                    await Elsewhere.run {
                        try body(PostgresStore(conninfo: dsn), number)
                        return true
                    } ?? false
                }
            }
            for await isWell in group { #expect(isWell) }
        }
    }

    /// Syncs of different streams beside each other: each record, account, run and position is there once, whoever wrote it.
    @Test func streamsAreWrittenBesideEachOther() async throws {
        let dsn = try PostgresServer.shared().createDatabase().dsn
        let at = Instant(microseconds: 1_763_200_000_000_000, offsetMinutes: 480)
        await onEach(dsn) { store, number in
            let (stream, lease, run, origin) = try store.write { store in
                let stream = try store.stream(named: "system.stream\(number)", entity: .charge)
                let lease = try store.takeLease(stream: stream, owner: Self.owner(number)) { _ in true }
                let run = try store.beginRun(stream: stream, mode: "full", mappingVersion: "1", at: at)
                let origin = try store.beginOrigin(
                    IncomingOrigin(
                        stream: stream, run: run, kind: "file", name: "a", digest: nil, byteCount: nil,
                        isSnapshot: false,
                        columns: ["id"]))
                return (stream, lease, run, origin)
            }
            for batch in 0..<10 {
                try store.write { store in
                    try store.check(lease)
                    let text = Array("{\"due_fen\":\(batch)}".utf8)
                    try text.withUnsafeBytes { text in
                        // The same accounts come from every stream.
                        let numbers = (0..<20).map { Array("\(1000 + batch * 20 + $0)".utf8) }
                        let accounts = try numbers.map { number in
                            try number.withUnsafeBytes { try store.introduceAccount(number: $0, run: run) }
                        }
                        for (index, account) in accounts.enumerated() {
                            let applied = try numbers[index].withUnsafeBytes { key in
                                try store.insert(
                                    IncomingRecord(
                                        stream: stream, key: key, account: account, rule: .accountNumber,
                                        hash: ContentHash(1, 2), body: text, raw: text, run: run, origin: origin,
                                        ordinal: Int64(index), isVoided: false))
                            }
                            #expect(applied != nil)
                        }
                        try store.touch(
                            accounts.sorted().map { TouchedRecords(account: $0, kinds: .inserted) }, entity: .charge,
                            run: run)
                        try store.addTotals(stream: stream, records: 20, sums: [("due_fen", 20, Int64(20 * batch))])
                    }
                }
            }
            try store.write { store in
                try store.endRun(run, state: .success, at: at, error: nil, totals: [])
                try store.dropLease(lease)
            }
        }
        let store = try PostgresStore(conninfo: dsn)
        try store.read { store in
            #expect(try store.accountCount() == 200)
            #expect(try store.readEverything() == Int64(Self.workers * 200))
            let changes = try store.changes(after: .start, limit: .max)
            #expect(changes.map(\.position.number) == Array(1...Int64(Self.workers * 200)))
            #expect(Set(changes.map { "\($0.account) \($0.run!)" }).count == changes.count)
            #expect(try store.runs(stream: nil, limit: 9).map(\.state) == [.success, .success, .success, .success])
            #expect(try store.runs(stream: nil, limit: 9).compactMap(\.settled).count == Self.workers)
            #expect(try store.touchedCount() == 200)
        }
    }

    /// Workers of several machines take actions: each is sent once, by one of them.
    @Test func anActionHasOneSender() async throws {
        let dsn = try PostgresServer.shared().createDatabase().dsn
        let store = try PostgresStore(conninfo: dsn)
        let count = 60
        try store.write { store in
            for number in 0..<count {
                _ = try store.accept(
                    IncomingAction(
                        system: "dispatch", kind: "k", account: "\(number)", caller: "c", key: "\(number)",
                        fingerprint: [1],
                        reference: "r\(number)", payload: []), answerWithin: 10)
            }
        }
        let sent = Mutex<[String]>([])
        await onEach(dsn) { store, number in
            while true {
                let claim = try store.write {
                    try $0.claimAction(systems: ["dispatch"], owner: Self.owner(number), seconds: 60) { _ in true }
                }
                guard let claim else { return }
                let attempt = try store.write { try $0.beginAttempt(claim, .send) }
                sent.withLock { $0.append(claim.action.request.reference) }
                _ = try store.write {
                    try $0.settle(
                        claim, attempt: attempt, result: "confirmed", detail: nil, message: nil,
                        .confirmed(externalID: nil))
                }
            }
        }
        let references = sent.withLock { $0 }
        #expect(references.count == count && Set(references).count == count)
    }

    /// Failed attempts count over all machines: no more are allowed than one machine would allow.
    @Test func attemptsCountOverAllMachines() async throws {
        let dsn = try PostgresServer.shared().createDatabase().dsn
        let allowed = Mutex(0)
        await onEach(dsn) { store, _ in
            for _ in 0..<10 {
                let isAllowed = try store.write { store in
                    let limit = AttemptLimit(most: 5, seconds: 100_000)
                    if try store.attemptWait("account 1", limit) != nil { return false }
                    try store.countAttempt("account 1", limit)
                    return true
                }
                if isAllowed { allowed.withLock { $0 += 1 } }
            }
        }
        #expect(allowed.withLock { $0 } == 5)
    }

    /// A worker that stood still while another machine took its stream over commits nothing more.
    @Test func aPausedWorkerCommitsNothing() throws {
        let dsn = try PostgresServer.shared().createDatabase().dsn
        let clock = Mutex<Int64>(1_763_200_000_000_000)
        let (one, other) = (
            try PostgresStore(conninfo: dsn, clock: { clock.withLock { $0 } }),
            try PostgresStore(conninfo: dsn, clock: { clock.withLock { $0 } })
        )
        let (stream, lease) = try one.write { store in
            let stream = try store.stream(named: "a.b", entity: .charge)
            return (stream, try store.takeLease(stream: stream, owner: Self.owner(1)) { _ in true })
        }
        clock.withLock { $0 += Lease.seconds * 1_000_000 }
        _ = try other.write { try $0.takeLease(stream: stream, owner: Self.owner(2)) { _ in true } }
        var code: String?
        do {
            try one.write { store in
                try store.setSetting("name", "too late")
                try store.check(lease)
            }
        } catch let error as HearthError { code = error.code.name }
        #expect(code == "run.fenced")
        #expect(try other.read { try $0.setting("name") } == nil)
    }

    /// Without a clock of its own a store goes by the server's: what one machine leases, another sees expire at the same moment.
    @Test func timeIsTheServers() throws {
        let database = try PostgresServer.shared().createDatabase()
        let store = try PostgresStore(conninfo: database.dsn)
        try store.write { store in
            let stream = try store.stream(named: "a.b", entity: .charge)
            _ = try store.takeLease(stream: stream, owner: Self.owner(1)) { _ in true }
        }
        let left = try database.execute(
            "SELECT (expires_us - extract(epoch FROM clock_timestamp()) * 1000000)::bigint FROM lease")
        let microseconds = try #require(left.first?.first?.flatMap { Int64($0) })
        #expect(microseconds > 0 && microseconds <= Lease.seconds * 1_000_000)
    }
}
