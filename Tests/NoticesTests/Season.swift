import AccountView
import Evidence
import Explanation
import Foundation
import HearthTesting
import HeatModel
import SQLiteStore
import Store
import Synchronization
import Testing

@testable import Actions
@testable import Notices

final class Folder: Sendable {
    static let repository = #filePath.components(separatedBy: "/Tests/")[0]
    let path: String
    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("notices-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A season of accounts, each with a bill, a day until when it must be paid, and the moment at which it is paid, if ever. It knows
/// nothing of rules, views or stores: what it says is what the simulation is held against.
struct Season: Sendable {
    struct Account: Sendable {
        var number: String
        var due: CivilDate
        var fen: Int64
        var paidAt: Int64?
        /// A first part of it, paid before.
        var partAt: Int64?
        var phones: [String]
        var hasOptedOut: Bool
        var person: String { phones.first { $0.hasPrefix("1") } ?? phones.first ?? "account:" + number }
    }

    static let name = "2026-2027"
    let accounts: [Account]
    let clock: CompanyClock

    /// The first and the last day on which anything is due.
    /// Whoever opts out does so for all their homes.
    var optedOut: Set<String> { Set(accounts.filter(\.hasOptedOut).map(\.person)) }

    var first: CivilDate { accounts.map(\.due).min() ?? CivilDate(dayNumber: 0) }
    var last: CivilDate { accounts.map(\.due).max() ?? CivilDate(dayNumber: 0) }

    init(_ count: Int, seed: UInt64, zone: TimeZone) throws {
        let clock = CompanyClock(zone: zone, present: { 0 })
        self.clock = clock
        var random = SeededGenerator(seed: seed)
        let base = try #require(CivilDate(year: 2026, month: 12, day: 28))
        var accounts: [Account] = []
        var phone = ""
        for index in 0..<count {
            let due = base.adding(days: Int(random.next() % 5))
            // One person has several flats now and then.
            if phone.isEmpty || random.next() % 5 != 0 { phone = "138" + String(10_000_000 + index) }
            func at(_ daysBefore: Int, _ seconds: Int64) -> Int64 {
                clock.instant(due.adding(days: -daysBefore), minute: 0).microseconds + seconds * 1_000_000
            }
            let paidAt: Int64?
            switch random.next() % 10 {
            // Around the very time of telling, on the two days.
            case 0: paidAt = at(3, 9 * 3600 - 30 + Int64(random.next() % 900))
            case 1: paidAt = at(0, 9 * 3600 - 30 + Int64(random.next() % 900))
            // Some time before, between and after.
            case 2...4: paidAt = at(6, Int64(random.next() % (9 * 86_400)))
            // In the second in which it is told.
            case 5: paidAt = at(random.next() % 2 == 0 ? 3 : 0, 9 * 3600)
            default: paidAt = nil
            }
            var phones = [phone]
            switch random.next() % 20 {
            case 0: phones = []
            case 1: phones = ["022\(88_000_000 + index)", phone]
            case 2: phones = ["022\(88_000_000 + index)"]
            default: break
            }
            accounts.append(
                Account(
                    number: String(20_000_000 + index), due: due, fen: 100_00 + Int64(random.next() % 400_000),
                    paidAt: paidAt, partAt: random.next() % 8 == 0 ? at(7, 100) : nil, phones: phones,
                    hasOptedOut: random.next() % 25 == 0))
        }
        self.accounts = accounts
    }

    /// The account's view as of a moment.
    static func view(_ account: Account, at now: Int64) -> [UInt8] {
        let part = account.partAt.map { $0 <= now } ?? false ? account.fen / 3 : 0
        let rest = account.paidAt.map { $0 <= now } ?? false ? account.fen - part : 0
        let received = part + rest
        func payment(_ key: String, _ fen: Int64, _ at: Int64) -> String {
            "{\"source\":\"billing.payments\",\"key\":\"\(key)\",\"season\":\"\(name)\",\"paid_at\":\"\(Instant(microseconds: at, offsetMinutes: 480))\",\"amount_fen\":\(fen),\"reconciled\":\(at % 2 == 0)}"
        }
        var payments: [String] = []
        if part > 0, let at = account.partAt { payments.append(payment("p1", part, at)) }
        if rest > 0, let at = account.paidAt { payments.append(payment("p2", rest, at)) }
        // Of what the bank's file has not brought yet the lines know nothing.
        let posted = received
        return Array(
            """
            {"account_number":"\(account.number)","facts":{"class":"resident","city":"天津市","community":"阳光花园","building":"3","unit":"2","room":"501","holder_phones":[\(account.phones.map { "\"\($0)\"" }.joined(separator: ","))]},"charges":[{"source":"billing.charges","key":"c1","season":"\(name)","item":"heatByArea","due_fen":\(account.fen),"received_fen":\(posted),"arrears_fen":\(account.fen - posted),"due_on":"\(account.due)"}],"payments":[\(payments.joined(separator: ","))],"work_orders":[]}
            """.utf8)
    }
}

/// What waits for tasks must not hold a thread that tasks need.
func onThread(_ body: @escaping @Sendable () throws -> Void) async throws {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
}

/// A simulated present, in microseconds since 1970.
final class Time: Sendable {
    private let value: Mutex<Int64>
    init(_ microseconds: Int64) { value = Mutex(microseconds) }
    var now: Int64 { value.withLock { $0 } }
    func set(_ microseconds: Int64) { value.withLock { $0 = max($0, microseconds) } }
    func pass(_ microseconds: Int64) { value.withLock { $0 += microseconds } }
}

/// What ends a process at an instant: nothing after it is done, and what was committed stays.
struct Killed: Error {}

/// A store that ends its process before or after a transaction, now and then.
final class MortalStore: Store {
    let store: SQLiteStore
    private let random: Mutex<SeededGenerator>
    /// One transaction in so many ends the process; 0 for none.
    private let oneIn: UInt64
    let kills = Mutex(0)

    init(_ store: SQLiteStore, seed: UInt64, oneIn: UInt64) {
        self.store = store
        random = Mutex(SeededGenerator(seed: seed))
        self.oneIn = oneIn
    }

    private func mayDie() throws {
        guard oneIn > 0, random.withLock({ $0.next() % (oneIn * 2) == 0 }) else { return }
        kills.withLock { $0 += 1 }
        throw Killed()
    }

    func write<Result>(_ body: (any StoreWriter) throws -> Result) throws -> Result {
        try mayDie()
        let result = try store.write(body)
        try mayDie()
        return result
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

/// A gateway of short messages that keeps what it delivered, and misbehaves: answers that are lost after they took effect, requests that
/// are lost, errors of both kinds, refusals.
final class Gateway: ActionSink {
    struct Delivery: Sendable {
        var account: String
        var rule: String
        var reference: String
        var phone: String?
        var at: Int64
        var text: String
    }

    struct State {
        var random: SeededGenerator
        var delivered: [Delivery] = []
        /// What its receipts show, and from when on.
        var shown: [String: Int64] = [:]
        var refused: Set<String> = []
        var calls = 0
        var probes = 0
        /// Asked to send while an earlier request with the same reference had been delivered.
        var repeats = 0
    }

    let kinds: Set<ActionKind> = [.sendNotice]
    let longestCall = 10
    let state: Mutex<State>
    let time: Time
    /// Requests in a hundred that go wrong.
    let wrong: UInt64
    /// Whether it refuses whatever it is asked.
    let refuses = Mutex(false)
    /// Is told of each request before it is followed.
    let onSend: @Sendable (String) -> Void

    init(time: Time, seed: UInt64, wrong: UInt64, onSend: @escaping @Sendable (String) -> Void = { _ in }) {
        self.time = time
        self.wrong = wrong
        self.onSend = onSend
        state = Mutex(State(random: SeededGenerator(seed: seed)))
    }

    private static func error(_ message: String) -> HearthError { HearthError(.sourceTimeout, message) }

    func send(_ letter: ActionLetter) -> SendOutcome {
        let (account, now) = (letter.values["account"] ?? "", time.now)
        onSend(account)
        let outcome: SendOutcome = state.withLock { state in
            state.calls += 1
            if refuses.withLock({ $0 }) { return .refused(words: "43101") }
            if state.shown[letter.reference] != nil { state.repeats += 1 }
            func deliver(lag: Int64) {
                state.delivered.append(
                    Delivery(
                        account: account, rule: letter.values["rule"] ?? "", reference: letter.reference,
                        phone: letter.values["phone"], at: now, text: letter.values["text"] ?? ""))
                state.shown[letter.reference] = now + lag
            }
            let lag = Int64(state.random.next() % 90) * 1_000_000
            if state.random.next() % 100 >= wrong {
                deliver(lag: lag)
                return .confirmed(id: "B\(state.calls)", words: nil)
            }
            switch state.random.next() % 6 {
            case 0, 1:
                deliver(lag: lag)
                return .unclear(Self.error("no answer in time"))
            case 2: return .unclear(Self.error("no answer in time"))
            case 3:
                deliver(lag: lag)
                return .unclear(Self.error("HTTP status 502"))
            case 4: return .notSent(Self.error("no connection"))
            default:
                state.refused.insert("\(letter.values["rule"] ?? "")/\(account)")
                return .refused(words: "isv.MOBILE_NUMBER_ILLEGAL")
            }
        }
        time.pass(outcome.isTimeout ? 10_000_000 : 20_000)
        return outcome
    }

    func probe(_ letter: ActionLetter) -> ProbeOutcome {
        defer { time.pass(20_000) }
        return state.withLock { state in
            state.probes += 1
            if state.random.next() % 100 < wrong / 2 { return .failed(Self.error("no answer in time")) }
            if let from = state.shown[letter.reference], from <= time.now { return .found(ids: ["B"]) }
            return .absent(asOf: nil)
        }
    }
}

extension SendOutcome {
    var isTimeout: Bool { if case .unclear(let error) = self { error.message.contains("time") } else { false } }
}
